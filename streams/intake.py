"""From records to outputs: decode, admit, post. A function of the books, the records and nothing else.

``read`` touches no book, so a registry that is away can be waited for; ``fold`` asks nothing of the world, so a run is
folded whole or the books are thrown away. Every record gives exactly one output, whose identity is its position.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiokafka.partitioner import murmur2

from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.entries import Source
from ledger.errors import Rejected
from ledger.facts import Fact
from methodology.admission import check_key, misrouted
from methodology.book import Book
from methodology.posting import post
from methodology.refusals import Refused
from schemas.codec import Codec
from streams.outputs import Output, error_headers

ROUTES_KEPT = 100_000


class Shelf(Protocol):
    """Where a fold finds the books of its partition."""

    live: dict[str, Book]
    touched: set[str]

    def fetch(self, threat_id: str) -> Book:
        """A book that is not live: from the store, or new."""
        ...


@dataclass(slots=True)
class Ledger:
    """How far one partition has been folded."""

    partition: int
    covered: int = -1
    """Offset of the last record folded; everything up to it has its output."""
    ledger_time: int = 0
    """Greatest append time so far: never goes back."""
    beyond: set[int] = field(default_factory=set)
    """Offsets past ``covered`` whose outputs were found already written."""


class Fault(RuntimeError):
    """The program's own mistake at one position: never recorded as the message's."""


class Routes:
    """Whether a key belongs to a partition (murmur2, as Java's default partitioner), remembered per key."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._known: dict[bytes, int] = {}

    def partition_of(self, key: bytes) -> int:
        """The partition that the key names."""
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= ROUTES_KEPT:
                self._known.clear()
            found = self._known[key] = (murmur2(key) & 0x7FFFFFFF) % self._partitions
        return found


def read(codec: Codec, records: Sequence[Any]) -> list[Fact | Rejected]:
    """Decode every record; what is the message's fault stands in its fact's place. Raises Unavailable."""
    decode = codec.decode
    facts: list[Fact | Rejected] = []
    for record in records:
        try:
            facts.append(decode(record.value, record.headers))
        except Rejected as refusal:
            facts.append(refusal)
    return facts


def fold(
    codec: Codec, routes: Routes, shelf: Shelf, ledger: Ledger, records: Sequence[Any], facts: Sequence[Fact | Rejected]
) -> list[Output]:
    """Advance the books over the records; their outputs, without those that are already written.

    Raises:
        Fault: a mistake of this program; the books are not to be used any more.
    """
    outputs: list[Output] = []
    judge = _judge_with(routes, shelf, ledger.partition)
    for record, fact in zip(records, facts, strict=True):
        ledger.ledger_time = max(ledger.ledger_time, record.timestamp)
        source = Source(
            ledger.partition,
            record.offset,
            ledger.covered,
            ledger.ledger_time,
            record.key,
            record.value,
            record.headers,
        )
        try:
            output = _output(codec, source, fact, judge)
        except Exception as error:
            raise Fault(f"{type(error).__name__} at partition {source.partition} offset {source.offset}") from error
        ledger.covered = record.offset
        if record.offset not in ledger.beyond:
            outputs.append(output)
    ledger.beyond = {offset for offset in ledger.beyond if offset > ledger.covered}
    return outputs


def _judge_with(routes: Routes, shelf: Shelf, partition: int) -> Callable[[Source, Fact], Any]:
    live, fetch, touch, partition_of = shelf.live, shelf.fetch, shelf.touched.add, routes.partition_of

    def judge(source: Source, fact: Fact) -> Any:
        refused = check_key(source.key, fact)
        if refused is not None:
            return refused
        if partition_of(source.key) != partition:  # type: ignore[arg-type]  # a key that was checked is not None
            return misrouted(fact)
        threat_id = fact.threat_id
        book = live.get(threat_id)
        if book is None:
            book = fetch(threat_id)
        touch(threat_id)
        return post(book, fact, source.ledger_time)

    return judge


def _output(codec: Codec, source: Source, fact: Fact | Rejected, judge: Callable[[Source, Fact], Any]) -> Output:
    if isinstance(fact, Rejected):
        read_so_far: Fact | None = getattr(fact, "fact", None)
        return _rejection(codec, source, "VALUE_CONVERTER", fact.code, fact.sentence, read_so_far)
    verdict = judge(source, fact)
    if type(verdict) is Refused:
        return _rejection(codec, source, "ADMISSION", verdict.code, verdict.message, fact)
    value = codec.encode_entry(source, fact, verdict)
    return Output(ENTRIES, source.key, value, None, source.offset)


def _rejection(codec: Codec, source: Source, stage: str, code: str, message: str, fact: Fact | None) -> Output:
    value = codec.encode_rejection(source, code, message, fact)
    headers = error_headers(PUBLISHED, source, stage, code, message)
    return Output(REJECTED, source.key, value, headers, source.offset)
