"""A partition of the ledger in memory: what was published, and what a faithful stream makes of it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from audit.compare import PartitionComparison, SettledPosition
from audit.findings import PartitionReach, ReplayReport
from audit.fold import PartitionFold
from audit.outputs import Output, OutputReader
from audit.proving import ProvenEntry
from audit.queue import OutputQueue
from audit.stored import Walked
from audit.topic_reader import TopicRecord
from infra.partitioning import place_key
from infra.topics import ENTRIES, REJECTED
from ledger.entries import SourceRecord
from ledger.errors import Rejected
from ledger.facts import DisruptionFact, Fact, ThreatFact
from methodology.book import Book
from methodology.judging import judge_event
from methodology.rejection_sentences import Rejection
from schemas.codec import Codec
from schemas.registry import pin_ids
from tests.facts import DAY_MILLIS, NOON, make_disruption, make_threat

PARTITIONS = 4


def make_audited_threat(number: int = 1, **changes: object) -> ThreatFact:
    """A moderated, tactical OCG in drugs, assessed in January 2022."""
    said = {"event_id": str(UUID(int=number)), "entered_at": NOON - DAY_MILLIS}
    return make_threat(**said | changes)


def make_audited_disruption(number: int = 2, **changes: object) -> DisruptionFact:
    """A lead, major, pursue disruption by the Metropolitan Police on 1 June 2022, entered at noon."""
    return make_disruption(**{"event_id": str(UUID(int=number))} | changes)


def find_partition(key: str) -> int:
    """Where Java's default partitioner puts a key."""
    return place_key(key.encode(), PARTITIONS)


@dataclass
class Ledger:
    """The three topics of the partition of threat T-1."""

    codec: Codec = field(default_factory=lambda: Codec(pin_ids()))
    partition: int = find_partition("T-1")
    published: list[TopicRecord] = field(default_factory=list)
    entries: list[TopicRecord] = field(default_factory=list)
    rejected: list[TopicRecord] = field(default_factory=list)
    books: dict[str, Book] = field(default_factory=dict)
    next_offset: int = 0

    def publish(self, fact: Fact) -> None:
        """Append an event; nothing judges it."""
        self._make_source(fact, None)

    def admit(self, fact: Fact, key: str | None = None) -> TopicRecord:
        """Append an event, and its output as a faithful stream writes it."""
        source = self._make_source(fact, key)
        outcome = judge_event(fact, source.key, source.ledger_time, lambda _: True, self._open_book)
        if isinstance(outcome, Rejection):
            return self.append_value(self.rejected, self.codec.encode_rejection(source, *outcome, fact))
        return self.append_value(self.entries, self.codec.encode_entry(source, fact, outcome))

    def refuse_event(self, fact: Fact, code: str) -> TopicRecord:
        """Append an event, and a refusal of it that no rule asks for."""
        return self.append_value(
            self.rejected, self.codec.encode_rejection(self._make_source(fact, None), code, "No.", fact)
        )

    def append_garbage(self) -> TopicRecord:
        """Append a value that is no event, and its refusal."""
        source = self._read_source(TopicRecord(self.next_offset, NOON + self.next_offset, b"T-1", b"garbage", ()))
        with pytest.raises(Rejected) as refusal:
            self.codec.decode(b"garbage")
        return self.append_value(
            self.rejected, self.codec.encode_rejection(source, "UNDECODABLE", refusal.value.sentence, None)
        )

    def place_key(self, key: str) -> int:
        """The partition that a key names."""
        return find_partition(key)

    def _open_book(self, threat_id: str) -> Book:
        return self.books.setdefault(threat_id, Book(threat_id))

    def _make_source(self, fact: Fact, key: str | None) -> SourceRecord:
        value, named = self.codec.encode_fact(fact), (key or fact.threat_id).encode()
        return self._read_source(
            TopicRecord(self.next_offset, NOON + self.next_offset, named, value, (("ce_id", b"1"),))
        )

    def _read_source(self, record: TopicRecord) -> SourceRecord:
        previous = self.published[-1].offset if self.published else -1
        self.published.append(record)
        self.next_offset = record.offset + 1
        with suppress(Rejected):
            self.codec.decode(record.value, record.headers)  # as a stream does: an output says which schema wrote it
        return SourceRecord(self.partition, record.offset, previous, record.appended_at, *record[2:5])

    def append_value(self, topic: list[TopicRecord], value: bytes) -> TopicRecord:
        """Append a value to an output topic."""
        topic.append(TopicRecord(len(topic), NOON, b"T-1", value, ()))
        return topic[-1]

    def audit_partition(
        self, *, judged: int = 0, low: int = 0, limit: int = 20
    ) -> tuple[ReplayReport, list[SettledPosition]]:
        """Replay the partition; what was proven by its bytes is read, too."""
        verdict, walked = self.walk_partition(judged=judged, low=low, limit=limit)
        return verdict, [self.read(one) if isinstance(one, ProvenEntry) else one for one in walked]

    def read(self, proven: ProvenEntry) -> SettledPosition:
        """What was proven, as it is settled where it is not."""
        held = self.codec.decode_entry(proven.value)
        return SettledPosition(Output(proven.offset, ENTRIES, proven.at, held), held)

    def walk_partition(self, *, judged: int = 0, low: int = 0, limit: int = 20) -> tuple[ReplayReport, list[Walked]]:
        """Replay the partition."""
        verdict, reach = ReplayReport(limit=limit, known_at=""), PartitionReach(partition=self.partition)
        verdict.reaches.append(reach)
        comparison = PartitionComparison(
            PartitionFold(self.codec, self.partition, PARTITIONS), reach, verdict, low, judged
        )
        readers = (
            OutputQueue(OutputReader(ENTRIES, self.codec, reach, self.next_offset, verdict), iter(self.entries)),
            OutputQueue(
                OutputReader(REJECTED, self.codec, reach, self.next_offset, verdict),
                iter(self.rejected),
            ),
        )
        published = (record for record in self.published if record.offset >= low)
        return verdict, list(comparison.walk_positions(published, *readers))


@pytest.fixture
def ledger() -> Ledger:
    """An empty partition."""
    return Ledger()


@pytest.fixture
def honest(ledger: Ledger) -> Ledger:
    """A threat, its disruption, a resend of it, and a second version that skips one: three entries and a rejection."""
    ledger.admit(make_audited_threat())
    ledger.admit(make_audited_disruption())
    ledger.admit(make_audited_disruption())
    ledger.admit(make_audited_disruption(3, version=3, change="AMENDED"))
    return ledger


@pytest.fixture
def facts() -> tuple[Callable[..., ThreatFact], Callable[..., DisruptionFact]]:
    """Makers of a threat and of a disruption."""
    return make_audited_threat, make_audited_disruption
