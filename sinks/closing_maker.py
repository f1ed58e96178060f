"""Making closings, beside the loading: when one is due, from the last one and the postings after it, at a frontier.

The order of effects:

1. The frontiers: nothing past them, so nothing past a hole, a damaged row or a record that could not be loaded.
2. The rows, under an identity of their own: whatever was left by a making that was cut off is no part of them.
3. The line in ``closings``, with how many rows there are: from here on answers start from it.
4. Older closings that nobody needs are taken away; rows of no closing go after ``GRACE_SECONDS``.

A making that fails is no trouble of the loader's: answers sum what comes after the closing before, and the next is due.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final
from uuid import UUID, uuid4

import structlog

from infra.metrics import measure_stage
from ledger.errors import LedgerError
from sinks.closings import (
    BEFORE_ALL,
    LATER,
    Carried,
    Closing,
    drop_closings,
    find_nearest,
    list_closings,
    list_frontiers,
    select_superseded,
    write_closing,
)
from sinks.grains import KEPT_DATE, Grain
from sinks.positions import find_frontiers
from sinks.store import Store

STEP_POSTINGS: Final = 50_000  # the least growth that makes one due: what a live count sums after its closing
GROWTH_PARTS: Final = {Grain.EVER: 0, Grain.MONTH: 4}  # and the least part of what is there; EVER has few accounts
LOOK_SECONDS: Final = 5.0  # so that loading much at once is not slowed
GRACE_SECONDS: Final = 3600.0  # longer than anybody reads
SETTINGS: Final = {"max_threads": 1, "max_bytes_before_external_group_by": 256 * 1024 * 1024}
_log = structlog.get_logger("sinks.closing_maker")

_ACCOUNT: Final = "organisation, type, standing, event_date, pillar, kind, crime_type, category"
_SUMS: Final = """
INSERT INTO closing_balances (closing, {account}, n)
SELECT {{closing:UUID}}, {account}, sum(n) AS n FROM (
    SELECT {account}, n FROM closing_balances WHERE closing = {{base:UUID}}
    UNION ALL
    SELECT organisation, type, standing, kept_date AS event_date, pillar, kind, crime_type, category, n FROM (
        SELECT organisation, type, standing, {kept_date} AS kept_date, pillar, kind, crime_type, category,
            toInt64(sign) AS n
        FROM {later}
    )
) GROUP BY {account} HAVING n != 0
"""
_END: Final = "offset < {end:Array(Int64)}[partition + 1]"
_MADE: Final = f"""
SELECT (SELECT count() FROM closing_balances WHERE closing = {{closing:UUID}}) AS accounts,
    (SELECT toUnixTimestamp64Milli(max(entered_at)) FROM postings PREWHERE {LATER} AND {_END}) AS entered_at
"""  # noqa: S608  (names of ours)
_LEFT_OVER: Final = "SELECT DISTINCT closing FROM closing_balances WHERE closing NOT IN (SELECT closing FROM closings)"


class ClosingMaker:
    """Makes closings of one store in a thread of its own, one at a time."""

    def __init__(self, store: Store, step: int | None = None) -> None:
        self._store = store
        self._step = STEP_POSTINGS if step is None else step
        self._thread = ThreadPoolExecutor(1, "closings")
        self._making: Future[None] | None = None
        self._looked_at = float("-inf")
        self._left_over: dict[UUID, float] = {}  # rows of no closing, and when they were seen first

    def start_due(self) -> None:
        """Begin to make what is due, unless somebody looked a moment ago or is at it; returns at once."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_SECONDS or (self._making is not None and not self._making.done()):
            return
        self._looked_at = now
        self._making = self._thread.submit(self._try_due)

    def wait(self) -> None:
        """Wait for a making that is under way, so that what it found is not of before what comes next."""
        if self._making is not None:
            self._making.result()

    def close(self) -> None:
        """Let a making that is under way end."""
        self._thread.shutdown(wait=True)

    def make_due(self) -> list[Closing]:
        """Make the closings that are due, and give them back. Raises Unavailable."""
        position = {number: one.position for number, one in find_frontiers(self._store).items()}
        postings = self._store.query("SELECT count() AS n FROM postings")[0]["n"]
        made: list[Closing] = []
        for grain in Grain:
            base = find_nearest(self._store, grain, position) or BEFORE_ALL
            if is_due(grain, postings, base.closing.postings, self._step):
                with measure_stage("close"):
                    made.append(self.make_closing(grain, base, postings))
        return made

    def make_closing(self, grain: Grain, base: Carried | None, postings: int) -> Closing:
        """Make one at the frontiers, from ``base`` on; ``postings``: how many rows there are. Raises Unavailable."""
        base = base or BEFORE_ALL
        frontiers = find_frontiers(self._store)
        ends = list_frontiers(frontiers)
        position = {number: one.position for number, one in frontiers.items()}
        closing = uuid4()
        positions = [one.position for one in ends]
        asked = {"closing": closing, "base": base.closing.closing, "end": positions, **base.bind_later(position)}
        sums = _SUMS.format(account=_ACCOUNT, kept_date=KEPT_DATE[grain], later=base.select_later(_END))
        self._store.query(sums, asked, SETTINGS)
        found = self._store.query(_MADE, asked)[0]
        made = Closing(
            grain=grain,
            positions=tuple(positions),
            closing=closing,
            accounts=found["accounts"],
            postings=postings,
            ledger_times=tuple(one.ledger_time for one in ends),
            entered_at=max(found["entered_at"] or 0, base.closing.entered_at),
        )
        write_closing(self._store, made)
        drop_closings(self._store, select_superseded(list_closings(self._store, grain)))
        return made

    def delete_left_over(self) -> None:
        """Delete rows of no closing that nobody can be reading any more. Raises Unavailable."""
        now = time.monotonic()
        found: set[Any] = {row["closing"] for row in self._store.query(_LEFT_OVER)}
        self._left_over = {one: self._left_over.get(one, now) for one in found}
        old = [one for one, since in self._left_over.items() if now - since >= GRACE_SECONDS]
        if old:
            self._store.query("DELETE FROM closing_balances WHERE has({ids:Array(UUID)}, closing)", {"ids": old})

    def _try_due(self) -> None:
        try:
            made = self.make_due()
            if made:
                self.delete_left_over()
        except LedgerError as error:
            _log.warning("no closing was made", trouble=str(error))
            return
        for one in made:
            _log.info("closed", grain=one.grain, positions=one.positions, accounts=one.accounts)


def is_due(grain: Grain, postings: int, before: int, step: int) -> bool:
    """Tell whether so many postings, after those of the last closing, are worth another one."""
    part = GROWTH_PARTS[grain]
    return postings - before >= max(step, before // part if part else 0)
