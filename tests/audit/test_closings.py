"""Closings beside the sums of the fold's postings, added up once for all of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from audit.closings import CarriedForward, ClosingAudit
from audit.findings import Finding, FindingKind
from audit.rows import StoredRow
from audit.sums import PartitionSums, SumCell, SumGrid, find_kept_day
from schemas.stored import StoredEntry

JUNE_FIRST = 19_144  # 2022-06-01, in days: the date of the disruption
PLACE = {
    "organisation": "metropolitan",
    "type": "LEAD",
    "pillar": "PURSUE",
    "kind": "OCG",
    "crime_type": "DRUGS",
    "category": "MAJOR",
    "standing": "COUNTED",
}


class Closed:
    """A store that says of its closings what is put here."""

    def __init__(self, *rows: StoredRow) -> None:
        self.said = list(rows)

    def read_closings(self) -> Iterator[StoredRow]:
        """Closings first, then balances."""
        return iter(sorted(self.said, key=lambda row: ("positions" not in row, row["closing"])))


def make_head(name: str, end: int, grain: str = "MONTH", partition: int = 0) -> StoredRow:
    """A closing of one partition."""
    return {"closing": name, "grain": grain, "positions": [0] * partition + [end]}


def make_balance(name: str, n: int, day: int = JUNE_FIRST, **changed: str) -> StoredRow:
    """One of its balances."""
    return PLACE | changed | {"closing": name, "event_date": day, "n": n}


def compare_rows(ledger: Any, store: Closed, covered: int | None = None) -> list[Any]:
    """What the audit says of them; offset 0 is the threat, 1 the disruption, 2 its resend, 3 a refusal."""
    audit = ClosingAudit(store)
    end = ledger.next_offset if covered is None else covered
    return list(
        audit.compare_closings(
            list_cells(ledger, audit), {number: end if number == ledger.partition else 0 for number in range(4)}
        )
    )


def list_cells(ledger: Any, audit: ClosingAudit) -> list[SumCell]:
    """What the postings add up to, between these closings."""
    sums = PartitionSums(SumGrid((), (), tuple(tuple(chain) for chain in audit.chains)), ledger.partition)
    for settled in ledger.audit_partition()[1]:
        if isinstance(settled.expected, StoredEntry):
            source = settled.expected.source
            sums.add_legs(source.offset, source.ledger_time, settled.expected.legs, settled.expected.threat_legs)
    return sums.list_cells()


def make_closed(ledger: Any, n: int = 1) -> Closed:
    """A closing before the disruption, one after it, and one of the other grain."""
    before, after = (make_head(name, end, partition=ledger.partition) for name, end in (("a", 1), ("b", 2)))
    ever = make_head("c", 4, "EVER", partition=ledger.partition)
    return Closed(before, after, ever, make_balance("b", n), make_balance("c", n, 0))


def test_faithful_closings_agree(honest: Any) -> None:
    """None, one and one account: what a closing sums ends before its position."""
    assert sorted(compare_rows(honest, make_closed(honest))) == [0, 1, 1]


def test_a_closing_that_differs_is_named_by_its_position(honest: Any) -> None:
    """Once for each closing, with the account."""
    found = [one for one in compare_rows(honest, make_closed(honest, n=2)) if isinstance(one, Finding)]
    assert [one.kind for one in found] == [FindingKind.CLOSING_DIFFERS] * 2
    position = ", ".join([*(f"{number}:0" for number in range(honest.partition)), f"{honest.partition}:2"])
    assert found[0].place == f"closing MONTH at {position}"
    assert found[0].sentence.startswith("1 balances are not what the fold's postings add up to, the first of them: org")


@pytest.mark.parametrize("extra", [make_balance("b", 1), make_balance("b", 1, pillar="PREVENT")])
def test_a_balance_too_many_is_a_difference(honest: Any, extra: StoredRow) -> None:
    """The same twice, or one of another account."""
    store = make_closed(honest)
    store.said.append(extra)
    assert [one.kind for one in compare_rows(honest, store) if isinstance(one, Finding)] == [
        FindingKind.CLOSING_DIFFERS
    ]


def test_a_balance_that_is_not_there_is_a_difference(honest: Any) -> None:
    """A closing without rows says that all is zero."""
    store = Closed(make_head("b", 2, partition=honest.partition))
    assert [one.kind for one in compare_rows(honest, store) if isinstance(one, Finding)] == [
        FindingKind.CLOSING_DIFFERS
    ]


def test_a_closing_past_what_was_replayed_is_not_due(honest: Any) -> None:
    """The ledger goes on growing; what was closed since the replay began is the next one's."""
    assert compare_rows(honest, make_closed(honest, n=2), covered=1) == [0]
    store = make_closed(honest)
    audit = ClosingAudit(store)
    store.said.append(make_head("d", 1, partition=honest.partition))
    assert list(audit.compare_closings(list_cells(honest, audit), {})) != []
    assert len([one for one in compare_rows(honest, make_closed(honest)) if isinstance(one, int)]) == 3


def test_closings_of_two_loaders_need_not_follow_one_another(honest: Any) -> None:
    """Each had heard of another partition first: neither sums all that the other does."""
    here, other = honest.partition, (honest.partition + 1) % 4
    ahead, behind = [0] * 4, [0] * 4
    ahead[here], behind[other] = 2, 1
    store = Closed(
        {"closing": "a", "grain": "EVER", "positions": ahead},
        {"closing": "b", "grain": "EVER", "positions": behind},
        make_balance("a", 1, 0),
    )
    audit = ClosingAudit(store)
    found: list[Any] = list(audit.compare_closings(list_cells(honest, audit), dict.fromkeys(range(4), 9)))
    assert sorted(found) == [0, 1]


def test_a_closing_follows_where_no_partition_is_behind() -> None:
    """Partitions that one does not name stand at 0."""
    first, second = CarriedForward("a", "EVER", (1, 2)), CarriedForward("b", "EVER", (1, 2, 3))
    assert second.comes_after(first)
    assert not first.comes_after(second)
    assert not CarriedForward("c", "EVER", (9,)).comes_after(first)


def test_a_month_keeps_its_first_day_apart() -> None:
    """1 June; the rest of June by its second day."""
    assert [find_kept_day(JUNE_FIRST + n) - JUNE_FIRST for n in (-1, 0, 1, 2, 29, 30)] == [-30, 0, 1, 1, 1, 30]
