"""The restore: the topics of a lost cluster made again, from who has them still.

The order of effects:

1. Nobody is at work, and the topics are empty, or of an earlier restore of this state directory that was cut off.
2. Topic by topic, what is judged last: what is there already is held against the source; where it is another, or cannot
   be gone on from, the topic is emptied. Then the rest is written, every record at its offset and with its time.
3. What had been deleted, and acknowledged as lost, is deleted again.
4. All of it is read back and held against the source: offset, time, key, value and headers of every record.
5. What the source has past an output that it lacks was in no answer: its originals are kept in the mark, and its rows
   go. The store remembers the new topics, and groups that all is done: nothing is loaded, or told, again.
6. The topics get the broker's clock, ``soc.published`` last: from then on workers judge.
7. What was deleted is deleted once more: a broker notes it down once a minute, and one that crashed since has it back.
   The originals of 5 are published again; twice is once. Cut off at any moment, the same restore goes on from 1 to the
   same end.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Final

from audit.topic_reader import TopicReader, TopicRecord
from infra.settings import Settings
from infra.topic_admin import read_topic_ids
from infra.topic_identity import TopicPartitionPair
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.errors import Unavailable
from schemas.restored import ORIGINAL_GONE
from services.positioned_writer import PositionedWriter, publish_again
from services.restore_mark import RestoreMark
from services.restore_plan import RestoredRecord, UnfitHole, plan_stretches
from services.restore_source import RestoreSource
from services.restored_topics import RestoredTopics
from sinks.adopting import adopt_topics, forget_past
from sinks.store import Store
from sinks.topics import TOPICS

TOLD_EVERY: Final = 500
AGAIN: Final = "restore again, with the same command, once that is mended: it goes on from what is there"
TellProgress = Callable[[int, int], Any]
"""Told of how many records were written or read back, of about how many."""


@dataclass(slots=True, kw_only=True)
class RestoreReport:
    """What was restored.

    Attributes:
        records: how many lie in each topic.
        written: how many of them this run wrote; the others lay there from a run that was cut off.
        ends: where each partition of each topic ends.
        gone: positions at which a stand-in lies, as nobody kept the original.
        deleted: by partition, before which offset everything is deleted, as it was.
        again: how many events were published again, to be judged anew: outputs before theirs are nowhere.
    """

    records: dict[str, int] = field(default_factory=dict)
    written: int = 0
    ends: dict[TopicPartitionPair, int] = field(default_factory=dict)
    gone: list[tuple[int, int]] = field(default_factory=list)
    deleted: dict[int, int] = field(default_factory=dict)
    again: int = 0


class TopicRestore:
    """Makes the topics of a lost cluster again, from one source; run again, it goes on."""

    def __init__(self, settings: Settings, source: RestoreSource, progress: TellProgress) -> None:
        self._settings = settings
        self._source = source
        self._progress = progress
        self._mark = RestoreMark(settings.state)
        self._topics = RestoredTopics(settings, self._mark, source.topics)
        self._readers = {topic: TopicReader(settings, topic) for topic in source.topics}
        self._total = 2 * source.count_records()
        self._done = 0
        self.report = RestoreReport()

    def run(self, store: Store | None) -> RestoreReport:
        """Restore, and have the store remember it. Raises Misuse, Unavailable: run it again."""
        self._topics.hold_alone()
        if not self._topics.is_over():
            self._write_topics()
            self._hand_over(store)
        self._delete_lost()
        self.report.again = publish_again(self._settings, self._mark.read_again())
        self._mark.end_restore()
        return self.report

    def _write_topics(self) -> None:
        self._topics.prepare_topics()
        writer = PositionedWriter(self._settings)
        for topic in self._source.topics:
            self._restore_topic(topic, writer)
        self._delete_lost()
        for topic, partition in self._list_places():
            self._prove_partition(topic, partition)

    def _hand_over(self, store: Store | None) -> None:
        """Let everybody know the topics as their own, and judge again."""
        partitions = range(self._settings.partitions)
        self._mark.keep_again({partition: list(self._source.read_past(partition)) for partition in partitions})
        if store is not None:
            forget_past(store)
            kept = {place: end for place, end in self.report.ends.items() if place[0] in (ENTRIES, REJECTED)}
            adopt_topics(store, read_topic_ids(self._settings, TOPICS), kept)
        self._topics.commit_ends(self.report.ends)
        self._topics.set_clocks()

    def close(self) -> None:
        """Let go of the connections."""
        for reader in self._readers.values():
            reader.close()

    def _list_places(self) -> Iterator[TopicPartitionPair]:
        return ((topic, partition) for topic in self._source.topics for partition in range(self._settings.partitions))

    def _delete_lost(self) -> None:
        """Delete what had been deleted. A broker that crashed since may have forgotten it, so it is said once more."""
        lows = {partition: self._source.find_low(partition) for partition in range(self._settings.partitions)}
        self.report.deleted = {partition: low for partition, low in lows.items() if low}
        for partition, low in self.report.deleted.items():
            self._topics.delete_before(partition, low)

    def _restore_topic(self, topic: str, writer: PositionedWriter) -> None:
        """Write what a topic lacks; where what is there is no beginning of it, write all of it."""
        partitions = range(self._settings.partitions)
        if not all(self._is_begun(topic, partition) for partition in partitions):
            self._topics.empty_topic(topic)
        for partition in partitions:
            for stretch in self._plan_topic(topic, partition):
                if stretch.end > stretch.start:
                    writer.write_stretch(topic, partition, stretch)
                    self._count_done(len(stretch.records))
                    self.report.written += len(stretch.records)

    def _plan_topic(self, topic: str, partition: int) -> Iterator[Any]:
        end, source = self._topics.find_end(topic, partition), self._source
        return plan_stretches(source.read_topic(topic, partition), end, source.find_end(topic, partition))

    def _is_begun(self, topic: str, partition: int) -> bool:
        """Tell whether what lies in a partition is a beginning of what must, and can be gone on from."""
        end = self._topics.find_end(topic, partition)
        if end == 0:
            return True
        try:
            next(self._plan_topic(topic, partition), None)
        except UnfitHole:
            return False
        return self._find_difference(topic, partition, end) is None

    def _prove_partition(self, topic: str, partition: int) -> None:
        """Hold every record of a partition against the source. Raises Unavailable."""
        end = self._topics.find_end(topic, partition)
        at = self._find_difference(topic, partition, end, whole=True)
        if at is not None:
            raise Unavailable(f"{topic}/{partition} does not hold at offset {at} what was restored")
        self.report.ends[topic, partition] = end

    def _find_difference(self, topic: str, partition: int, end: int, *, whole: bool = False) -> int | None:
        """Find the first offset before ``end`` at which the topic holds something else; None where there is none."""
        low = self._find_low(topic, partition)
        held = self._readers[topic].read_records(partition, low, end)
        source = self._source.read_topic(topic, partition)
        wanted = (one for one in source if low <= one.offset and (whole or one.offset < end))
        for must, found in zip_longest(wanted, held):
            if must is None or found is None or not is_same(must, found):
                return int((must or found).offset)
            if whole:
                self._note_proved(topic, partition, must)
        return None

    def _find_low(self, topic: str, partition: int) -> int:
        """Find where a partition begins: at 0, unless what was deleted is deleted again already."""
        low = self._topics.find_low(topic, partition)
        return low if topic == PUBLISHED and low == self._source.find_low(partition) else 0

    def _note_proved(self, topic: str, partition: int, record: RestoredRecord) -> None:
        self.report.records[topic] = self.report.records.get(topic, 0) + 1
        if topic == PUBLISHED and record.headers and record.headers[-1][0] == ORIGINAL_GONE:
            self.report.gone.append((partition, record.offset))
        self._count_done(1)

    def _count_done(self, records: int) -> None:
        before, self._done = self._done, self._done + records
        if self._done // TOLD_EVERY > before // TOLD_EVERY:
            self._progress(self._done, self._total)


def is_same(must: RestoredRecord, found: TopicRecord) -> bool:
    """Tell whether a record that was read is the one that must be there."""
    there = (found.offset, found.appended_at, found.key, found.value, found.headers)
    return there == (must.offset, must.timestamp, must.key, must.value, must.headers)


def restore_topics(
    settings: Settings,
    source: RestoreSource,
    store: Store | None,
    progress: TellProgress = lambda *_: None,
) -> RestoreReport:
    """Restore the topics from a source; ``store``, where there is one, is told that they are its own.

    Raises:
        Misuse: somebody is at work, a topic holds records, or the source is not whole.
        Unavailable: the broker, the registry or the store did not answer: restore again.
    """
    work = TopicRestore(settings, source, progress)
    try:
        return work.run(store)
    except Unavailable as error:
        raise Unavailable(f"{error}; {AGAIN}") from error
    finally:
        work.close()
