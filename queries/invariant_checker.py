"""The invariants, checked again and again on what is served, in a thread of its own; the newest report is at hand.

One turn looks, at one snapshot:

1. at the standing of every disruption whose threat moved since the turn before, wherever it is, and of all disruptions
   of the next few partitions: so many that about ``TURN_POSTINGS`` are read;
2. at the stored legs of those partitions, beside what their entries say;
3. at the totals as they are served, and, whenever the partitions begin anew, at the sum of all postings too.

After each turn it rests ``REST_SHARE`` times as long as the turn took, and ``TURN_SECONDS`` at least: however large the
ledger, it takes at most a twentieth of one processor. What was found in a partition stands until it is looked at again.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from infra.metrics import measure_stage
from ledger.errors import LedgerError
from ledger.instants import format_instant
from queries.answer import read_clock
from queries.completeness import Tails
from queries.health_answers import BreachPlace, InvariantAnswer, InvariantState
from queries.invariants import (
    MEANINGS,
    REMEDIES,
    Breach,
    Invariant,
    judge_entries,
    judge_standing,
    judge_totals,
)
from queries.plain import key_by_text
from queries.snapshot import Snapshot, SnapshotSource
from sinks.store import Store

TURN_SECONDS: Final = 10.0
TURN_POSTINGS: Final = 1_000_000
CLOSE_SECONDS: Final = 10.0
REST_SHARE: Final = 20.0
_COUNT: Final = "SELECT count() AS n FROM postings"
_log = structlog.get_logger("queries.invariants")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvariantReport:
    """What the turns so far have found.

    Attributes:
        position: of the newest turn.
        whole: whether every partition has been looked at since the checker began.
        seconds: how long the newest turn took.
        trouble: why it could not look; empty when it could.
    """

    checked_at: datetime | None = None
    position: Mapping[int, int] = field(default_factory=dict)
    breaches: tuple[Breach, ...] = ()
    whole: bool = False
    seconds: float = 0.0
    trouble: str = ""


NOTHING_CHECKED: Final = InvariantReport(trouble="the invariants have not been checked yet")


class InvariantChecker:
    """Checks one store between ``start`` and ``close``. One thread takes turns; any may read the newest report."""

    def __init__(self, store: Store, published: Tails) -> None:
        self._store = store
        self._snapshots = SnapshotSource(store, published)
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._begun: Mapping[int, int] | None = None
        self._waiting: list[int] = []
        self._looked: set[int] = set()
        self._by_partition: dict[int, tuple[Breach, ...]] = {}
        self._totals: tuple[Breach, ...] = ()
        self.newest = NOTHING_CHECKED

    @property
    def is_running(self) -> bool:
        """Whether turns are taken without being asked for."""
        return self._thread is not None

    def start(self) -> None:
        """Take turns from now on."""
        self._thread = threading.Thread(target=self._run, name="invariants", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more turns; return when the one that is under way is over, before its store may be closed."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)

    def read(self) -> InvariantReport:
        """Return the newest report; one of this moment where no turns are taken."""
        return self.newest if self.is_running else self.take_turn()

    def _run(self) -> None:
        while not self._over.is_set():
            report = self.take_turn()
            self._over.wait(max(TURN_SECONDS, REST_SHARE * report.seconds))

    def take_turn(self) -> InvariantReport:
        """Look once, and remember what was found; never raises."""
        began = time.perf_counter()
        try:
            snapshot = self._snapshots.take_snapshot()
            with measure_stage("check"):
                self._look_at(snapshot)
        except LedgerError as error:
            self.newest = self._make_report(self.newest.position, began, str(error))
        except Exception as error:  # a defect of ours: said, and tried again
            _log.exception("invariants not checked")
            self.newest = self._make_report(
                self.newest.position, began, f"a fault of the checker: {type(error).__name__}"
            )
        else:
            self.newest = self._make_report(snapshot.position, began)
        return self.newest

    def _look_at(self, snapshot: Snapshot) -> None:
        anew = not self._waiting
        if anew:
            self._waiting = sorted(snapshot.position)
        partitions = self._take_partitions(len(snapshot.position))
        begun = snapshot.position if self._begun is None else self._begun
        found = judge_standing(snapshot, partitions, begun) + judge_entries(snapshot, partitions)
        self._totals = tuple(judge_totals(snapshot, by_postings=anew))
        self._remember(partitions, found)
        self._begun = snapshot.position

    def _take_partitions(self, partitions: int) -> list[int]:
        """Take the next of them: all of them where there are few postings."""
        turns = 1 + self._store.query(_COUNT)[0]["n"] // TURN_POSTINGS
        most = -(-partitions // turns)
        taken, self._waiting = self._waiting[:most], self._waiting[most:]
        return taken

    def _remember(self, partitions: Iterable[int], found: Iterable[Breach]) -> None:
        looked = set(partitions)
        by_partition: dict[int, tuple[Breach, ...]] = {}
        for one in found:
            assert one.partition is not None  # noqa: S101  (for the type checker: totals are kept apart)
            by_partition[one.partition] = (*by_partition.get(one.partition, ()), one)
        kept = {number: one for number, one in self._by_partition.items() if number not in looked}
        self._by_partition = kept | by_partition
        self._looked |= looked

    def _make_report(self, position: Mapping[int, int], began: float, trouble: str = "") -> InvariantReport:
        found = [one for _, listed in sorted(self._by_partition.items()) for one in listed]
        report = InvariantReport(
            checked_at=self.newest.checked_at if trouble else read_clock(),
            position=position,
            breaches=(*self._totals, *found),
            whole=bool(position) and self._looked >= position.keys(),
            seconds=time.perf_counter() - began,
            trouble=trouble,
        )
        for one in set(report.breaches) - set(self.newest.breaches):
            _log.error("invariant breached", what=one.describe_breach())
        return report


def format_report(report: InvariantReport) -> InvariantAnswer:
    """Format a report as the read API answers it: every invariant by its name, with what breaks it."""
    checked_at = report.checked_at
    return {
        "status": "breached" if report.breaches else "unknown" if checked_at is None else "ok",
        "checked_at": None if checked_at is None else format_instant(checked_at),
        "position": key_by_text(dict(report.position)),
        "whole": report.whole,
        "seconds": round(report.seconds, 3),
        "trouble": report.trouble or None,
        "invariants": [_format_invariant(one, report.breaches) for one in Invariant],
    }


def _format_invariant(invariant: Invariant, breaches: Iterable[Breach]) -> InvariantState:
    found = [one for one in breaches if one.invariant is invariant]
    places: list[BreachPlace] = [
        {"partition": one.partition, "offset": at} for one in found if one.partition is not None for at in one.offsets
    ]
    return {
        "name": str(invariant),
        "meaning": MEANINGS[invariant],
        "breaches": sum(one.count for one in found),
        "places": places,
        "remedy": REMEDIES[invariant] if found else None,
    }
