"""The fold on large books: that its cost grows with what is written, whatever the order, and its worst single event.

    python -m bench.large [--events N] [--disruptions N] [--repeats R]

Each shape is folded at N events and at a tenth of them: *growth* is the time for each event and leg at N over that at
the tenth, 1 where it is linear. Then what an event costs that moves all the others of its activity, and one book of
many disruptions: its slowest event, its reclassification as a whole, and what packing and unpacking it take.
"""

import argparse
import gc
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from bench.fold import DAY, START, assessment, disruption, event_id, mix
from bench.spread import keep, keeping
from ledger.facts import DisruptionFact, Fact, ThreatFact
from methodology.book import Book
from methodology.posting import Posted, post, restore

THREAT = "threat-00000"
AFTER = START * DAY + 400 * DAY
TENTH = 10
LATER = 1 << 50  # a ledger time after every entry


def members(events: int, pillars: tuple[str, ...] = ("PURSUE",)) -> list[DisruptionFact]:
    """Disruptions of one activity, oldest first, a second apart; pillars in turn."""
    rng = random.Random(1)
    one = replace(
        disruption(rng, THREAT, 0, START * DAY), recorded_by="metropolitan", activity_ref="A", category="MINOR"
    )
    return [
        replace(
            one,
            event_id=event_id(rng),
            disruption_id=f"D-{n:09d}",
            pillar=pillars[n % len(pillars)],
            entered_at=START * DAY + n * 1000,
            event_date=START - 1,
        )
        for n in range(events)
    ]


def next_version(before: DisruptionFact, rng: random.Random, **said: Any) -> DisruptionFact:
    """The version after, half a second later."""
    changed = {"event_id": event_id(rng), "version": before.version + 1, "entered_at": before.entered_at + 500}
    return replace(before, **({"change": "AMENDED"} | changed | said))


def assessed(kind: str = "OCG", version: int = 1, at: int = START * DAY) -> ThreatFact:
    return assessment(random.Random(version), THREAT, version, kind, at)


def newest_first(events: int) -> list[Fact]:
    return [assessed(), *reversed(members(events))]


def newest_first_but_one(events: int) -> list[Fact]:
    """The newest of all has another pillar than the others: the first of them moves it, for good."""
    newest, *others = reversed(members(events))
    return [assessed(), replace(newest, pillar="PREVENT"), *others]


def newest_first_withdrawn(events: int) -> list[Fact]:
    """Each is withdrawn before the next is heard; another pillar stays in the end."""
    rng = random.Random(2)
    newest, *others = reversed(members(events // 2))
    pairs = [(one, next_version(one, rng, change="WITHDRAWN")) for one in others]
    return [assessed(), replace(newest, pillar="PREVENT"), *(fact for pair in pairs for fact in pair)]


def newest_first_halves(events: int) -> list[Fact]:
    """The older half has another pillar: the first of it moves the newer half, the others nothing."""
    facts = members(events)
    older = [replace(one, pillar="PREVENT") for one in facts[: events // 2]]
    return [assessed(), *reversed(facts[events // 2 :]), *reversed(older)]


def newest_first_within(events: int) -> list[Fact]:
    """A second pillar within each first, both withdrawn before the next is heard: nothing moves but themselves."""
    rng = random.Random(7)
    found: list[Fact] = [assessed()]
    first, second = members(events // 4), members(events // 2)[events // 4 :]
    for n in reversed(range(len(first))):
        outer = replace(first[n], entered_at=START * DAY + n * 4000)
        inner = replace(second[n], pillar="PREVENT", entered_at=outer.entered_at + 1000)
        gone = [
            next_version(one, rng, change="WITHDRAWN", entered_at=outer.entered_at + 2000) for one in (inner, outer)
        ]
        found += [outer, inner, *gone]
    return found


def newest_first_around(events: int) -> list[Fact]:
    """Each withdrawn before the next is heard; one in the middle, withdrawn too, has another pillar and moves twice
    with each that was entered before it.
    """
    rng = random.Random(8)
    found: list[Fact] = [assessed()]
    for n, one in enumerate(reversed(members(events // 2))):
        heard = replace(one, pillar="PREVENT") if n == events // 4 else one
        found += [heard, next_version(heard, rng, change="WITHDRAWN")]
    return found


def any_order(events: int) -> list[Fact]:
    """Four pillars, heard in any order: the few that unseat the first move all."""
    facts: list[Fact] = list(members(events, ("PURSUE", "PREVENT", "PROTECT", "PREPARE")))
    random.Random(3).shuffle(facts)
    return [assessed(), *facts]


def awaiting(events: int) -> list[Fact]:
    """Two pillars, newest first, of a threat that nobody assessed: nothing moves."""
    return list(reversed(members(events, ("PURSUE", "PREVENT"))))


def many_versions(events: int) -> list[Fact]:
    """One disruption, amended again and again."""
    rng, found = random.Random(4), [members(1)[0]]
    while len(found) < events:
        found.append(next_version(found[-1], rng, category=("MINOR", "MAJOR")[len(found) % 2]))
    return [assessed(), *found]


def many_assessments(events: int) -> list[Fact]:
    """A threat assessed again and again, now and then as another kind; then late disruptions, entered before it all."""
    halves = events // 2
    kinds = ["OCG" if n % 1000 else "VULNERABILITY" for n in range(halves)]
    said = [assessed(kind, n + 1, AFTER + n * DAY) for n, kind in enumerate(kinds)]
    return [*said, *members(halves)]


def spread_out(disruptions: int) -> list[DisruptionFact]:
    """Disruptions as they come, over a year; one in ten is in an activity."""
    rng = random.Random(6)
    return [disruption(rng, THREAT, n, START * DAY + n * (365 * DAY // disruptions)) for n in range(disruptions)]


SHAPES: dict[str, Callable[[int], list[Fact]]] = {
    "newest first": newest_first,
    "newest first, one of another pillar": newest_first_but_one,
    "newest first, withdrawn": newest_first_withdrawn,
    "newest first, one half before another": newest_first_halves,
    "newest first, one within another": newest_first_within,
    "newest first, around one": newest_first_around,
    "any order, four pillars": any_order,
    "newest first, two pillars, not assessed": awaiting,
    "versions of one disruption": many_versions,
    "assessments of one threat": many_assessments,
}


@dataclass(frozen=True, slots=True)
class Folded:
    """Processor seconds of a fold and of its slowest event, and what it wrote: events and legs."""

    seconds: float
    slowest: float
    written: int


def fold(facts: list[Fact], book: Book) -> Folded:
    """Post every event."""
    gc.collect()
    began = last = time.process_time()
    slowest, written = 0.0, 0
    for fact in facts:
        posted = post(book, fact, LATER)
        assert isinstance(posted, Posted), posted
        written += 1 + len(posted.legs)
        now = time.process_time()
        slowest, last = max(slowest, now - last), now
    return Folded(last - began, slowest, written)


def measure_growth(shape: Callable[[int], list[Fact]], events: int, repeats: int) -> dict[str, float]:
    """The quickest of some repeats at N and at a tenth, each for as much as it wrote, and their ratio."""
    few, many = shape(events // TENTH), shape(events)
    pairs = [(fold(few, Book(THREAT)), fold(many, Book(THREAT))) for _ in range(repeats)]
    tenth, whole = (min(folded, key=lambda one: one.seconds) for folded in zip(*pairs, strict=True))
    return {
        "microseconds per event or leg": round(whole.seconds / whole.written * 1e6, 1),
        "events and legs": whole.written,
        "slowest event, ms": round(whole.slowest * 1e3, 1),
        "growth": round((whole.seconds / whole.written) / (tenth.seconds / tenth.written), 2),
    }


def measure_storm(events: int) -> dict[str, float]:
    """Two pillars in turn, newest first, of an assessed threat: each event moves all that were heard before it."""
    folded = fold([assessed(), *awaiting(events)], Book(THREAT))
    return {
        "events": events,
        "events and legs": folded.written,
        "microseconds per event or leg": round(folded.seconds / folded.written * 1e6, 1),
        "slowest event, ms": round(folded.slowest * 1e3, 1),
    }


def measure_book(disruptions: int) -> dict[str, float]:
    """One threat with so many disruptions: folded, packed, unpacked, restored, and reclassified whole by one event."""
    facts: list[Fact] = [replace(assessed(), assessed_on=START - 100), *spread_out(disruptions)]
    book = Book(THREAT)
    folded = fold(facts, book)
    packing, packed = timed(book.pack)
    unpacking, _ = timed(lambda: Book.unpack(THREAT, packed))
    restoring, _ = timed(lambda: restore_all(facts))
    reclassified = fold([replace(assessed("VULNERABILITY", 2, AFTER), assessed_on=START - 100)], book)
    ordinary = fold([fact for _, fact in mix(disruptions * 6 // 5, 5, threats_in_all=1)], Book(THREAT))
    return {
        "disruptions": disruptions,
        "fold, s": folded.seconds,
        "slowest event of them, ms": folded.slowest * 1e3,
        "pack, s": packing,
        "packed MB": len(packed) / 1e6,
        "unpack, s": unpacking,
        "restore, s": restoring,
        "reclassified by one event, s": reclassified.seconds,
        "legs of that event": reclassified.written - 1,
        "ordinary mix of one threat, microseconds per event or leg": ordinary.seconds / ordinary.written * 1e6,
        "slowest event of that mix, ms": ordinary.slowest * 1e3,
    }


def restore_all(facts: list[Fact]) -> None:
    """As recovery does."""
    book = Book(THREAT)
    for fact in facts:
        restore(book, fact)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds, and what came of it."""
    gc.collect()
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


def measure(events: int, disruptions: int, repeats: int) -> dict[str, Any]:
    """Everything."""
    growth = {name: measure_growth(shape, events, repeats) for name, shape in SHAPES.items()}
    book = {name: round(value, 3) for name, value in measure_book(disruptions).items()}
    return {
        "events of a shape": events,
        "shapes": growth,
        "greatest growth": max(one["growth"] for one in growth.values()),
        "every event moves all": measure_storm(events // TENTH),
        "one book": book,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--disruptions", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    keeping(parser, "large")
    asked = parser.parse_args()
    found = measure(asked.events, asked.disruptions, asked.repeats)
    keep(asked.keep, found)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
