"""Balances beside the sums of the fold's postings."""

from typing import Any

import pytest

from audit.balances import BY, THREATS_BY, BalanceInstant, BalanceSums, IncompleteAnswer, compare_balances
from audit.findings import Finding, FindingKind
from audit.replay import choose_instant
from audit.sums import PartitionSums, SumGrid

LATE = 4_000_000_000_000
LEAD_ROW = ("metropolitan", "PURSUE", "OCG", "DRUGS", "MAJOR", "COUNTED", "2022-06")


class Answering:
    """A store that answers with these figures."""

    def __init__(self, lead: dict[tuple[str, ...], int], threats: dict[tuple[str, ...], int], complete: bool) -> None:
        self._figures = {"lead": (BY, lead), "support": (BY, {}), None: (THREATS_BY, threats)}
        self._complete = complete

    def ask(self, question: str, **asked: str | None) -> dict[str, Any]:
        """Rows as the read API gives them."""
        by, figures = self._figures[asked.get("type")]
        assert asked["by"] == ",".join(by), question
        rows = [dict(zip(by, key, strict=True)) | {"n": n} for key, n in figures.items()]
        return {"rows": rows, "complete": self._complete}


def sum_entries(ledger: Any, instant: int = LATE) -> BalanceSums:
    """The sums of a ledger's entries."""
    grid = SumGrid((instant,), (instant,))
    made = PartitionSums(grid, ledger.partition)
    for settled in ledger.audit_partition()[1]:
        if hasattr(settled.expected, "legs"):
            source = settled.expected.source
            made.add_legs(source.offset, source.ledger_time, settled.expected.legs, settled.expected.threat_legs)
    return BalanceSums(made.list_cells(), grid, BalanceInstant(instant, instant, BY))


def compare_sums(ledger: Any, *, lead: int = 1, threats: int = 1, complete: bool = True) -> list[Finding | int]:
    """The fold's sums beside a store that answers so many."""
    store = Answering({LEAD_ROW: lead}, {("metropolitan", "OCG", "DRUGS"): threats}, complete)
    return list(compare_balances(sum_entries(ledger), store, BalanceInstant(LATE, LATE, BY)))


def test_equal_figures_agree(honest: Any) -> None:
    """One lead figure, no support, one of threats: the resend and the refusal count nothing."""
    assert compare_sums(honest) == [1, 0, 1]


def test_a_figure_that_is_too_high_is_a_difference(honest: Any) -> None:
    """It says both figures and the account, which is no record."""
    differences = [one for one in compare_sums(honest, lead=2) if isinstance(one, Finding)]
    assert [one.kind for one in differences] == [FindingKind.BALANCE_DIFFERS]
    assert differences[0].sentence.startswith("The store says 2, the fold's postings add up to 1: org metropolitan,")


def test_a_figure_of_threats_that_is_too_low_is_a_difference(honest: Any) -> None:
    """Rule 8's count is compared too."""
    assert [one.place for one in compare_sums(honest, threats=0) if isinstance(one, Finding)] == ["threats"]


def test_a_figure_that_may_still_grow_is_not_compared(honest: Any) -> None:
    """The store has not come as far."""
    with pytest.raises(IncompleteAnswer):
        compare_sums(honest, complete=False)


def test_what_was_learnt_or_entered_later_is_left_out(honest: Any) -> None:
    """As at, and as known at, an instant before everything: nothing stands."""
    made = sum_entries(honest, instant=0)
    assert not made.threats
    assert not made.figures["LEAD"]


def test_a_threat_that_is_not_active_is_not_counted(ledger: Any, facts: Any) -> None:
    """Rule 8: a closed phase."""
    threat, _ = facts
    ledger.admit(threat(phase="Now CLOSED"))
    assert not sum_entries(ledger).threats


def test_the_balances_are_taken_before_what_may_not_have_been_judged() -> None:
    """The first undecided record was appended at 5,000: known at 4,999, all before it had been judged."""
    assert choose_instant(iter([9_000, 5_000]), LATE) == 4_999
    assert choose_instant(iter(()), LATE) == LATE - 1 > LATE / 3
