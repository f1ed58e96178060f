"""What a bundle is made of, read from the topics: sealed outputs with all that Kafka held of them, figures, instants.

Of several outputs of one position the one that was sealed is taken, as the log's chain has it; it is known by its leaf.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import Final

from audit.sealed_entries import make_appended_record
from audit.topic_reader import PublishedTopicReader, TopicReader, TopicRecord
from infra.settings import Settings
from infra.topic_admin import count_partitions
from infra.topics import ENTRIES, FIGURES, PUBLISHED, REJECTED
from ledger.errors import Unavailable
from ledger.facts import Millis
from ledger.instants import NANOS_PER_MILLI
from proofs.errors import NotValid
from schemas.codec import Codec
from schemas.figures import decode_figure
from schemas.parts import join_entry
from schemas.registry import SchemaIds
from schemas.stored import StoredOutput
from schemas.upcast import compute_fingerprint
from schemas.wire import Reference, locate_datum
from seals.chain import SealedOutput, SealingChain
from seals.leaves import hash_output
from seals.outputs import NoOutput, OutputPart, PartReader
from services.bundle.outputs import BundledOutput, BundledRecord, WrittenBy
from services.bundle.writing import BundledFigure

MILLIS_PER_SECOND: Final = 1_000
HeldPart = tuple[OutputPart, TopicRecord]


class OutputTopics:
    """The outputs of one ledger.

    Args:
        positions: by partition, the offset before which they are sealed.
    """

    def __init__(self, settings: Settings, ids: SchemaIds, positions: Sequence[int]) -> None:
        self._codec = Codec(ids)
        self._parts = PartReader(self._codec)
        self._ids = ids
        self._positions = positions
        self._readers = {topic: TopicReader(settings, topic) for topic in (ENTRIES, REJECTED)}
        self._written: dict[Reference, WrittenBy] = {}

    def read_partition(self, partition: int) -> Iterator[BundledOutput]:
        """Read the sealed outputs of a partition, in the order of positions.

        Raises:
            NotValid: an entry's parts were written by two schemas.
            Unavailable: the broker did not answer, or outputs that were sealed are gone.
        """
        chain, position = SealingChain(), self._positions[partition]
        waiting: defaultdict[int, list[HeldPart]] = defaultdict(list)
        for topic, record in self._merge_records(partition):
            if chain.position >= position:
                break
            part = self._parts.read_part(make_appended_record(topic, partition, record))
            if not isinstance(part, NoOutput) and chain.covered < part.offset < position:
                chain.add_part(part)
                waiting[part.offset].append((part, record))
                for sealed in chain.follow_links():
                    yield self._make_output(sealed, waiting.pop(sealed.offset))
        if chain.position < position:
            raise Unavailable(
                f"partition {partition}: the output after position {chain.covered} was sealed, and is in the topics no "
                "more: no bundle can be made of what is left"
            )

    def close(self) -> None:
        """Give the connections back."""
        for reader in self._readers.values():
            reader.close()

    def _merge_records(self, partition: int) -> Iterator[tuple[str, TopicRecord]]:
        """Merge the two topics as they were appended."""
        return merge(
            *(self._read_topic(topic, partition) for topic in self._readers), key=lambda one: one[1].appended_at
        )

    def _read_topic(self, topic: str, partition: int) -> Iterator[tuple[str, TopicRecord]]:
        reader = self._readers[topic]
        for record in reader.read_records(partition, *reader.find_bounds(partition)):
            yield topic, record

    def _make_output(self, sealed: SealedOutput, held: Sequence[HeldPart]) -> BundledOutput:
        """Make the output whose leaf was sealed, of all that was found of its position."""
        chosen = choose_sealed(sealed, held)
        first = chosen[0][0]
        if {part.fingerprint for part, _ in chosen} != {first.fingerprint}:
            raise NotValid(f"the entry of position {first.offset} is in parts that two schemas wrote: no file holds it")
        records = tuple(BundledRecord(record, part.datum) for part, record in chosen)
        return BundledOutput(first.topic, self._find_written(chosen[0][1]), records, self._read_content(first, records))

    def _read_content(self, first: OutputPart, records: Sequence[BundledRecord]) -> StoredOutput:
        if first.topic == REJECTED:
            return self._codec.decode_rejection(records[0].record.value, records[0].record.headers)
        return join_entry([self._codec.decode_entry(one.record.value, one.record.headers) for one in records])

    def _find_written(self, record: TopicRecord) -> WrittenBy:
        reference, _ = locate_datum(record.value or b"", record.headers)
        if reference not in self._written:
            self._written[reference] = find_written(self._ids, reference)
        return self._written[reference]


def find_written(ids: SchemaIds, reference: Reference) -> WrittenBy:
    """Find a schema. Raises Unavailable: the registry has it no more."""
    schema = ids.find_writer(reference)
    if schema is None:
        raise Unavailable("the registry does not know the schema of a record that it was written with")
    return WrittenBy(schema, compute_fingerprint(schema))


def read_figure_records(settings: Settings, ids: SchemaIds, sealed: int | None) -> Iterator[BundledFigure]:
    """Read the figures of ``soc.figures``; what is none is passed over, as `audit replay` names it.

    Args:
        sealed: the number of those that are sealed, which are the first of partition 0; None gives all of them.

    Raises:
        Unavailable: the broker or the registry did not answer.
    """
    reader = TopicReader(settings, FIGURES)
    try:
        partitions = range(count_partitions(settings, FIGURES) if sealed is None else 1)
        yield from islice((one for partition in partitions for one in _read_figures(reader, partition, ids)), sealed)
    finally:
        reader.close()


def _read_figures(reader: TopicReader, partition: int, ids: SchemaIds) -> Iterator[BundledFigure]:
    for record in reader.read_records(partition, *reader.find_bounds(partition)):
        if decode_figure(record.value, ids) is not None:
            reference, start = locate_datum(record.value or b"", ())
            yield BundledFigure(
                partition, find_written(ids, reference), BundledRecord(record, (record.value or b"")[start:])
            )


def find_known_at(settings: Settings, positions: Sequence[int]) -> Millis:
    """Find the last instant of which all that was received by then is sealed.

    Raises:
        Unavailable: the broker did not answer.
    """
    margin = int(settings.completeness_margin_seconds * MILLIS_PER_SECOND)
    now, reader = time.time_ns() // NANOS_PER_MILLI - margin, PublishedTopicReader(settings, PUBLISHED)
    try:
        unsealed = []
        for partition, position in enumerate(positions):
            low, end = reader.find_bounds(partition)
            first = next(reader.read_records(partition, max(low, position), end), None)
            unsealed += [] if first is None else [first.appended_at - 1]
    finally:
        reader.close()
    return min(now, *unsealed) if unsealed else now


def choose_sealed(sealed: SealedOutput, held: Sequence[HeldPart]) -> list[HeldPart]:
    """Choose the parts, in order, whose leaf is the sealed one: of a repeated part the first."""
    groups: dict[tuple[str, int], dict[int, HeldPart]] = {}
    for one in held:
        groups.setdefault((one[0].topic, one[0].parts), {}).setdefault(one[0].part, one)
    for (topic, parts), found in groups.items():
        chosen = [found[number] for number in range(parts) if number in found]
        if len(chosen) == parts:
            leaf = hash_output(topic, chosen[0][0].fingerprint, [part.datum for part, _ in chosen])
            if leaf == sealed.leaf_hash:
                return chosen
    raise NotValid(f"nothing of position {sealed.offset} has the leaf that its chain gave")
