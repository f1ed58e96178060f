"""Where a partition was left: read its outputs from the snapshot on, follow their chain, fold the admitted ones again.

Each output covers ``(previous offset, offset]`` of its event's partition, so the outputs of both topics form one chain
from -1 on, whatever order they are found in and however often they repeat. Its end is where reading goes on. Outputs
past a break in the chain are remembered: their events are folded again, and not written twice.
"""

from collections.abc import Callable, Iterator
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from infra.settings import Settings
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.errors import Misuse, Unavailable
from ledger.vocabulary import Verdict
from methodology.posting import restore
from schemas.codec import Codec
from schemas.stored import StoredEntry
from streams.books import Books, Reached, Spoiled
from streams.intake import Ledger

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

    def beyond(self) -> set[int]:
        """Offsets whose outputs are there but not joined."""
        return {offset for offset, _, _ in self._loose.values() if offset > self.covered}

    def has_loose_entries(self) -> bool:
        """True while an entry waits for what comes before it."""
        return any(entry is not None and offset > self.covered for offset, _, entry in self._loose.values())


class Recovery:
    """Reads outputs back; one per worker, used by one thread at a time."""

    def __init__(self, settings: Settings, codec: Codec) -> None:
        self._codec = codec
        self._consumer = Consumer(settings.kafka() | _OPTIONS)

    def close(self) -> None:
        """Let go of the connections."""
        self._consumer.close()

    def recover(self, partition: int, books: Books, wanted: Callable[[], bool]) -> Ledger | None:
        """Bring the books to the end of the chain; None when ``wanted`` says no meanwhile.

        Raises:
            Unavailable: the broker did not answer.
            Spoiled: the snapshot is not of these topics, or a book in it cannot be read.
            Misuse: the outputs are not of this ``soc.published``.
        """
        began = books.reached
        chain = Chain(began.covered, began.ledger_time)
        rejected = self._end(REJECTED, partition, began.rejected)
        for value, _ in self._read(REJECTED, partition, began.rejected, rejected):
            source = self._codec.decode_rejection(value).source
            chain.add(source.previous_offset, source.offset, source.ledger_time, None)
        entries = self._end(ENTRIES, partition, began.entries)
        passed = 0
        for passed, _ in enumerate(self._fold(chain, books, partition, entries), 1):
            if passed % CHECKED_ENTRIES == 0 and not wanted():
                return None
        self._check_published(partition, chain.covered)
        beyond = chain.beyond()
        if passed and not beyond:
            books.save(Reached(chain.covered, chain.ledger_time, entries, rejected))
        return Ledger(partition, chain.covered, chain.ledger_time, beyond)

    def ends(self, partition: int) -> tuple[int, int]:
        """Where soc.entries and soc.rejected end now. Raises Unavailable."""
        return self._end(ENTRIES, partition, 0), self._end(REJECTED, partition, 0)

    def _fold(self, chain: Chain, books: Books, partition: int, end: int) -> Iterator[None]:
        began, unsaved, codec = books.reached, 0, self._codec
        yield from self._restore(chain, books)
        for value, position in self._read(ENTRIES, partition, began.entries, end):
            entry = codec.decode_entry(value)
            source = entry.source
            chain.add(source.previous_offset, source.offset, source.ledger_time, entry)
            for _ in self._restore(chain, books):
                unsaved += 1
                yield
            if unsaved >= SAVE_ENTRIES and not chain.has_loose_entries():
                books.save(Reached(chain.covered, chain.ledger_time, position + 1, began.rejected))
                unsaved = 0

    def _restore(self, chain: Chain, books: Books) -> Iterator[None]:
        for entry in chain.follow():
            if entry.verdict == Verdict.ADMITTED:
                source = entry.source
                restore(books.of(entry.threat_id), self._codec.decode(source.value, source.headers))
            yield

    def _end(self, topic: str, partition: int, began: int) -> int:
        try:
            _, end = self._consumer.get_watermark_offsets(TopicPartition(topic, partition), CALL_SECONDS, cached=False)
        except KafkaException as error:
            raise Unavailable(f"where {topic} ends is not known: {error.args[0].name()}") from error
        if began > end:
            raise Spoiled(f"the snapshot is ahead of {topic}")
        return int(end)

    def _check_published(self, partition: int, covered: int) -> None:
        if covered >= self._end(PUBLISHED, partition, 0):
            raise Misuse(
                f"{ENTRIES} and {REJECTED} cover more than {PUBLISHED} holds in partition {partition}: "
                f"{PUBLISHED} was made anew; begin a new ledger with all topics made anew"
            )

    def _read(self, topic: str, partition: int, start: int, end: int) -> Iterator[tuple[bytes, int]]:
        """Values with their positions from ``start`` to before ``end``."""
        if start >= end:
            return
        self._consumer.assign([TopicPartition(topic, partition, start)])
        try:
            for message in _until_end(self._consumer.poll):
                yield message.value(), message.offset()
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
