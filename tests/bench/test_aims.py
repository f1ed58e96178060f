"""The arithmetic of the benches: ratios, verdicts, percentiles. Nothing is timed here."""

import pytest

from bench.aims import Aim, find_number, format_verdicts, judge_aim
from bench.figures import list_rows
from bench.spread import compute_spread, find_percentile, list_percentiles

FASTER = Aim(says="ours over theirs", figure=("a", "ours"), over=("a", "theirs"), at_least=0.5)
SOONER = Aim(says="seconds", figure=("b",), at_most=20)


@pytest.mark.parametrize(("ours", "said"), [(50, "met"), (60, "met"), (40, "missed by 20%")])
def test_a_ratio_is_met_at_its_bound_and_missed_by_a_share_of_it(ours: float, said: str) -> None:
    """40 of 100 against 0.5 is a fifth of the bound too little."""
    assert judge_aim(FASTER, {"a": {"ours": ours, "theirs": 100}}).said == said


@pytest.mark.parametrize(("seconds", "said"), [(20, "met"), (3, "met"), (25, "missed by 25%")])
def test_what_should_be_small_is_missed_when_it_is_greater(seconds: float, said: str) -> None:
    """25 against 20 is a quarter too much."""
    assert judge_aim(SOONER, {"b": seconds}).said == said


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    """A piece that failed, a ratio over nothing, a figure that is null."""
    found = [judge_aim(FASTER, {}), judge_aim(FASTER, {"a": {"ours": 1, "theirs": 0}}), judge_aim(SOONER, {"b": None})]
    assert [one.said for one in found] == ["not measured"] * 3


def test_a_path_that_ends_early_leads_to_nothing() -> None:
    """A number has no parts."""
    assert find_number({"a": 1}, ("a", "b")) is None


def test_the_table_has_a_line_for_every_aim() -> None:
    """With its bound, its figure and the verdict."""
    lines = format_verdicts({"b": 25}, (FASTER, SOONER)).splitlines()
    assert lines[1].split()[-2:] == ["not", "measured"]
    assert lines[2].split() == ["seconds", "<=", "20", "25.00", "missed", "by", "25%"]


def test_percentiles_are_values_that_were_measured() -> None:
    """Of 1 to 100, the p99 is 99 and the p50 is 50; of one value, every percentile is it."""
    hundred = [float(n) for n in range(1, 101)]
    assert [find_percentile(hundred, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50.0, 95.0, 99.0, 100.0]
    assert list_percentiles([0.25]) == {"p50": 250, "p95": 250, "p99": 250, "max": 250}


def test_a_spread_has_the_median_and_both_ends() -> None:
    """The median of an even number lies between."""
    assert compute_spread([3.0, 1.0, 2.0, 10.0]) == {"median": 2.5, "least": 1.0, "most": 10.0}


def test_only_measured_pieces_have_rows() -> None:
    """Of the loader alone, one row for each way."""
    one = {"median": 2.0, "least": 1.0, "most": 3.0}
    found = list_rows({"loader": {"entries per second": {"loader": one}}, "at": "2026"})
    assert [(row.figure, row.median, row.least, row.most) for row in found] == [("loader, entries/s", 2.0, 1.0, 3.0)]
