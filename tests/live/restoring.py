"""A restore as a process, to be killed at any moment: of a made-up ledger, with holes of every kind, from a seed.

    python tests/live/restoring.py STATE SEED [BREAK...]

It is the real restore, into a real broker; what is made up is what it restores. Exit 75: the world was away, and the
sentence on stderr says what to do. A BREAK takes out one step of the protocol, to see that it is missed.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from infra.settings import load_settings
from infra.topics import ALERTS, ENTRIES, PUBLISHED, REJECTED
from ledger.errors import LedgerError
from services.restore import TopicRestore, restore_topics
from services.restore_mark import RestoreMark
from services.restore_plan import RestoredRecord, plan_stretches

BEGINNING = 1_700_000_000_000
RECORDS = 300
GAPS = (0, 0, 0, 0, 1, 2, 3, 7)  # offsets that are passed before a record
AWAY = 75


class MadeLedger(NamedTuple):
    """What a lost cluster held, by topic and partition; a ``services.restore_source.RestoreSource``."""

    records: dict[tuple[str, int], list[RestoredRecord]]
    past: dict[int, list[RestoredRecord]]
    lows: dict[int, int]
    topics: tuple[str, ...] = (ALERTS, ENTRIES, REJECTED, PUBLISHED)

    def read_topic(self, topic: str, partition: int) -> Iterator[RestoredRecord]:
        """The records of a partition."""
        return iter(self.records[topic, partition])

    def find_end(self, topic: str, partition: int) -> int:
        """Behind the last record of what was published, one offset more is passed: it was never stored."""
        return self.records[topic, partition][-1].offset + 3 if topic == PUBLISHED else 0

    def count_records(self) -> int:
        """All of them."""
        return sum(map(len, self.records.values()))

    def count_offsets(self) -> int:
        """Up to where they lie, of all partitions."""
        return sum(some[-1].offset + 1 for some in self.records.values())

    def read_past(self, partition: int) -> Iterator[RestoredRecord]:
        """What is to be judged again."""
        return iter(self.past[partition])

    def find_low(self, partition: int) -> int:
        """What had been deleted."""
        return self.lows[partition]


def make_ledger(seed: int, partitions: int) -> MadeLedger:
    """The ledger of a seed. Its first partition begins with a hole of one offset, which is the hardest to pass."""
    rng, topics = random.Random(seed), (ALERTS, ENTRIES, REJECTED, PUBLISHED)
    places = [(topic, number) for topic in topics for number in range(partitions)]
    records = {place: make_records(rng, *place) for place in places}
    past = {number: make_records(rng, PUBLISHED, number)[:2] for number in range(partitions)}
    lows = {number: records[PUBLISHED, number][3].offset + 1 if number % 2 else 0 for number in range(partitions)}
    return MadeLedger(records, past, lows)


def make_records(rng: random.Random, topic: str, partition: int) -> list[RestoredRecord]:
    """Records at their offsets: outputs one after another, what was published with holes between."""
    offset, made = (1 if partition == 0 and topic == PUBLISHED else 0), []
    for number in range(RECORDS):
        value = None if rng.random() < 0.1 else rng.randbytes(rng.randint(0, 300))
        headers = (("ce_id", b"%d" % number), ("x", None)) if number % 3 else ()
        made.append(RestoredRecord(offset, BEGINNING + number * 1000, b"T-%d" % number, value, headers))
        offset += 1 + (rng.choice(GAPS) if topic == PUBLISHED else 0)
    return made


def break_step(name: str) -> None:
    """Take out one step, in this process alone."""
    if name == "end":  # what lies there is written once more
        TopicRestore._plan_topic = lambda self, topic, number: plan_stretches(  # type: ignore[method-assign, assignment]  # broken on purpose
            self._source.read_topic(topic, number), 0, self._source.find_end(topic, number)
        )
    elif name == "begun":  # what lies there is gone on from, whatever it is
        TopicRestore._is_begun = lambda *_: True  # type: ignore[method-assign]  # broken on purpose
    elif name == "proof":  # nothing is read back
        TopicRestore._prove_partition = lambda self, topic, number: self.report.ends.update(  # type: ignore[method-assign, assignment]  # broken on purpose
            {(topic, number): self._topics.find_end(topic, number)}
        )
    else:  # which topics are the restore's own is not noted
        RestoreMark.note_topics = lambda self, _: self._write({})  # type: ignore[method-assign, assignment]  # broken on purpose


def main() -> int:
    """Restore; the exit code."""
    settings = load_settings(Path(sys.argv[1]))
    for name in sys.argv[3:]:
        break_step(name)
    try:
        report = restore_topics(settings, make_ledger(int(sys.argv[2]), settings.partitions), None)
    except LedgerError as error:
        sys.stderr.write(f"{error}\n")
        return AWAY
    sys.stdout.write(f"{report.written}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
