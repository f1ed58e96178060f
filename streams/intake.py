"""From records to outputs: decode, admit, post. A function of the books, the records and nothing else.

``decode_records`` touches no book, so a registry that is away can be waited for; ``fold`` asks nothing of the world, so
a run is folded whole or the books are thrown away. Every record gives exactly one output, whose identity is its
position; an entry that moves very much is written in parts.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from infra.partitioning import remember_places
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.entries import SourceRecord
from ledger.errors import Rejected
from ledger.facts import Fact
from ledger.originals import Misfit, Original
from methodology.book import Book
from methodology.judging import judge_event
from methodology.posting import Posted, restore_event
from methodology.rejection_sentences import Rejection, UnfitRecord
from schemas.codec import Codec
from schemas.judged import name_judge_here
from schemas.lookups import SchemaNotLearnt
from schemas.parts import LEGS_PER_PART, list_parts, strip_source
from schemas.wire import Reference
from streams.books import SnapshotSpoiled
from streams.outputs import ProducedOutput, make_error_headers

SLICE_BYTES = 32 * 1024 * 1024
"""So many bytes of outputs are folded before they are sent: one run can move very large books very often."""


class BookShelf(Protocol):
    """Where a fold finds the books of its partition."""

    live: dict[str, Book]
    touched: set[str]

    def fetch_book(self, threat_id: str) -> Book:
        """Fetch a book that is not live: from the store, or new."""
        ...


@dataclass(slots=True)
class FoldProgress:
    """How far one partition has been folded."""

    partition: int
    covered: int = -1
    """Offset of the last record folded; everything up to it has its output."""
    ledger_time: int = 0
    """Greatest append time so far: never goes back."""
    beyond: dict[int, Fact | None] = field(default_factory=dict)
    """Offsets past ``covered`` whose outputs were found already written: the fact that one admitted, or None."""
    begun: dict[int, set[int]] = field(default_factory=dict)
    """Offsets of entries of which some parts were found already written, and which: the others are still to be."""

    def is_loose(self) -> bool:
        """Tell whether outputs past ``covered`` are there."""
        return bool(self.beyond or self.begun)


class ProgramFault(RuntimeError):
    """The program's own mistake at one position: never recorded as the message's."""


class SchemasNotLearnt(Exception):
    """Records name these schemas, which were not looked up yet."""

    def __init__(self, references: set[Reference]) -> None:
        super().__init__("schemas that were not looked up yet")
        self.references = references


def decode_records(codec: Codec, records: Sequence[Any]) -> list[Fact | Rejected]:
    """Decode every record; what is the message's fault stands in its fact's place.

    Raises:
        SchemasNotLearnt: some name schemas that were not looked up yet, which is not done in the event loop.
    """
    decode = codec.decode
    facts: list[Fact | Rejected] = []
    unknown: set[Reference] = set()
    for record in records:
        if type(record) is Misfit:
            facts.append(UnfitRecord(record))
            continue
        try:
            facts.append(decode(record.value, record.headers))
        except Rejected as refusal:
            facts.append(refusal)
        except SchemaNotLearnt as schema:
            unknown.add(schema.reference)
    if unknown:
        raise SchemasNotLearnt(unknown)
    return facts


def name_error(error: Exception) -> str:
    """Name an error without values of a record; what the system says of one of its own is none."""
    said = error.strerror if isinstance(error, OSError) else None
    return f"{type(error).__name__} ({said})" if said else type(error).__name__


class Intake:
    """The fold of one partition: its books, how far they reach, and what each record turns into."""

    def __init__(self, codec: Codec, shelf: BookShelf, ledger: FoldProgress, partitions: int) -> None:
        self.ledger = ledger
        self._codec = codec
        self._shelf = shelf
        self._is_here = remember_places(ledger.partition, partitions)

    def fold(self, records: Sequence[Any], facts: Sequence[Fact | Rejected]) -> list[ProducedOutput]:
        """Return all outputs of ``fold_slices``."""
        return [output for made in self.fold_slices(records, facts) for output in made]

    def fold_slices(self, records: Sequence[Any], facts: Sequence[Fact | Rejected]) -> Iterator[list[ProducedOutput]]:
        """Advance the books over the records; their outputs, without those that are already written.

        They come in slices of about ``SLICE_BYTES``, folded as they are asked for; between two the books stand where
        the outputs given so far leave them.

        Raises:
            ProgramFault: a mistake of this program; the books are not to be used any more.
        """
        start = 0
        while start < len(records):
            outputs, start = self._fold_slice(records, facts, start)
            yield outputs

    def _fold_slice(
        self, records: Sequence[Any], facts: Sequence[Fact | Rejected], start: int
    ) -> tuple[list[ProducedOutput], int]:
        ledger, outputs_of = self.ledger, self._make_judge()
        partition, previous, ledger_time = ledger.partition, ledger.covered, ledger.ledger_time
        beyond, begun = ledger.beyond, ledger.begun
        outputs: list[ProducedOutput] = []
        size, number = 0, start
        for number in range(start, len(records)):
            record = records[number]
            offset = record.offset
            ledger_time = max(ledger_time, record.timestamp)
            if beyond and offset in beyond:
                self._restore_judged(beyond.pop(offset))
                previous = offset
                continue
            source = SourceRecord(partition, offset, previous, ledger_time, record.key, record.value, record.headers)
            try:
                made = outputs_of(source, facts[number])
            except SnapshotSpoiled:
                raise
            except Exception as error:
                raise ProgramFault(f"{name_error(error)} at partition {partition} offset {offset}") from error
            previous = offset
            if begun:
                made = _leave_out(made, begun.pop(offset, set()))
            for output in made:
                outputs.append(output)
                size += len(output[2])
            if size > SLICE_BYTES:
                break
        ledger.covered, ledger.ledger_time = previous, ledger_time
        return outputs, number + 1

    def _restore_judged(self, fact: Fact | None) -> None:
        """Advance the book by what an earlier worker admitted: what was judged is not judged again."""
        if fact is not None:
            self._shelf.touched.add(fact.threat_id)
            restore_event(self._shelf.live.get(fact.threat_id) or self._shelf.fetch_book(fact.threat_id), fact)

    def _make_judge(self) -> Callable[[SourceRecord, Fact | Rejected], list[ProducedOutput]]:
        """Make what gives the one output of a record, an entry perhaps in parts; names are looked up once a slice."""
        live, fetch, touch = self._shelf.live, self._shelf.fetch_book, self._shelf.touched.add
        codec, encode, is_here = self._codec, self._codec.encode_entry, self._is_here

        def find_book(threat_id: str) -> Book:
            book = live.get(threat_id) or fetch(threat_id)
            touch(threat_id)
            return book

        def judge_record(source: SourceRecord, fact: Fact | Rejected) -> list[ProducedOutput]:
            if isinstance(fact, Rejected):
                return [_reject_undecoded(codec, source, fact)]
            posted = judge_event(fact, source.key, source.ledger_time, is_here, find_book)
            if isinstance(posted, Rejection):
                return [_reject_refused(codec, source, posted, fact)]
            if len(posted.legs) > LEGS_PER_PART:
                return _write_parts(codec, source, fact, posted)
            return [(ENTRIES, source.key, encode(source, fact, posted), None)]

        return judge_record


def _leave_out(made: list[ProducedOutput], written: set[int]) -> list[ProducedOutput]:
    return [output for number, output in enumerate(made) if number not in written]


def _write_parts(codec: Codec, source: SourceRecord, fact: Fact, posted: Posted) -> list[ProducedOutput]:
    """Write one entry as several records: the original in the first alone."""
    made: list[ProducedOutput] = []
    bare, judged = strip_source(source), codec.name_judge(source)
    for part in list_parts(len(posted.legs)):
        legs = posted.legs[part.first_leg : part.first_leg + LEGS_PER_PART]
        first = part.part == 0
        said = Posted(posted.verdict, legs, posted.threat_legs if first else ())
        value = codec.encode_entry(source if first else bare, fact, said, judged, part)
        made.append((ENTRIES, source.key, value, None))
    return made


def _reject_undecoded(codec: Codec, source: SourceRecord, refusal: Rejected) -> ProducedOutput:
    fact: Fact | None = getattr(refusal, "fact", None)  # what could be read of it, where anything could
    original: Original | None = getattr(refusal, "original", None)  # where its bytes are not all carried
    judged = (
        name_judge_here(None) if isinstance(refusal, UnfitRecord) else None
    )  # by how it is packed: nothing of it was read
    value = codec.encode_rejection(source, refusal.code, refusal.sentence, fact, judged, original)
    headers = make_error_headers(PUBLISHED, source, "VALUE_CONVERTER", refusal.code, refusal.sentence)
    return REJECTED, source.key, value, headers


def _reject_refused(codec: Codec, source: SourceRecord, refused: Rejection, fact: Fact) -> ProducedOutput:
    value = codec.encode_rejection(source, refused.code, refused.message, fact)
    headers = make_error_headers(PUBLISHED, source, "ADMISSION", refused.code, refused.message)
    return REJECTED, source.key, value, headers
