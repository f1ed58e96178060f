"""Alerts: raised after so long past a bound, cleared after so long below another, and nothing in between."""

import pytest

from ledger.vocabulary import AlertKind, AlertState
from methodology import alert_rules
from methodology.alert_rules import ALERT_RULES, AlertRule, find_rules
from methodology.alerting import AlertProgress, judge_measurement

RULE = AlertRule(AlertKind.BEHIND, 0, None, "seconds", 10, 4, 2_000, 3_000, True, "Look.")
RAISED, CLEARED = AlertState.RAISED, AlertState.CLEARED


def follow_measurements(rule: AlertRule, *measured: tuple[int, float | None]) -> list[tuple[int, AlertState]]:
    """What happens over measurements of (instant, value)."""
    progress, found = AlertProgress(), []
    for instant, value in measured:
        progress, happened = judge_measurement(rule, progress, value, instant)
        found += [(instant, happened)] if happened else []
    return found


def test_an_alert_is_raised_once_its_figure_has_been_past_the_bound_for_so_long() -> None:
    """At 10 from 1,000 on: two seconds later, once."""
    assert follow_measurements(RULE, (0, 9), (1_000, 10), (2_000, 50), (2_999, 11), (3_000, 10), (9_000, 99)) == [
        (3_000, RAISED)
    ]


def test_a_figure_that_wavers_raises_one_alert() -> None:
    """Between the bounds nothing changes, and a break begins the time anew."""
    up = [(0, 10), (1_900, 9), (2_000, 10), (3_900, 10), (4_000, 10)]
    assert follow_measurements(RULE, *up) == [(4_000, RAISED)]
    down = [(5_000, 9), (6_000, 5), (7_000, 4), (9_900, 5), (10_000, 4), (12_999, 0), (13_000, 4)]
    assert follow_measurements(RULE, *up, *down) == [(4_000, RAISED), (13_000, CLEARED)]


def test_what_was_not_measured_proves_nothing() -> None:
    """It neither raises nor clears, and the time past the bound begins anew."""
    assert follow_measurements(RULE, (0, 10), (1_000, None), (2_000, 10), (3_999, 10)) == []
    assert follow_measurements(RULE, (0, 10), (2_000, 10), (3_000, 0), (5_000, None), (6_500, 0)) == [(2_000, RAISED)]


def test_a_rule_without_delay_is_at_once() -> None:
    """Raised and cleared by one measurement each."""
    assert follow_measurements(RULE._replace(raise_after=0, clear_after=0), (0, 10), (1, 4)) == [
        (0, RAISED),
        (1, CLEARED),
    ]


def test_a_clock_that_goes_back_begins_the_time_anew() -> None:
    """Two seconds must pass by one clock."""
    assert follow_measurements(RULE, (10_000, 10), (5_000, 10), (6_999, 10)) == []
    assert follow_measurements(RULE, (10_000, 10), (5_000, 10), (7_000, 10)) == [(7_000, RAISED)]


@pytest.mark.parametrize("rule", ALERT_RULES, ids=lambda rule: rule.kind.value)
def test_every_rule_can_be_cleared_and_says_what_to_do(rule: AlertRule) -> None:
    """A bound to clear at that is not below the one to raise at would flap; every alert has a remedy."""
    assert rule.clear_at < rule.raise_at
    assert rule.remedy.endswith(".")
    assert rule.measures


def test_each_kind_has_one_rule_on_any_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules are dated: of each kind exactly one is in force, and one that ended is not."""
    assert [rule.kind for rule in find_rules(20_000)] == list(AlertKind)
    monkeypatch.setattr(alert_rules, "ALERT_RULES", (RULE._replace(since=50, until=100),))
    assert [len(find_rules(day)) for day in (49, 50, 99, 100)] == [0, 1, 1, 0]
