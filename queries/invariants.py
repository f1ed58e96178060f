"""What must hold of everything that is served, whatever was published: each invariant, and who breaks it.

All are judged at one moment of the store (``queries.snapshot``), over some of its partitions: a threat's whole story is
in one, so what one partition breaks, no other mends. A breach is named by partition and offset, never by a value of a
record; ``/v1/stored/postings`` opens that place.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from queries.answers import BalanceRow
from queries.balance_queries import CountQuery
from queries.balances import sum_disruptions
from queries.basis import Basis
from queries.question import ACCOUNT
from queries.snapshot import Snapshot
from sinks.integrity import find_lost_legs, list_offsets
from sinks.store import Row

PLACES_MOST: Final = 5  # of one invariant in one partition: what somebody looks at first
SETTINGS: Final = {"max_threads": 1, "max_bytes_before_external_group_by": 256 * 1024 * 1024}


class Invariant(StrEnum):
    """What must hold."""

    ONE_ACCOUNT = "ONE_ACCOUNT"
    LEAD_APART = "LEAD_APART"
    TOTALS_AGREE = "TOTALS_AGREE"
    STORE_EQUALS_ENTRIES = "STORE_EQUALS_ENTRIES"


MEANINGS: Final[Mapping[Invariant, str]] = {
    Invariant.ONE_ACCOUNT: "a disruption stands in at most one account, and in none less than no times",
    Invariant.LEAD_APART: "no disruption is both lead and support",
    Invariant.TOTALS_AGREE: "the organisations', the regions' and the months' counts add up to the nation's, and "
    "what is counted from a closing, or carried on from an earlier count, is what the postings say",
    Invariant.STORE_EQUALS_ENTRIES: "the stored legs are those that the entries say",
}
BREACHES: Final[Mapping[Invariant, str]] = {
    Invariant.ONE_ACCOUNT: "disruptions are counted twice, or less than not at all",
    Invariant.LEAD_APART: "disruptions are counted as lead and as support",
    Invariant.TOTALS_AGREE: "totals of the nation, its regions, organisations and months differ",
    Invariant.STORE_EQUALS_ENTRIES: "stored postings are not those that the ledger's entries say",
}
REMEDIES: Final[Mapping[Invariant, str]] = {
    Invariant.ONE_ACCOUNT: "run `disruptions audit replay`: it says whether the store or the topics are wrong",
    Invariant.LEAD_APART: "run `disruptions audit replay`: it says whether the store or the topics are wrong",
    Invariant.TOTALS_AGREE: "restart the service; if it stays, empty the table `closings`: it is made anew",
    Invariant.STORE_EQUALS_ENTRIES: "see `Stored rows are missing` in docs/operating.md, then run the audit",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """An invariant that does not hold.

    Attributes:
        count: in how many places; of totals, in how many of their comparisons.
        partition: where; None where it is of all of them.
        offsets: of the first places.
    """

    invariant: Invariant
    count: int
    partition: int | None = None
    offsets: tuple[int, ...] = ()

    def describe_breach(self) -> str:
        """Describe it in one sentence, without a value of any record."""
        place = "" if self.partition is None else f", the first at partition {self.partition} offset {self.offsets[0]}"
        return f"{self.invariant}: {BREACHES[self.invariant]} ({self.count:,} found{place})"


_CHANGED: Final = """
threat_id IN (
    SELECT threat_id FROM postings
    PREWHERE offset >= {begun:Array(Int64)}[partition + 1] AND offset < {below:Array(Int64)}[partition + 1]
)
"""
_STANDING: Final = f"""
SELECT partition, invariant, count() AS n, arraySlice(arraySort(groupArray(at)), 1, {PLACES_MOST}) AS offsets FROM (
    SELECT partition, max(last) AS at, arrayJoin(arrayFilter(one -> one != '', [
        if(sum(n) NOT IN (0, 1) OR min(n) < 0, '{Invariant.ONE_ACCOUNT}', ''),
        if(uniqExactIf(type, n != 0) > 1, '{Invariant.LEAD_APART}', '')
    ])) AS invariant
    FROM (
        SELECT partition, threat_id, disruption_id, type, sum(sign) AS n, max(offset) AS last
        FROM postings FINAL
        PREWHERE offset < {{below:Array(Int64)}}[partition + 1]
            AND (has({{partitions:Array(Int32)}}, partition){{changed}})
        GROUP BY partition, threat_id, disruption_id, {ACCOUNT}
    )
    GROUP BY partition, threat_id, disruption_id
)
GROUP BY partition, invariant
"""  # noqa: S608  (names of ours)
_NATION: Final = """
SELECT type, sum(sign) AS n FROM postings FINAL
PREWHERE standing = 'COUNTED' AND offset < {below:Array(Int64)}[partition + 1] GROUP BY type
"""


def judge_standing(snapshot: Snapshot, partitions: Iterable[int], begun: Mapping[int, int]) -> list[Breach]:
    """Judge every disruption of these partitions, and those of any other whose threat moved from ``begun`` on."""
    below, since = list_offsets(snapshot.position), list_offsets(begun)
    asked: dict[str, Any] = {"partitions": list(partitions), "below": below}
    moved = below != since
    sql = _STANDING.replace("{changed}", f" OR {_CHANGED}" if moved else "")
    rows = snapshot.store.query(sql, asked | ({"begun": since} if moved else {}), SETTINGS)
    return [_read_breach(row) for row in rows]


def _read_breach(row: Row) -> Breach:
    place = {"partition": row["partition"], "offsets": tuple(row["offsets"])}
    return Breach(invariant=Invariant(row["invariant"]), count=row["n"], **place)


def judge_entries(snapshot: Snapshot, partitions: Iterable[int]) -> list[Breach]:
    """Judge the stored legs of these partitions by what their entries say."""
    found = find_lost_legs(snapshot.store, partitions, snapshot.position)
    what = Invariant.STORE_EQUALS_ENTRIES
    return [Breach(invariant=what, count=1, partition=number, offsets=(at,)) for number, at in sorted(found.items())]


def judge_totals(snapshot: Snapshot, *, by_postings: bool) -> list[Breach]:
    """Judge the served counts by each other; ``by_postings``: and by the sum of all postings, which reads them all."""
    organisations, regions = _count_by(snapshot, "org"), _count_by(snapshot, "region")
    months, cells = _count_by(snapshot, "month"), _count_by(snapshot, "org", "region")
    nation = _sum_by(_count_by(snapshot), "type")
    compared = [
        (nation, _sum_by(organisations, "type")),
        (nation, _sum_by(regions, "type")),
        (nation, _sum_by(months, "type")),
        (_sum_by(organisations, "type", "org"), _sum_by(cells, "type", "org")),
        (_sum_by(regions, "type", "region"), _sum_by(cells, "type", "region")),
        (_carry_by(snapshot, "org", "region"), cells),
    ]
    if by_postings:
        stored = snapshot.store.query(_NATION, {"below": list_offsets(snapshot.position)}, SETTINGS)
        compared.append((nation, _sum_by(stored, "type")))
    differing = sum(one != other for one, other in compared)
    return [Breach(invariant=Invariant.TOTALS_AGREE, count=differing)] if differing else []


def _count_by(snapshot: Snapshot, *by: str) -> list[BalanceRow]:
    """Count as every reader is answered, lead and support in rows of their own; the broker is not asked."""
    question, basis = sum_disruptions(CountQuery(by=("type", *by))), Basis(snapshot)
    basis.bound_rows(question)
    basis.carry_forward(question)
    return question.ask_store(snapshot.store)


def _carry_by(snapshot: Snapshot, *by: str) -> list[BalanceRow]:
    """Count the same as it is carried on from the turn before, where it can be."""
    return Basis(snapshot).sum_rows(sum_disruptions(CountQuery(by=("type", *by))))


def _sum_by(rows: Iterable[Mapping[str, Any]], *names: str) -> Counter[tuple[Any, ...]]:
    """Sum by some of the dimensions; nothing is as good as none."""
    found: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        found[tuple(row[name] for name in names)] += row["n"]
    return found
