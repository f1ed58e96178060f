"""Which closing carries which question, when one is due, and which are kept: pure rules, by hand."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from uuid import UUID

import pytest

from ledger.facts import Millis
from sinks.closing_maker import is_due
from sinks.closings import Closing, select_superseded
from sinks.grains import Grain, find_coarsest


@pytest.mark.parametrize(
    ("cuts", "by_month", "grain"),
    [
        ([], False, Grain.EVER),
        ([], True, Grain.MONTH),
        (["1970-01-01"], False, Grain.EVER),
        (["1970-01-02"], False, Grain.MONTH),
        (["2021-07-01", "2021-07-02", "2022-07-01"], False, Grain.MONTH),
        (["2021-07-02", "2021-07-03", "2022-07-01"], True, None),
    ],
)
def test_a_question_is_carried_by_the_coarsest_grain_that_can_answer_it(
    cuts: list[str], by_month: bool, grain: Grain | None
) -> None:
    """First days of months and second days are told apart; other days are not."""
    assert find_coarsest([date.fromisoformat(one) for one in cuts], by_month=by_month) is grain


def make_closing(end: int, grain: Grain = Grain.MONTH, times: Mapping[int, Millis] | None = None) -> Closing:
    """A closing at one position of one partition."""
    return Closing(grain, (end,), UUID(int=end), 1, end, tuple((times or {0: 0}).values()), 0)


def test_of_the_older_ones_the_first_of_every_doubling_stays() -> None:
    """Closed every quarter of growth up to a million: the distance to the nearest one before stays bounded."""
    kept: list[Closing] = []
    end = 100
    while end < 1_000_000:
        kept.append(make_closing(end))
        gone = select_superseded(kept)
        kept = [one for one in kept if one not in gone]
        end = end * 5 // 4 + 1
    assert len(kept) <= 14 + 2
    assert all(later.positions[0] <= 4 * earlier.positions[0] for earlier, later in pairwise(kept))
    ever = [make_closing(end, Grain.EVER) for end in (1, 2, 4, 8)]
    assert select_superseded(ever) == ever[:2]


def test_one_is_due_by_growth() -> None:
    """EVER by a step; MONTH by a quarter too, as its accounts are many."""
    assert [is_due(grain, 149, 100, 50) for grain in Grain] == [False, False]
    assert [is_due(grain, 150, 100, 50) for grain in Grain] == [True, True]
    assert [is_due(grain, 1050, 1000, 50) for grain in Grain] == [True, False]
    assert [is_due(grain, 1250, 1000, 50) for grain in Grain] == [True, True]


def test_nothing_after_a_closing_was_learnt_before_it_in_a_partition_that_grew() -> None:
    """Partition 0 stands still since minute 5: its time bounds nothing. A partition that is new has no bound."""
    found = Closing(Grain.EVER, (3, 4), UUID(int=1), 1, 7, (5, 90), 0)
    assert found.find_learnt_from({0: 3, 1: 6}) == 90
    assert found.find_learnt_from({0: 4, 1: 6}) == 5
    assert found.find_learnt_from({0: 3, 1: 6, 2: 1}) == 0
    assert found.find_learnt_from({0: 3, 1: 4}) == 0
