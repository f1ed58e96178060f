"""Whether the store still holds what its entries say that they wrote, and from where on it must be loaded again.

A disk can lose what was synced, and a restored copy can lack a part: an entry that stays without its postings would be
read as a smaller figure, in silence. Every entry says how many legs it has, so stored legs are held to that, position
by position; and a position that no output covers, though all outputs were consumed, is lost from its own table.

Legs without their entry, at or past the end of the chain of outputs, are what a write that was cut off leaves: the
records that they come from are loaded next anyway. They are damage only when all there is was loaded and no record
explained them; so a loader that was killed between the two goes on with what was under way, and not from the first
record. Nothing past the end of the chain is counted, so nothing is said of it meanwhile.

An output that is lost leaves the chain of outputs shorter than it was when that was last written down
(``sinks.progress``): that is found whatever else is there, be it the newest of all, with no legs and nothing after it.

What is found is loaded again from the topics, once for each finding: rows are keyed by position, so what is there
already stays as it is. What cannot be mended so stays a trouble of the loader's, and its positions are not claimed.
Closings that sum any of it are forgotten, when it is found and again when it is mended.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Final

import structlog

from sinks.closings import forget_closings
from sinks.positions import find_covered
from sinks.store import Store

CHECK_SECONDS: Final = 300.0
CHECK_AGAIN_SECONDS: Final = 5.0  # while something is found: is it mended, does a hole stay, was it only cut off?
BUSY_SECONDS: Final = 60.0  # so much later where the loader is never without work
HOLE_SECONDS: Final = 30.0  # a worker that was killed at work leaves a hole, which the next one fills before that
_log = structlog.get_logger("sinks.integrity")

# The same hash of (offset, leg) on both sides: what entries say, and what is there. Sums wrap; FINAL: each row once.
_SIDES: Final = {
    "postings": (
        "arraySum(arrayMap(leg -> cityHash64(offset, toUInt32(leg)), range(first_leg, first_leg + leg_count)))"
    ),
    "threat_postings": "arraySum(arrayMap(leg -> cityHash64(offset, toUInt32(leg)), range(0, threat_leg_count)))",
}
_BOTH: Final = """
SELECT partition, offset, {said} AS said, toUInt64(0) AS held FROM entries FINAL
    WHERE has({{partitions:Array(Int32)}}, partition){below}
UNION ALL
SELECT partition, offset, toUInt64(0) AS said, cityHash64(offset, leg) AS held FROM {table} FINAL
    WHERE has({{partitions:Array(Int32)}}, partition){below}
"""
_BELOW: Final = " AND offset < {below:Array(Int64)}[partition + 1]"  # past the array's end: 0
_DIFFERING: Final = "SELECT partition FROM ({both}) GROUP BY partition HAVING sum(said) != sum(held)"
_FIRST: Final = """
SELECT partition, min(offset) AS first FROM (
    SELECT partition, offset FROM ({both}) GROUP BY partition, offset HAVING sum(said) != sum(held)
) GROUP BY partition
"""
_REACH: Final = """
SELECT partition, max(offset) + 1 AS reach
FROM (SELECT partition, offset FROM entries UNION ALL SELECT partition, offset FROM rejected)
WHERE offset < transform(partition, {partitions:Array(Int32)}, {ends:Array(Int64)}, toInt64(0))
GROUP BY partition
"""


def find_lost_legs(store: Store, partitions: Iterable[int], below: Mapping[int, int] | None = None) -> dict[int, int]:
    """Find, per partition, the first source offset whose stored legs are not those that its entry says.

    ``below``: by partition, before which offset; not given where nobody writes meanwhile.
    """
    found: dict[int, int] = {}
    bound = {} if below is None else {"below": list_offsets(below)}
    for table, said in _SIDES.items():
        both = _BOTH.format(said=said, table=table, below=_BELOW if bound else "")
        wrong = store.query(_DIFFERING.format(both=both), {"partitions": list(partitions)} | bound)
        if not wrong:
            continue
        asked = {"partitions": [row["partition"] for row in wrong]} | bound
        for row in store.query(_FIRST.format(both=both), asked):
            found[row["partition"]] = min(row["first"], found.get(row["partition"], row["first"]))
    return found


def find_unfinished(store: Store, lost: Mapping[int, int]) -> set[int]:
    """Find which of these partitions lack nothing below where their chain of outputs ends: a write was cut off there.

    Legs are written before their entries, in the order of the topic. So what differs first at or past the end of the
    chain came with a write whose entries, or whose later parts of one, did not; or an output before it is to come.
    """
    covered = find_covered(store) if lost else {}
    return {partition for partition, offset in lost.items() if offset >= covered.get(partition, 0)}


def list_offsets(position: Mapping[int, int]) -> list[int]:
    """List a position by partition from 0, as the engine's arrays have it."""
    return [position.get(number, 0) for number in range(max(position, default=-1) + 1)]


def find_holes(store: Store, ends: Mapping[int, int]) -> dict[int, int]:
    """Find, per partition, the first source offset that no output covers though a later one is stored.

    ``ends``: where each partition of ``soc.published`` ends; what claims to lie past it is forged, and makes no hole.
    """
    store.forget_coverage()
    covered = find_covered(store)
    reaches = store.query(_REACH, {"partitions": list(ends), "ends": list(ends.values())})
    return {
        row["partition"]: covered.get(row["partition"], 0)
        for row in reaches
        if covered.get(row["partition"], 0) < row["reach"]
    }


def find_shortened(store: Store, reached: Mapping[int, int]) -> dict[int, int]:
    """Find, per partition whose chain of outputs reached further once, where it ends now."""
    covered = find_covered(store)
    return {partition: covered.get(partition, 0) for partition, at in reached.items() if covered.get(partition, 0) < at}


class IntegrityCheck:
    """Remembers what was found wrong with one store, and what was already loaded again for it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._due_at = 0.0
        self._holes: dict[int, tuple[int, float]] = {}  # partition: offset, and when it was seen first
        self._late: dict[int, int] = {}  # what only shows once all was loaded; so it stays until all is loaded again
        self._reloaded: dict[int, int] = {}

    def is_due(self, *, is_busy: bool) -> bool:
        """Return whether it is time to look; while there is something to write, that can wait for a while."""
        return time.monotonic() >= self._due_at + (BUSY_SECONDS if is_busy else 0.0)

    def inspect_partitions(
        self, partitions: Iterable[int], ends: Mapping[int, int], reached: Mapping[int, int], *, is_caught_up: bool
    ) -> dict[int, int]:
        """Look; give, per damaged partition, the offset from which to load again, where that was not tried yet.

        Args:
            partitions: those that nobody writes to meanwhile.
            ends: where each partition of ``soc.published`` ends.
            reached: how far the chain of each partition is known to have reached.
            is_caught_up: whether every output there is has been consumed and written; only then is a hole a loss, and
                only one that stays, and only then are legs past the chain's end nobody's.

        Raises:
            Unavailable: the store did not answer.
        """
        wanted = set(partitions)
        damaged = find_lost_legs(self._store, wanted)
        unfinished: set[int] = set()
        if is_caught_up:
            self._late = self._find_late(damaged, ends)
        else:
            unfinished = find_unfinished(self._store, damaged)
            damaged = {partition: offset for partition, offset in damaged.items() if partition not in unfinished}
        for also in (self._late, find_shortened(self._store, reached)):
            damaged = _join_earliest(damaged, {p: offset for p, offset in also.items() if p in wanted})
        self._remember(wanted, damaged, is_open=bool(unfinished))
        return {p: offset for p, offset in damaged.items() if self._reloaded.get(p) != offset}

    def mark_reloading(self, damaged: Mapping[int, int]) -> None:
        """Note that these are being loaded again."""
        self._reloaded |= damaged
        self._due_at = time.monotonic() + CHECK_AGAIN_SECONDS

    def _find_late(self, lost: Mapping[int, int], ends: Mapping[int, int]) -> dict[int, int]:
        """Find what is damage only because all was loaded: holes that last, and legs past the chain's end."""
        nobodys = find_unfinished(self._store, lost)
        return _join_earliest(self._find_lasting_holes(ends), {p: o for p, o in lost.items() if p in nobodys})

    def _find_lasting_holes(self, ends: Mapping[int, int]) -> dict[int, int]:
        now, seen = time.monotonic(), self._holes
        found = find_holes(self._store, ends)
        fresh = {p: (offset, now) for p, offset in found.items() if seen.get(p, (None, now))[0] != offset}
        self._holes = {p: fresh.get(p) or seen[p] for p in found}
        return {p: offset for p, (offset, since) in self._holes.items() if now - since >= HOLE_SECONDS}

    def _remember(self, partitions: set[int], damaged: Mapping[int, int], *, is_open: bool) -> None:
        before = dict(self._store.damaged)
        others = {p: offset for p, offset in before.items() if p not in partitions}
        self._store.note_damage(before | dict(damaged))  # at once: nobody may read a moment without the damage
        forget_closings(self._store, before | {p: min(o, before.get(p, o)) for p, o in damaged.items()})
        self._store.note_damage(others | dict(damaged))
        if damaged:
            self._store.forget_coverage()
            _log.error("stored rows are missing", first_offsets=dict(damaged))
        self._reloaded = {p: o for p, o in self._reloaded.items() if p not in partitions or damaged.get(p) == o}
        found = bool(damaged or self._holes) or is_open
        self._due_at = time.monotonic() + (CHECK_AGAIN_SECONDS if found else CHECK_SECONDS)


def _join_earliest(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    """Join what was found, the earlier offset of each partition."""
    return {p: min(found[p] for found in (one, other) if p in found) for p in one.keys() | other.keys()}


def describe_damage(damaged: Mapping[int, int]) -> str | None:
    """Say what is damaged and what is done about it; None for nothing."""
    if not damaged:
        return None
    places = ", ".join(
        f"partition {partition} from offset {offset} on" for partition, offset in sorted(damaged.items())
    )
    return (
        f"stored rows are missing ({places}): they are loaded again from the topics, and not counted until then; "
        "if this stays, see `disruptions unloadable`, or rebuild the store"
    )
