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

from bench.fold import DAY, START, draw_event_id, make_assessment, make_disruption, make_mix
from bench.spread import add_keep_option, keep_results
from ledger.facts import DisruptionFact, Fact, ThreatFact
from methodology.book import Book
from methodology.posting import Posted, post_event, restore_event

THREAT = "threat-00000"
AFTER = START * DAY + 400 * DAY
TENTH = 10
LATER = 1 << 50  # a ledger time after every entry


def make_members(events: int, pillars: tuple[str, ...] = ("PURSUE",)) -> list[DisruptionFact]:
    """Make disruptions of one activity, oldest first, a second apart; pillars in turn."""
    rng = random.Random(1)
    one = replace(
        make_disruption(rng, THREAT, 0, START * DAY), recorded_by="metropolitan", activity_ref="A", category="MINOR"
    )
    return [
        replace(
            one,
            event_id=draw_event_id(rng),
            disruption_id=f"D-{n:09d}",
            pillar=pillars[n % len(pillars)],
            entered_at=START * DAY + n * 1000,
            event_date=START - 1,
        )
        for n in range(events)
    ]


def make_next_version(before: DisruptionFact, rng: random.Random, **said: Any) -> DisruptionFact:
    """Make the version after, half a second later."""
    changed = {"event_id": draw_event_id(rng), "version": before.version + 1, "entered_at": before.entered_at + 500}
    return replace(before, **({"change": "AMENDED"} | changed | said))


def make_assessed(kind: str = "OCG", version: int = 1, at: int = START * DAY) -> ThreatFact:
    return make_assessment(random.Random(version), THREAT, version, kind, at)


def make_newest_first(events: int) -> list[Fact]:
    return [make_assessed(), *reversed(make_members(events))]


def make_newest_first_but_one(events: int) -> list[Fact]:
    """Let the newest of all have another pillar than the others: the first of them moves it, for good."""
    newest, *others = reversed(make_members(events))
    return [make_assessed(), replace(newest, pillar="PREVENT"), *others]


def make_newest_first_withdrawn(events: int) -> list[Fact]:
    """Withdraw each before the next is heard; another pillar stays in the end."""
    rng = random.Random(2)
    newest, *others = reversed(make_members(events // 2))
    pairs = [(one, make_next_version(one, rng, change="WITHDRAWN")) for one in others]
    return [make_assessed(), replace(newest, pillar="PREVENT"), *(fact for pair in pairs for fact in pair)]


def make_newest_first_halves(events: int) -> list[Fact]:
    """Let the older half have another pillar: the first of it moves the newer half, the others nothing."""
    facts = make_members(events)
    older = [replace(one, pillar="PREVENT") for one in facts[: events // 2]]
    return [make_assessed(), *reversed(facts[events // 2 :]), *reversed(older)]


def make_newest_first_within(events: int) -> list[Fact]:
    """Put a second pillar within each first, both withdrawn before the next is heard: they move themselves alone."""
    rng = random.Random(7)
    found: list[Fact] = [make_assessed()]
    first, second = make_members(events // 4), make_members(events // 2)[events // 4 :]
    for n in reversed(range(len(first))):
        outer = replace(first[n], entered_at=START * DAY + n * 4000)
        inner = replace(second[n], pillar="PREVENT", entered_at=outer.entered_at + 1000)
        gone = [
            make_next_version(one, rng, change="WITHDRAWN", entered_at=outer.entered_at + 2000)
            for one in (inner, outer)
        ]
        found += [outer, inner, *gone]
    return found


def make_newest_first_around(events: int) -> list[Fact]:
    """Withdraw each before the next is heard; one in the middle, withdrawn too, has another pillar and moves twice
    with each that was entered before it.
    """
    rng = random.Random(8)
    found: list[Fact] = [make_assessed()]
    for n, one in enumerate(reversed(make_members(events // 2))):
        heard = replace(one, pillar="PREVENT") if n == events // 4 else one
        found += [heard, make_next_version(heard, rng, change="WITHDRAWN")]
    return found


def make_any_order(events: int) -> list[Fact]:
    """Shuffle four pillars: the few that unseat the first move all."""
    facts: list[Fact] = list(make_members(events, ("PURSUE", "PREVENT", "PROTECT", "PREPARE")))
    random.Random(3).shuffle(facts)
    return [make_assessed(), *facts]


def make_unassessed(events: int) -> list[Fact]:
    """Make two pillars, newest first, of a threat that nobody assessed: nothing moves."""
    return list(reversed(make_members(events, ("PURSUE", "PREVENT"))))


def make_many_versions(events: int) -> list[Fact]:
    """Amend one disruption again and again."""
    rng, found = random.Random(4), [make_members(1)[0]]
    while len(found) < events:
        found.append(make_next_version(found[-1], rng, category=("MINOR", "MAJOR")[len(found) % 2]))
    return [make_assessed(), *found]


def make_many_assessments(events: int) -> list[Fact]:
    """Assess a threat again and again, now and then as another kind; then late disruptions, entered before it all."""
    halves = events // 2
    kinds = ["OCG" if n % 1000 else "VULNERABILITY" for n in range(halves)]
    said = [make_assessed(kind, n + 1, AFTER + n * DAY) for n, kind in enumerate(kinds)]
    return [*said, *make_members(halves)]


def make_spread_out(disruptions: int) -> list[DisruptionFact]:
    """Make disruptions as they come, over a year; one in ten is in an activity."""
    rng = random.Random(6)
    return [make_disruption(rng, THREAT, n, START * DAY + n * (365 * DAY // disruptions)) for n in range(disruptions)]


SHAPES: dict[str, Callable[[int], list[Fact]]] = {
    "newest first": make_newest_first,
    "newest first, one of another pillar": make_newest_first_but_one,
    "newest first, withdrawn": make_newest_first_withdrawn,
    "newest first, one half before another": make_newest_first_halves,
    "newest first, one within another": make_newest_first_within,
    "newest first, around one": make_newest_first_around,
    "any order, four pillars": make_any_order,
    "newest first, two pillars, not assessed": make_unassessed,
    "versions of one disruption": make_many_versions,
    "assessments of one threat": make_many_assessments,
}


@dataclass(frozen=True, slots=True)
class Folded:
    """Processor seconds of a fold and of its slowest event, and what it wrote: events and legs."""

    seconds: float
    slowest: float
    written: int


def fold_facts(facts: list[Fact], book: Book) -> Folded:
    """Post every event."""
    gc.collect()
    began = last = time.process_time()
    slowest, written = 0.0, 0
    for fact in facts:
        posted = post_event(book, fact, LATER)
        assert isinstance(posted, Posted), posted
        written += 1 + len(posted.legs)
        now = time.process_time()
        slowest, last = max(slowest, now - last), now
    return Folded(last - began, slowest, written)


def measure_growth(shape: Callable[[int], list[Fact]], events: int, repeats: int) -> dict[str, float]:
    """Measure the quickest of some repeats at N and at a tenth, each for as much as it wrote, and their ratio."""
    few, many = shape(events // TENTH), shape(events)
    pairs = [(fold_facts(few, Book(THREAT)), fold_facts(many, Book(THREAT))) for _ in range(repeats)]
    tenth, whole = (min(folded, key=lambda one: one.seconds) for folded in zip(*pairs, strict=True))
    return {
        "microseconds per event or leg": round(whole.seconds / whole.written * 1e6, 1),
        "events and legs": whole.written,
        "slowest event, ms": round(whole.slowest * 1e3, 1),
        "growth": round((whole.seconds / whole.written) / (tenth.seconds / tenth.written), 2),
    }


def measure_storm(events: int) -> dict[str, float]:
    """Measure two pillars in turn, newest first, of an assessed threat: each event moves all heard before it."""
    folded = fold_facts([make_assessed(), *make_unassessed(events)], Book(THREAT))
    return {
        "events": events,
        "events and legs": folded.written,
        "microseconds per event or leg": round(folded.seconds / folded.written * 1e6, 1),
        "slowest event, ms": round(folded.slowest * 1e3, 1),
    }


def measure_book(disruptions: int) -> dict[str, float]:
    """Measure one threat with so many disruptions: folded, packed, restored, and reclassified whole by one event."""
    facts: list[Fact] = [replace(make_assessed(), assessed_on=START - 100), *make_spread_out(disruptions)]
    book = Book(THREAT)
    folded = fold_facts(facts, book)
    packing, packed = measure_seconds(book.pack)
    unpacking, _ = measure_seconds(lambda: Book.unpack(THREAT, packed))
    restoring, _ = measure_seconds(lambda: restore_all(facts))
    reclassified = fold_facts([replace(make_assessed("VULNERABILITY", 2, AFTER), assessed_on=START - 100)], book)
    ordinary = fold_facts([fact for _, fact in make_mix(disruptions * 6 // 5, 5, threats_in_all=1)], Book(THREAT))
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
    """Restore every event, as recovery does."""
    book = Book(THREAT)
    for fact in facts:
        restore_event(book, fact)


def measure_seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Measure processor seconds; return them, and what came of it."""
    gc.collect()
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


def measure_all(events: int, disruptions: int, repeats: int) -> dict[str, Any]:
    """Measure how the fold grows with a large threat, and what a book takes."""
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
    add_keep_option(parser, "large")
    asked = parser.parse_args()
    found = measure_all(asked.events, asked.disruptions, asked.repeats)
    keep_results(asked.keep, found)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
