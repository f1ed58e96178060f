"""How each recorder's lead disruptions of a period are recorded, on one moment of the store, and of the period before.

What is told apart by accounts is a sum of legs, as every balance is; what rests on first entries and threats is a sum
of what each threat adds (``queries.threat_sums``); so both go on from what they were. Activities and the median delay
are no such sums, and are read of those alone whose jump is held to them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from ledger.instants import find_end_of_day, find_period_before
from ledger.vocabulary import ThreatKind
from methodology.assessed import UNKNOWN
from methodology.signals import Recording, SignalRules, has_jumped
from queries.balance_queries import ExtractQuery, ThreatQuery
from queries.balances import answer_extract, answer_threats
from queries.choices import ALL
from queries.kept_sums import ask_again
from queries.leg_sums import SummedCells
from queries.signal_queries import SignalQuery
from queries.signal_sources import BEFORE, JUMPED, NOW, REFUSED, UNFIT_COUNTS, bind_recorded
from queries.snapshot import Snapshot
from queries.threat_sums import sum_by_threat

KINDS: Final = (*(one.value for one in ThreatKind), UNKNOWN)
_COUNTED_BY: Final = ("org", "pillar", "kind", "standing")
_UNFIT: Final = ("measured", "late", "closed", "unmoderated")
_MOVED: Final = ("active", "delay_days")
HALF_SECONDS_PER_DAY: Final = 2 * 86_400
_REFUSED: Final = f"SELECT organisation, count() AS n FROM ({REFUSED}) GROUP BY organisation"  # noqa: S608  (names of ours alone; values are parameters)

Recordings = dict[str, Recording]


def read_recordings(
    snapshot: Snapshot, query: SignalQuery, rules: SignalRules, behind: int
) -> tuple[Recordings, Recordings]:
    """Read those of a period, and those of the period before it.

    Of the period before there is what a change is judged by: neither threats nor what was refused.

    Args:
        snapshot: the moment.
        query: the period, and the two instants.
        rules: what is late, and a jump.
        behind: how many stored positions the feeds had not read, of which rejections and activities are known.
    """
    earlier = find_period_before(query.start, query.end)
    now = _count_recorded(snapshot, query, (query.start, query.end))
    before = _count_recorded(snapshot, query, earlier)
    _add_sums({NOW: now, BEFORE: before}, _count_unfit(snapshot, query, rules, earlier), _UNFIT)
    nothing = Recording()
    jumped = [
        code for code in sorted({*now, *before}) if has_jumped(now.get(code, nothing), before.get(code, nothing), rules)
    ]
    if jumped:
        _add_sums({NOW: now, BEFORE: before}, _measure_jumped(snapshot, query, rules, behind, jumped), _MOVED)
    refused, threats = _count_refused(snapshot, query, rules, behind), _count_threats(snapshot, query)
    for code in {*refused, *threats}:
        owned = threats.get(code, {})
        now[code] = now.get(code, Recording(kinds=(0,) * len(KINDS)))._replace(
            threats=sum(owned.values()),
            vulnerabilities=owned.get(ThreatKind.VULNERABILITY, 0),
            support_refused=refused.get(code, 0),
        )
    return now, before


def _count_recorded(snapshot: Snapshot, query: SignalQuery, period: tuple[date, date]) -> Recordings:
    """Count what stands in a period, by recorder and account."""
    (start, end), (as_at, known_at) = period, (query.as_at, query.known_at)
    asked = ExtractQuery(start=start, end=end, by=_COUNTED_BY, standing=ALL, as_at=as_at, known_at=known_at)
    sums: dict[str, Counter[str]] = {}
    for row in answer_extract(snapshot, asked).rows:
        counts, n = sums.setdefault(str(row["org"]), Counter()), int(row["n"])
        counts.update({"recorded": n, f"standing {row['standing']}": n, f"kind {row['kind']}": n})
        counts.update({f"pillar {row['pillar']}": n} if row["standing"] == "COUNTED" else {})
    return {code: _make_recording(counts) for code, counts in sums.items()}


def _make_recording(counts: Mapping[str, int]) -> Recording:
    return Recording(
        recorded=counts["recorded"],
        counted=counts["standing COUNTED"],
        pursue=counts["pillar PURSUE"],
        prevent=counts["pillar PREVENT"],
        protect=counts["pillar PROTECT"],
        awaiting=counts["standing AWAITING_THREAT"],
        second_pillar=counts["standing SECOND_PILLAR"],
        kinds=tuple(counts[f"kind {one}"] for one in KINDS),
    )


def _count_unfit(snapshot: Snapshot, query: SignalQuery, rules: SignalRules, before: tuple[date, date]) -> SummedCells:
    """Count by period and recorder of how many the first entry is known, and how many are late or against whom."""

    def ask_store(position: Mapping[int, int], threats: Sequence[str] | None) -> SummedCells:
        bound = bind_recorded(query, position, rules.late_days, before) | {"threats": list(threats or ())}
        return _index_cells(snapshot.store.query(UNFIT_COUNTS, bound), ("period", "organisation"), _UNFIT)

    return sum_by_threat(snapshot, f"unfit {rules.late_days} {query!r}", ask_store)


def _measure_jumped(
    snapshot: Snapshot, query: SignalQuery, rules: SignalRules, behind: int, jumped: list[str]
) -> Mapping[tuple[str | int, ...], tuple[int, float]]:
    """Measure by period and recorder what else may have moved with a jump: activities, and the median entry delay."""

    def ask_store() -> SummedCells:
        earlier = find_period_before(query.start, query.end)
        bound = bind_recorded(query, snapshot.position, rules.late_days, earlier) | {"recorders": jumped}
        return _index_cells(snapshot.store.query(JUMPED, bound), ("period", "organisation"), ("active", "half_seconds"))

    found = snapshot.sums.sum_cells(f"jumped {behind} {jumped} {query!r}", snapshot.position, ask_store, ask_again)
    return {cell: (active, delay / HALF_SECONDS_PER_DAY) for cell, (active, delay) in found.items()}


def _count_refused(snapshot: Snapshot, query: SignalQuery, rules: SignalRules, behind: int) -> dict[str, int]:
    """Count what was refused of each recorder's support."""

    def ask_store() -> SummedCells:
        bound = bind_recorded(query, snapshot.position, rules.late_days)
        return _index_cells(snapshot.store.query(_REFUSED, bound), ("organisation",), ("n",))

    found = snapshot.sums.sum_cells(f"refused {behind} {query!r}", snapshot.position, ask_store, ask_again)
    return {str(code): n for (code,), (n,) in found.items()}


def _count_threats(snapshot: Snapshot, query: SignalQuery) -> dict[str, dict[str, int]]:
    """Count each owner's threats that were active at the period's end, or as at an instant before that, by kind."""
    found: dict[str, dict[str, int]] = {}
    end = find_end_of_day(query.end)
    as_at = end if query.as_at is None else min(end, query.as_at)
    for row in answer_threats(snapshot, ThreatQuery(by=("org", "kind"), as_at=as_at, known_at=query.known_at)).rows:
        found.setdefault(str(row["org"]), {})[str(row["kind"])] = int(row["n"])
    return found


def _add_sums(
    found: Mapping[str, Recordings], cells: Mapping[tuple[str | int, ...], tuple[float, ...]], names: Sequence[str]
) -> None:
    """Add sums by period and recorder to the recordings of the period."""
    for period, recordings in found.items():
        for code, one in recordings.items():
            sums = cells.get((period, code))
            if sums is not None:
                named: dict[str, Any] = dict(zip(names, sums, strict=True))
                recordings[code] = one._replace(**named)


def _index_cells(rows: list[dict[str, Any]], by: Sequence[str], sums: Sequence[str]) -> SummedCells:
    return {tuple([row[name] for name in by]): tuple([row[name] for name in sums]) for row in rows}
