"""Where a partition was left: read its outputs from the snapshot on, follow their chain, fold the admitted ones again.

Each output covers ``(previous offset, offset]`` of its event's partition, so the outputs of both topics form one chain
from -1 on, whatever order they are found in and however often they repeat. Its end is where reading goes on. Outputs
past a break in the chain are remembered: what was judged stays judged, so their events are restored in their turn as
they were admitted, or passed over as they were refused; they are neither judged nor written again.
"""

from collections.abc import Callable, Iterator
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from infra.identities import other_topics
from infra.settings import Settings
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.errors import Unavailable
from ledger.facts import Fact
from ledger.vocabulary import Verdict
from methodology.posting import restore
from schemas.codec import Codec
from schemas.stored import StoredEntry
from streams.books import Books, Reached, Spoiled
from streams.intake import Ledger
from streams.losses import Placement, RecordsLost, Stored, Witness, outputs_gone

CALL_SECONDS = 10.0
SILENCE_SECONDS = 30.0
CHECKED_ENTRIES = 1_000
SAVE_ENTRIES = 100_000  # a long recovery saves its way: memory stays bounded, and a crash of it loses little

Link = tuple[int, int, StoredEntry | None]


class Chain:
    """The outputs of one partition, joined end to end from ``covered`` on."""

    def __init__(self, covered: int, ledger_time: int) -> None:
        self.covered = covered
        self.ledger_time = ledger_time
        self._loose: dict[int, Link] = {}

    def add(self, previous: int, offset: int, ledger_time: int, entry: StoredEntry | None) -> None:
        """One more output; a repeated one changes nothing."""
        if offset > self.covered:
            self._loose.setdefault(previous, (offset, ledger_time, entry))

    def follow(self) -> Iterator[StoredEntry]:
        """Move to the end of what is joined; the entries passed, in order of their events."""
        while (link := self._loose.pop(self.covered, None)) is not None:
            self.covered, ledger_time, entry = link
            self.ledger_time = max(self.ledger_time, ledger_time)
            if entry is not None:
                yield entry

    def beyond(self) -> dict[int, StoredEntry | None]:
        """Offsets whose outputs are there but not joined, with their entries; None for a rejection."""
        return {offset: entry for offset, _, entry in self._loose.values() if offset > self.covered}

    def gap_end(self, last: int) -> int:
        """The end of what no output covers from ``covered`` on: where the next loose output joins on, or ``last``."""
        return min([last, *(previous for previous in self._loose if previous > self.covered)])

    def has_loose_entries(self) -> bool:
        """True while an entry waits for what comes before it."""
        return any(entry is not None and offset > self.covered for offset, _, entry in self._loose.values())


class Recovery:
    """Reads outputs back; one per worker, used by one thread at a time."""

    def __init__(self, settings: Settings, codec: Codec) -> None:
        self._codec = codec
        self._consumer = Consumer(settings.kafka() | _OPTIONS)
        self._witness = Witness()
        self._placement = Placement(settings.partitions)

    def close(self) -> None:
        """Let go of the connections."""
        self._consumer.close()

    def recover(self, partition: int, books: Books, wanted: Callable[[], bool]) -> Ledger | None:
        """Bring the books to the end of the chain; None when ``wanted`` says no meanwhile.

        Raises:
            Unavailable: the broker did not answer.
            Spoiled: the snapshot is not of these topics, or a book in it cannot be read.
            RecordsLost: records were deleted before they were judged.
            Standstill: the outputs are not of this ``soc.published``, or not all of them are there.
        """
        began = books.reached
        chain, self._witness = Chain(began.covered, began.ledger_time), Witness()
        rejected = self._end(REJECTED, partition, began.rejected)
        for message in self._read(REJECTED, partition, began.rejected, rejected):
            stored = self._codec.decode_rejection(message.value())
            self._witness.see(stored)
            source = stored.source
            chain.add(source.previous_offset, source.offset, source.ledger_time, None)
        entries = self._end(ENTRIES, partition, began.entries)
        passed = 0
        for passed, _ in enumerate(self._fold(chain, books, partition, entries), 1):
            if passed % CHECKED_ENTRIES == 0 and not wanted():
                return None
        low = self._check_published(partition, chain.covered)
        beyond = {offset: self._read_admitted(entry) for offset, entry in chain.beyond().items()}
        if passed and not beyond:
            books.save(Reached(chain.covered, chain.ledger_time, entries, rejected))
        if low > chain.covered + 1:
            raise RecordsLost(partition, chain.covered + 1, low)
        return Ledger(partition, chain.covered, chain.ledger_time, beyond)

    def trace_chain(self, partition: int) -> tuple[Chain, int]:
        """Join all outputs of a partition, without books; beside them the low watermark of ``soc.published``.

        Raises:
            Unavailable: the broker did not answer.
            Standstill: as ``recover``.
        """
        chain, self._witness = Chain(-1, 0), Witness()
        decoders: list[tuple[str, Callable[[bytes], Stored]]] = [
            (REJECTED, self._codec.decode_rejection),
            (ENTRIES, self._codec.decode_entry),
        ]
        for topic, decode in decoders:
            for message in self._read(topic, partition, 0, self._end(topic, partition, 0)):
                stored = decode(message.value())
                self._witness.see(stored)
                source = stored.source
                chain.add(source.previous_offset, source.offset, source.ledger_time, None)
                list(chain.follow())
        return chain, self._check_published(partition, chain.covered)

    def ends(self, partition: int) -> tuple[int, int]:
        """Where soc.entries and soc.rejected end now. Raises Unavailable."""
        return self._watermarks(ENTRIES, partition)[1], self._watermarks(REJECTED, partition)[1]

    def _fold(self, chain: Chain, books: Books, partition: int, end: int) -> Iterator[None]:
        began, unsaved, codec = books.reached, 0, self._codec
        yield from self._restore(chain, books)
        for message in self._read(ENTRIES, partition, began.entries, end):
            entry = codec.decode_entry(message.value())
            self._witness.see(entry)
            source = entry.source
            chain.add(source.previous_offset, source.offset, source.ledger_time, entry)
            for _ in self._restore(chain, books):
                unsaved += 1
                yield
            if unsaved >= SAVE_ENTRIES and not chain.has_loose_entries():
                books.save(Reached(chain.covered, chain.ledger_time, message.offset() + 1, began.rejected))
                unsaved = 0

    def _restore(self, chain: Chain, books: Books) -> Iterator[None]:
        for entry in chain.follow():
            fact = self._read_admitted(entry)
            if fact is not None:
                restore(books.of(entry.threat_id), fact)
            yield

    def _read_admitted(self, entry: StoredEntry | None) -> Fact | None:
        """The event that an entry admitted; None for a duplicate, and where there is no entry."""
        if entry is None or entry.verdict != Verdict.ADMITTED:
            return None
        self._placement.hold_threat(entry.threat_id, entry.source.partition)
        return self._codec.decode(entry.source.value, entry.source.headers)

    def _end(self, topic: str, partition: int, began: int) -> int:
        """Where an output topic ends, once it is known to hold all from ``began`` on."""
        low, end = self._watermarks(topic, partition)
        if began > end:
            raise Spoiled(f"the snapshot is ahead of {topic}")
        if began < low:
            raise outputs_gone(topic, partition, low)
        return end

    def _watermarks(self, topic: str, partition: int) -> tuple[int, int]:
        try:
            low, end = self._consumer.get_watermark_offsets(
                TopicPartition(topic, partition), CALL_SECONDS, cached=False
            )
        except KafkaException as error:
            raise Unavailable(f"where {topic} ends is not known: {error.args[0].name()}") from error
        return int(low), int(end)

    def _check_published(self, partition: int, covered: int) -> int:
        """Hold the outputs against ``soc.published``; its low watermark."""
        low, end = self._watermarks(PUBLISHED, partition)
        if covered >= end:
            raise other_topics([PUBLISHED])
        at = self._witness.offset
        if at is not None and low <= at:
            found = next(self._read(PUBLISHED, partition, at, end), None)
            self._witness.hold_record(*((found.offset(), found.key(), found.value()) if found else (-1, None, None)))
        return low

    def _read(self, topic: str, partition: int, start: int, end: int) -> Iterator[Any]:
        """Messages from ``start`` to before ``end``."""
        if start >= end:
            return
        self._consumer.assign([TopicPartition(topic, partition, start)])
        try:
            for message in _until_end(self._consumer.poll):
                yield message
                if message.offset() + 1 >= end:
                    return
        finally:
            self._consumer.unassign()


def _until_end(poll: Callable[[float], Any]) -> Iterator[Any]:
    while True:
        message = poll(SILENCE_SECONDS)
        if message is None:
            raise Unavailable(f"outputs cannot be read: nothing for {SILENCE_SECONDS:.0f} s")
        error = message.error()
        if error is None:
            yield message
        elif error.code() == KafkaError._PARTITION_EOF:
            return
        else:
            raise Unavailable(f"outputs cannot be read: {error.name()}")


_OPTIONS: dict[str, str | int | float | bool] = {
    "group.id": "disruption-ledger-recovery",  # asked for by the client; never joined, never committed
    "enable.auto.commit": False,
    "enable.partition.eof": True,
    "isolation.level": "read_committed",
    "auto.offset.reset": "earliest",
    "fetch.wait.max.ms": 50,
    "queued.min.messages": 20_000,
    "queued.max.messages.kbytes": 32 * 1024,
    "reconnect.backoff.max.ms": 1_000,
    "log_level": 2,
}
