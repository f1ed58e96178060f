"""Outputs read from the topics for receipts: all entries before some positions, or the bytes of one output.

Of each position the first output counts, as in the log. Whatever does not belong in the topics ends the reading: it is
the replay that says what it is.
"""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final, NamedTuple

from audit.findings import PartitionReach, ReplayReport
from audit.outputs import Output, OutputReader
from audit.topic_reader import TopicReader, TopicRecord
from infra.settings import Settings
from infra.topics import ENTRIES, REJECTED
from ledger.facts import Millis
from proofs.errors import NotValid
from schemas.codec import Codec
from schemas.registry import SchemaIds
from schemas.stored import StoredEntry
from schemas.upcast import make_canonical_form
from schemas.wire import locate_datum
from seals.leaves import hash_output
from seals.outputs import RECORD_NAMES, AppendedRecord, NoOutput, PartReader

NO_END: Final = 1 << 62
CLOCKS_APART: Final[Millis] = 3_600_000  # by so much may the clocks of two brokers differ
ASK_REPLAY: Final = "`disruptions audit replay` says what it is"


class OutputBytes(NamedTuple):
    """One output as the log takes it: its topic, the canonical form of the schema that wrote it, its datums."""

    topic: str
    event_id: str
    schema: str
    fingerprint: str
    records: tuple[bytes, ...]

    def hash_leaf(self) -> bytes:
        """Hash the leaf of the log that it is."""
        return hash_output(self.topic, self.fingerprint, self.records)


class SealedTopics:
    """The two topics of outputs, read with the ids of one registry."""

    def __init__(self, settings: Settings, ids: SchemaIds) -> None:
        self._ids = ids
        self._codec = Codec(ids)
        self._parts = PartReader(self._codec)
        self._readers = {topic: TopicReader(settings, topic) for topic in (ENTRIES, REJECTED)}

    def close(self) -> None:
        """Give the connections back."""
        for reader in self._readers.values():
            reader.close()

    def read_entries(self, positions: Sequence[int]) -> Iterator[StoredEntry]:
        """Read every entry before these positions, partition after partition, each in order.

        Raises:
            NotValid: something in the topics does not belong there.
            Unavailable: the broker or the registry did not answer.
        """
        for partition, end in enumerate(positions):
            report = ReplayReport(limit=0, known_at="")
            rejected = {one.offset for one in self._read_topic(REJECTED, partition, end, report)}
            for one in self._read_topic(ENTRIES, partition, end, report):
                if one.offset in rejected:
                    raise NotValid(f"{partition}:{one.offset} has an entry and a rejection: {ASK_REPLAY}")
                if isinstance(one.held, StoredEntry):
                    yield one.held
            if not report.agrees:
                kinds = ", ".join(sorted(report.differences))
                raise NotValid(f"partition {partition} holds what does not belong there ({kinds}): {ASK_REPLAY}")

    def find_output(self, partition: int, offset: int, learnt_at: Millis) -> OutputBytes:
        """Find the first whole output of a position.

        Args:
            partition: of ``soc.published``.
            offset: its place there.
            learnt_at: the ledger time of the event: its output was appended later.

        Raises:
            NotValid: there is none.
            Unavailable: the broker or the registry did not answer.
        """
        for topic, reader in self._readers.items():
            low, end = reader.find_bounds(partition)
            since = reader.find_offset(partition, learnt_at - CLOCKS_APART, end)
            for first in (max(since, low), low):
                found = self._find_parts(topic, partition, offset, reader.read_records(partition, first, end))
                if found:
                    return self._join_bytes(topic, found)
        raise NotValid(f"{partition}:{offset} has no output in soc.entries or soc.rejected")

    def _find_parts(self, topic: str, partition: int, offset: int, records: Iterator[TopicRecord]) -> list[TopicRecord]:
        """Find the records of the first whole output of a position; none where there is none."""
        found: list[TopicRecord] = []
        for record in records:
            part = self._parts.read_part(make_appended_record(topic, partition, record))
            if not isinstance(part, NoOutput) and (part.offset, part.part) == (offset, len(found)):
                found.append(record)
                if len(found) == part.parts:
                    return found
        return []

    def _join_bytes(self, topic: str, records: Sequence[TopicRecord]) -> OutputBytes:
        read = [self._codec.read_output(RECORD_NAMES[topic], one.value, one.headers) for one in records]
        schema = self._ids.find_writer(locate_datum(records[0].value or b"", records[0].headers)[0])
        event_id = read[0].record["event_id"] or ""
        datums = tuple(one.datum for one in read)
        return OutputBytes(topic, event_id, make_canonical_form(schema), read[0].fingerprint, datums)

    def _read_topic(self, topic: str, partition: int, end: int, report: ReplayReport) -> Iterator[Output]:
        reader = self._readers[topic]
        records = reader.read_records(partition, *reader.find_bounds(partition))
        outputs = OutputReader(topic, self._codec, PartitionReach(partition=partition), NO_END, report)
        return takewhile(lambda one: one.offset < end, outputs.read_outputs(records))


def make_appended_record(topic: str, partition: int, record: TopicRecord) -> AppendedRecord:
    """Make a record as the log reads it."""
    return AppendedRecord(topic, partition, record.offset, record.appended_at, record.value, record.headers)
