"""Balances carried forward: closings, what they say, which one an answer may start from, and when they are forgotten.

A closing is the net count of every account before one position, a vector: per partition the offset before which all is
summed. It never changes, and is made only where the chain of outputs is proved (``sinks.positions``), so what lies
before it does not change either: an answer at a position that it does not exceed, is the closing and the postings
after it. Reasons and proofs: docs/decisions/0016.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from ledger.facts import Millis
from sinks.frontier import Frontier
from sinks.grains import Grain
from sinks.store import Store

COLUMNS: Final = ("grain", "positions", "closing", "accounts", "postings", "ledger_times", "entered_at")
_LIST: Final = f"""
SELECT {", ".join(COLUMNS)}, (SELECT count() FROM postings) AS now FROM closings FINAL
WHERE has({{grains:Array(String)}}, grain) ORDER BY grain, arraySum(positions)
"""  # noqa: S608  (names of ours)
_COUNT: Final = "SELECT count() AS n FROM closing_balances WHERE closing = {closing:UUID}"
_PAST: Final = """
arrayExists((number, offset) -> positions[number + 1] > offset, {numbers:Array(Int64)}, {offsets:Array(Int64)})
"""
LATER: Final = (  # postings after a closing; the ledger time says no more, and asked first it leaves the least to read
    "ledger_time >= fromUnixTimestamp64Milli({learnt_from:Int64}, 'UTC')"
    " AND offset >= {carried:Array(Int64)}[partition + 1]"  # past the array's end: 0
)
SMALL_POSTINGS: Final = 1_000_000  # so many keys may be held in memory; more are read by the engine's own merge (FINAL)


class Closing(NamedTuple):
    """One closing.

    Attributes:
        grain: which event dates it takes together.
        positions: by partition: what lies before this offset is summed.
        closing: the identity of its rows.
        accounts: how many rows it must have.
        postings: how many rows of postings there were when it was made; measures growth, and is not exact.
        ledger_times: by partition: the greatest ledger time before the position.
        entered_at: the greatest entry instant of a posting in it.
    """

    grain: Grain
    positions: tuple[int, ...]
    closing: UUID
    accounts: int
    postings: int
    ledger_times: tuple[Millis, ...]
    entered_at: Millis

    def is_within(self, position: Mapping[int, int], as_at: Millis | None, known_at: Millis | None) -> bool:
        """Tell whether all it sums lies below ``position``, was entered by ``as_at`` and learnt by ``known_at``."""
        return (
            all(offset <= position.get(number, 0) for number, offset in enumerate(self.positions))
            and (as_at is None or self.entered_at <= as_at)
            and (known_at is None or all(one <= known_at for one in self.ledger_times))
        )

    def find_learnt_from(self, position: Mapping[int, int]) -> Millis:
        """Find an instant before which nothing was learnt of what lies from here to ``position``."""
        times = dict(enumerate(self.ledger_times))
        grown = [number for number, end in position.items() if end > self.position.get(number, 0)]
        return min((times.get(number, 0) for number in grown), default=0)

    @property
    def position(self) -> dict[int, int]:
        """The positions by partition."""
        return dict(enumerate(self.positions))


class Carried(NamedTuple):
    """The closing that an answer starts from, and about how many rows of postings came after it."""

    closing: Closing
    later: int

    @property
    def is_small(self) -> bool:
        """Tell whether what came later is so little that its keys can be held in memory."""
        return self.later <= SMALL_POSTINGS

    def select_later(self, *bounds: str) -> str:
        """Select from which rows the postings after it are read, each once, and of them those within ``bounds``.

        FINAL, or LIMIT 1 BY where few rows make it quicker: a leg written twice counts once.
        """
        final, once = ("", " LIMIT 1 BY partition, offset, leg") if self.is_small else (" FINAL", "")
        return f"postings{final} PREWHERE {' AND '.join((LATER, *bounds))}{once}"

    def bind_later(self, position: Mapping[int, int]) -> dict[str, Any]:
        """Bind the parameters of ``LATER``, for what lies before ``position``."""
        return {"carried": list(self.closing.positions), "learnt_from": self.closing.find_learnt_from(position)}


BEFORE_ALL: Final = Carried(Closing(Grain.EVER, (), UUID(int=0), 0, 0, (), 0), SMALL_POSTINGS + 1)
"""What is carried where there is no closing yet: nothing, and all postings come later."""


def list_closings(store: Store, *grains: Grain) -> list[Closing]:
    """List the closings of these grains, by grain and from the earliest position on. Raises Unavailable."""
    return [_read_closing(row) for row in store.query(_LIST, {"grains": list(grains)})]


def find_nearest(
    store: Store,
    grain: Grain,
    position: Mapping[int, int],
    as_at: Millis | None = None,
    known_at: Millis | None = None,
) -> Carried | None:
    """Find the latest closing that sums nothing but what is within these bounds, and has all its rows.

    Raises:
        Unavailable: the store did not answer.
    """
    rows = store.query(_LIST, {"grains": [grain]})
    for row in reversed(rows):
        found = _read_closing(row)
        if found.is_within(position, as_at, known_at) and is_whole(store, found):
            return Carried(found, max(0, row["now"] - found.postings))
    return None


def is_whole(store: Store, closing: Closing) -> bool:
    """Tell whether the store has as many rows of a closing as it must: a disk can lose what was written."""
    return bool(store.query(_COUNT, {"closing": closing.closing})[0]["n"] == closing.accounts)


def write_closing(store: Store, closing: Closing) -> None:
    """Write down that a closing is there; its rows are. Raises Unavailable."""
    store.insert_rows("closings", [*COLUMNS, "written_at"], [[*closing, datetime.now(UTC)]])


def drop_closings(store: Store, dropped: Iterable[Closing]) -> None:
    """Take closings away; whoever has begun to read one finds its rows a while longer (``sinks.closing_maker``)."""
    ids = [one.closing for one in dropped]
    if ids:
        store.query("DELETE FROM closings WHERE has({ids:Array(UUID)}, closing)", {"ids": ids})


def forget_closings(store: Store, offsets: Mapping[int, int]) -> None:
    """Forget every closing that sums anything from one of these offsets on, by partition: they are made anew.

    Raises:
        Unavailable: the store did not answer.
    """
    past = {"numbers": list(offsets), "offsets": list(offsets.values())}
    if offsets and store.query(f"SELECT count() AS n FROM closings WHERE {_PAST}", past)[0]["n"]:  # noqa: S608  (names of ours)
        store.query(f"DELETE FROM closings WHERE {_PAST}", past)  # noqa: S608  (names of ours alone)


def select_superseded(closings: Sequence[Closing]) -> list[Closing]:
    """Select which closings of one grain, in the order of their positions, nobody needs any more.

    The last two are kept, for live answers and where the last one is lost, and of the others the first in every
    doubling of the ledger: a past instant finds one that has at least about half of what came before it.
    """
    kept: set[int] = set()
    superseded = []
    for one in closings[:-2]:
        doubling = sum(one.positions).bit_length()
        if doubling in kept or one.grain is Grain.EVER:  # no question about a past instant is of that grain
            superseded.append(one)
        kept.add(doubling)
    return superseded


def list_frontiers(frontiers: Mapping[int, Frontier]) -> list[Frontier]:
    """Return the frontiers in a row by partition from 0; one that has none stands at its beginning."""
    nothing = Frontier(0, 0, None)
    return [frontiers.get(number, nothing) for number in range(max(frontiers, default=-1) + 1)]


def _read_closing(row: Mapping[str, Any]) -> Closing:
    values = {name: row[name] for name in COLUMNS}
    grain = {"grain": Grain(row["grain"])}
    lists = {name: tuple(row[name]) for name in ("positions", "ledger_times")}
    return Closing(**values | grain | lists)
