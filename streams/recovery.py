"""Where a partition was left: read its outputs from the snapshot on, follow their chain, fold the admitted ones again.

The end of the chain is where reading goes on. Outputs past a break in it are remembered: what was judged stays judged,
so their events are restored in their turn as they were admitted, or passed over as they were refused; they are neither
judged nor written again. What is no output of the ledger is passed over.
"""

from collections.abc import Callable, Iterator
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from infra.groups import RECOVERY_GROUP
from infra.metadata_refresh import refresh_metadata
from infra.published_reader import PublishedReader
from infra.settings import Settings
from infra.topic_identity import describe_other_topics
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.errors import Rejected, Unavailable
from ledger.facts import Fact
from methodology.posting import restore_event
from schemas.codec import Codec
from schemas.stored import StoredEntry, StoredOutput
from streams.books import Books, SnapshotReach, SnapshotSpoiled
from streams.chain import OutputChain
from streams.intake import FoldProgress
from streams.losses import OutputWitness, RecordsLost, ThreatPlacement, explain_outputs_gone
from streams.rules import hold_rules
from streams.strays import Stray, Strays, hold_output, read_fact

CALL_SECONDS = 10.0
SILENCE_SECONDS = 30.0
CHECKED_ENTRIES = 1_000
SAVE_ENTRIES = 100_000  # a long recovery saves its way: memory stays bounded, and a crash of it loses little


class Recovery:
    """Reads outputs back; one per worker, used by one thread at a time."""

    def __init__(self, settings: Settings, codec: Codec) -> None:
        self._codec = codec
        self._consumer = Consumer(settings.build_kafka_options() | _OPTIONS)
        self._reader = PublishedReader(settings, PUBLISHED)
        self._witness, self._strays = OutputWitness(), Strays(0)
        self._published = 0  # where soc.published ended after the outputs that are read
        self._placement = ThreatPlacement(settings.partitions)

    def close(self) -> None:
        """Let go of the connections."""
        self._consumer.close()
        self._reader.close()

    def recover_books(self, partition: int, books: Books, wanted: Callable[[], bool]) -> FoldProgress | None:
        """Bring the books to the end of the chain; None when ``wanted`` says no meanwhile.

        Raises:
            Unavailable: the broker did not answer.
            SnapshotSpoiled: the snapshot is not of these topics, or a book in it cannot be read.
            RecordsLost: records were deleted before they were judged.
            Standstill: the outputs are not of this ``soc.published``, or not all of them are there; or the rules would
                touch what is posted.
        """
        began = books.reached
        chain = self._begin_chain(partition, began.covered, began.ledger_time)
        rejected = self._find_end(REJECTED, partition, began.rejected)
        entries = self._find_end(ENTRIES, partition, began.entries)
        self._published = self._read_watermarks(PUBLISHED, partition)[1]
        for stored, _ in self._read_outputs(REJECTED, partition, began.rejected, rejected):
            _link_output(chain, stored, None)
        passed = 0
        for passed, _ in enumerate(self._fold(chain, books, partition, entries), 1):
            if passed % CHECKED_ENTRIES == 0 and not wanted():
                return None
        low = self._check_published(partition, chain.covered)
        beyond = {offset: fact for offset, fact in chain.list_beyond().items() if offset < self._published}
        begun = {offset: parts for offset, parts in chain.list_begun().items() if offset < self._published}
        ledger_time = self._find_rules(books, chain)
        if passed and not beyond and not begun:
            books.save_books(SnapshotReach(chain.covered, chain.ledger_time, entries, rejected))
        if low > chain.covered + 1:
            raise RecordsLost(partition, chain.covered + 1, low)
        hold_rules(partition, books.judged, ledger_time)
        return FoldProgress(partition, chain.covered, chain.ledger_time, beyond, begun)

    def trace_chain(self, partition: int) -> tuple[OutputChain, int]:
        """Join all outputs of a partition, without books; beside them the low watermark of ``soc.published``.

        Raises:
            Unavailable: the broker did not answer.
            Standstill: as ``recover_books``.
        """
        chain = self._begin_chain(partition, -1, 0)
        ends = {topic: self._find_end(topic, partition, 0) for topic in (REJECTED, ENTRIES)}
        self._published = self._read_watermarks(PUBLISHED, partition)[1]
        for topic, end in ends.items():
            for stored, _ in self._read_outputs(topic, partition, 0, end):
                _link_output(chain, stored, None)
                list(chain.follow_links())
        return chain, self._check_published(partition, chain.covered)

    def _begin_chain(self, partition: int, covered: int, ledger_time: int) -> OutputChain:
        self._witness, self._strays = OutputWitness(), Strays(partition)
        self._strays.end_report()
        return OutputChain(covered, ledger_time)

    def _read_outputs(self, topic: str, partition: int, start: int, end: int) -> Iterator[tuple[StoredOutput, int]]:
        """Read what is an output of the partition, each with its offset in its topic."""
        decode = self._codec.decode_entry if topic == ENTRIES else self._codec.decode_rejection
        for message in self._read_messages(topic, partition, start, end):
            try:
                stored = decode(message.value())
                hold_output(stored, partition)
            except (Rejected, Stray) as error:
                self._strays.pass_over(topic, message.offset(), str(error))
                continue
            if stored.source.offset < self._published:
                self._witness.see_output(stored)
            yield stored, message.offset()

    def read_ends(self, partition: int) -> tuple[int, int]:
        """Read where soc.entries and soc.rejected end now. Raises Unavailable."""
        return self._read_watermarks(ENTRIES, partition)[1], self._read_watermarks(REJECTED, partition)[1]

    def _fold(self, chain: OutputChain, books: Books, partition: int, end: int) -> Iterator[None]:
        began, unsaved = books.reached, 0
        yield from self._restore_books(chain, books, partition)
        for stored, position in self._read_outputs(ENTRIES, partition, began.entries, end):
            try:
                _link_output(chain, stored, read_fact(self._codec, stored) if isinstance(stored, StoredEntry) else None)
            except Stray as error:
                self._strays.pass_over(ENTRIES, position, str(error))
                continue
            for _ in self._restore_books(chain, books, partition):
                unsaved += 1
                yield
            if unsaved >= SAVE_ENTRIES and not chain.has_loose_entries():
                self._find_rules(books, chain)
                books.save_books(SnapshotReach(chain.covered, chain.ledger_time, position + 1, began.rejected))
                unsaved = 0

    def _restore_books(self, chain: OutputChain, books: Books, partition: int) -> Iterator[None]:
        for fact in chain.follow_links():
            self._placement.hold_threat(fact.threat_id, partition)
            restore_event(books.touch_book(fact.threat_id), fact)
            yield

    def _find_rules(self, books: Books, chain: OutputChain) -> int:
        """Have the books remember by what the newest output was judged; the ledger time up to it."""
        found = self._witness.find_judged(books.reached.covered)
        if found is None:
            return chain.ledger_time
        books.judged = found[0]
        return max(found[1], chain.ledger_time)

    def _find_end(self, topic: str, partition: int, began: int) -> int:
        """Find where an output topic ends, once it is known to hold all from ``began`` on."""
        low, end = self._read_watermarks(topic, partition)
        if began > end:
            raise SnapshotSpoiled(f"the snapshot is ahead of {topic}")
        if began < low:
            raise explain_outputs_gone(topic, partition, low)
        return end

    def _read_watermarks(self, topic: str, partition: int) -> tuple[int, int]:
        try:
            low, end = self._consumer.get_watermark_offsets(
                TopicPartition(topic, partition), CALL_SECONDS, cached=False
            )
        except KafkaException as error:
            refresh_metadata(self._consumer)
            raise Unavailable(f"where {topic} ends is not known: {error.args[0].name()}") from error
        return int(low), int(end)

    def _check_published(self, partition: int, covered: int) -> int:
        """Hold the outputs against ``soc.published``; its low watermark."""
        low, end = self._read_watermarks(PUBLISHED, partition)
        if covered >= end:
            raise describe_other_topics([PUBLISHED])
        at = self._witness.offset
        if at is not None and low <= at:
            found = next(self._reader.read_records(partition, at, end), None)
            self._witness.hold_record(*((found.offset, found.key, found.value) if found else (-1, None, None)))
        return low

    def _read_messages(self, topic: str, partition: int, start: int, end: int) -> Iterator[Any]:
        """Read messages from ``start`` to before ``end``."""
        if start >= end:
            return
        self._consumer.assign([TopicPartition(topic, partition, start)])
        try:
            for message in _poll_until_end(self._consumer.poll):
                yield message
                if message.offset() + 1 >= end:
                    return
        finally:
            self._consumer.unassign()


def _link_output(chain: OutputChain, stored: StoredOutput, fact: Fact | None) -> None:
    source = stored.source
    part = stored.part if isinstance(stored, StoredEntry) else None
    chain.add_output(source.previous_offset, source.offset, source.ledger_time, fact, part)


def _poll_until_end(poll: Callable[[float], Any]) -> Iterator[Any]:
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
    "group.id": RECOVERY_GROUP,
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
