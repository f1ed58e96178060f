"""The fold alone: events a second, and what a book weighs, on the mix of a national year.

    python -m bench.fold [--events N] [--repeats R]

The mix: 5% threat events (about 30 disruptions a threat; one assessment in five may reclassify), else disruptions, of
which 15% are corrections and one in ten has an activity. Decoded facts in, postings out; nothing is encoded.
"""

import argparse
import gc
import random
import statistics
import time
import tracemalloc
import uuid
from collections.abc import Callable, Iterable

import msgspec

from bench.spread import add_keep_option, keep_results
from ledger.facts import DisruptionFact, Fact, ThreatFact
from ledger.organisations import FORCES
from methodology.book import Book
from methodology.posting import Posted, post_event, restore_event

DAY = 86_400_000
START = 19_000
PILLARS = ("PURSUE", "PURSUE", "PURSUE", "PURSUE", "PROTECT", "PREVENT", "PREPARE")
CATEGORIES = ("MINOR", "MINOR", "MINOR", "MODERATE", "MAJOR", "NONE", "UNASSESSED")


def make_mix(events: int, seed: int, threats_in_all: int | None = None) -> list[tuple[str, Fact]]:
    """Make a seeded run of events in the order of their entry.

    Over as many threats as make about 30 disruptions each, or as many as are given.
    """
    rng = random.Random(seed)
    threats = [f"threat-{n:05d}" for n in range(threats_in_all or max(1, events // 37))]
    assessed = dict.fromkeys(threats, 0)
    kinds = {one: rng.choice(("OCG", "OCG", "VULNERABILITY")) for one in threats}
    live: dict[str, list[DisruptionFact]] = {one: [] for one in threats}
    found: list[tuple[str, Fact]] = []
    for number in range(events):
        at = START * DAY + number * (365 * DAY // events)
        threat = rng.choice(threats)
        if assessed[threat] == 0 or rng.random() < 0.022:
            assessed[threat] += 1
            if rng.random() < 0.2:
                kinds[threat] = rng.choice(("OCG", "PRIORITY_INDIVIDUAL", "VULNERABILITY"))
            found.append((threat, make_assessment(rng, threat, assessed[threat], kinds[threat], at)))
        elif live[threat] and rng.random() < 0.15:
            found.append((threat, make_correction(rng, live[threat], at)))
        else:
            recorded = make_disruption(rng, threat, number, at)
            live[threat].append(recorded)
            found.append((threat, recorded))
    return found


def draw_event_id(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def make_assessment(rng: random.Random, threat: str, version: int, kind: str, at: int) -> ThreatFact:
    return ThreatFact(
        event_id=draw_event_id(rng),
        threat_id=threat,
        version=version,
        owner="metropolitan",
        source_sequence=version,
        kind=kind,
        crime_type="DRUGS",
        tags=[],
        assessment_type="TACTICAL",
        moderation_status="MODERATED",
        soc=True,
        tier=2,
        phase="Active",
        assessed_on=at // DAY - rng.randrange(20),
        entered_at=at,
        actor="a1",
        reason=None,
        source_system="synthetic",
    )


def make_disruption(rng: random.Random, threat: str, number: int, at: int) -> DisruptionFact:
    return DisruptionFact(
        event_id=draw_event_id(rng),
        change="RECORDED",
        disruption_id=f"D-{number:09d}",
        version=1,
        threat_id=threat,
        recorded_by=rng.choice(FORCES).code,
        source_sequence=number,
        type="LEAD",
        benefits=None,
        pillar=rng.choice(PILLARS),
        category=rng.choice(CATEGORIES),
        activity_ref=f"A-{rng.randrange(3)}" if rng.random() < 0.1 else None,
        event_date=at // DAY - min(rng.randrange(60), rng.randrange(60)),
        entered_at=at,
        tags=["county lines"],
        plan_ref=None,
        actor="a1",
        reason=None,
        source_system="synthetic",
        entry_route="DIRECT",
    )


def make_correction(rng: random.Random, live: list[DisruptionFact], at: int) -> DisruptionFact:
    place = rng.randrange(len(live))
    before = live[place]
    fields = {name: getattr(before, name) for name in before.__struct_fields__}
    change = rng.choice(("AMENDED", "REASSESSED", "REASSESSED", "WITHDRAWN"))
    fields |= {"event_id": draw_event_id(rng), "change": change, "version": before.version + 1, "entered_at": at}
    fields["category"] = rng.choice(CATEGORIES)
    after = DisruptionFact(**fields)
    if change == "WITHDRAWN":
        del live[place]
    else:
        live[place] = after
    return after


def fold_mix(events: Iterable[tuple[str, Fact]]) -> tuple[dict[str, Book], int]:
    """Post every event; the books, and how many legs were written."""
    books: dict[str, Book] = {}
    legs = 0
    for threat, fact in events:
        book = books.get(threat)
        if book is None:
            book = books[threat] = Book(threat)
        posted = post_event(book, fact, fact.entered_at)
        assert isinstance(posted, Posted), posted
        legs += len(posted.legs)
    return books, legs


def replay_mix(events: list[tuple[str, Fact]]) -> None:
    """Restore every event, as recovery does."""
    books: dict[str, Book] = {}
    for threat, fact in events:
        book = books.get(threat)
        if book is None:
            book = books[threat] = Book(threat)
        restore_event(book, fact)


def measure_seconds(work: Callable[[list[tuple[str, Fact]]], object], facts: list[tuple[str, Fact]]) -> float:
    """Measure processor time: one thread and no input or output, so what else the machine does should not count."""
    gc.collect()
    began = time.process_time()
    work(facts)
    return time.process_time() - began


def weigh_books(facts: list[tuple[str, Fact]]) -> tuple[int, int, int, int]:
    """Weigh the books: disruptions, legs, and bytes live and packed; facts are decoded and dropped, as by a worker."""
    wires = [(threat, type(fact), msgspec.msgpack.encode(fact)) for threat, fact in facts]
    tracemalloc.start()
    books, legs = fold_mix((threat, msgspec.msgpack.decode(wire, type=kind)) for threat, kind, wire in wires)
    gc.collect()
    live = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    disruptions = sum(len(book.disruptions) for book in books.values())
    return disruptions, legs, live, sum(len(book.pack()) for book in books.values())


def measure_fold(events: int, repeats: int) -> dict[str, float]:
    """Measure the medians of interleaved repeats, and the weight of the books that the events make."""
    facts = make_mix(events, seed=1)
    folds, restores = [], []
    for _ in range(repeats):
        folds.append(measure_seconds(fold_mix, facts))
        restores.append(measure_seconds(replay_mix, facts))
    disruptions, legs, live, packed = weigh_books(facts)
    return {
        "events": events,
        "threat_events": sum(isinstance(fact, ThreatFact) for _, fact in facts),
        "disruptions": disruptions,
        "legs": legs,
        "microseconds_per_event": round(statistics.median(folds) / events * 1e6, 1),
        "events_per_second": round(events / statistics.median(folds)),
        "events_per_second_slowest": round(events / max(folds)),
        "events_per_second_fastest": round(events / min(folds)),
        "restored_per_second": round(events / statistics.median(restores)),
        "live_bytes_per_disruption": round(live / disruptions),
        "packed_bytes_per_disruption": round(packed / disruptions),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    add_keep_option(parser, "fold")
    asked = parser.parse_args()
    found = measure_fold(asked.events, asked.repeats)
    keep_results(asked.keep, found)
    print("\n".join(f"{name:28} {value:>12,}" for name, value in found.items()))


if __name__ == "__main__":
    main()
