"""The figures that alerts are judged by, from what is served: written by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from queries.alert_measures import measure_breaches, measure_feed, measure_health, measure_lateness, measure_rate
from queries.feed_answers import FeedRow
from queries.invariant_checker import InvariantReport
from queries.invariants import Breach, Invariant

NOW = datetime(2022, 7, 4, 12, tzinfo=UTC)


def make_rates(*weeks: tuple[str, bool], signals: tuple[tuple[str, str], ...] = ()) -> Any:
    """An answer of so many weeks, (Monday, still filling), and signals, (last week, sentence)."""
    return {
        "weeks": [{"week": week, "judged": 3.0, "filling": filling} for week, filling in weeks],
        "signals": [{"last_week": week, "sentence": sentence} for week, sentence in signals],
    }


def test_only_signals_of_the_newest_week_that_is_nearly_all_in_are_counted() -> None:
    """A week that still fills is no news, and one of long ago is none any more."""
    weeks = [("2022-06-13", False), ("2022-06-20", False), ("2022-06-27", True)]
    signals = (
        ("2022-06-13", "Old."),
        ("2022-06-20", "Above."),
        ("2022-06-20", "In a row."),
        ("2022-06-27", "Filling."),
    )
    found = measure_rate("kent", make_rates(*weeks, signals=signals))
    assert (found.subject, found.value, found.sentence) == ("kent", 2, "Above. In a row.")
    assert measure_rate("kent", make_rates(*weeks)).value == 0
    assert measure_rate("kent", make_rates()).value is None


def test_a_checker_that_has_not_looked_at_everything_proves_nothing() -> None:
    """A breach counts at once; that there is none counts when all was looked at."""
    assert measure_breaches(InvariantReport()).value is None
    assert measure_breaches(InvariantReport(whole=True)).value == 0
    broken = measure_breaches(InvariantReport(breaches=(Breach(invariant=Invariant.LEAD_APART, count=1),)))
    assert broken.value == 1
    assert "disruptions are counted as lead and as support" in broken.sentence


def test_troubles_that_other_alerts_tell_are_not_counted_twice() -> None:
    """Those of invariants have their own; those of the receiver of alerts cannot be told by it."""
    parts = ("broker", "alerts", "invariants")
    answer: Any = {"troubles": [{"part": part, "what": f"{part} is away", "remedy": ""} for part in parts]}
    found = measure_health(answer)
    assert (found.value, found.sentence) == (1, "The ledger is degraded: broker is away.")


def test_lateness_is_not_measured_while_the_broker_cannot_be_asked() -> None:
    """Nobody knows then, and health says why."""
    assert measure_lateness(None, NOW).value is None
    assert measure_lateness(NOW - timedelta(seconds=90), NOW).value == 90
    assert measure_lateness(NOW + timedelta(seconds=1), NOW).value == 0


@pytest.mark.parametrize(
    ("verdict", "value", "said"),
    [("FEED_DOWN", 1, "is down"), ("ALIVE", 0, "is heard"), ("EVENTS_MISSING", 0, "is heard")],
)
def test_a_feed_that_is_heard_again_is_not_said_to_be_down(verdict: str, value: int, said: str) -> None:
    """The sentence stands in the record that clears an alert, too."""
    row = {"org": "dorset", "name": "Dorset Police", "verdict": verdict, "heard_at": "2026-11-29T15:59:24.000Z"}
    measure = measure_feed(cast(FeedRow, row))
    assert (measure.subject, measure.value) == ("dorset", value)
    assert measure.sentence.startswith(f"The feed of Dorset Police {said}: its last heartbeat was on 29 November 2026")
