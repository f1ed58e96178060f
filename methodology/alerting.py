"""Whether an alert is raised or cleared by one more measurement: pure, one alert at a time.

An alert changes when its figure has been past the bound for as long as its rule says, without a break. What was not
measured proves nothing: it changes nothing, and the time past a bound begins anew.
"""

from typing import NamedTuple

from ledger.facts import Millis
from ledger.vocabulary import AlertState
from methodology.alert_rules import AlertRule


class AlertProgress(NamedTuple):
    """Where one alert is.

    Attributes:
        raised: whether it stands.
        past_since: since when its figure has been past the bound that would change it; None while it is not.
    """

    raised: bool = False
    past_since: Millis | None = None


def judge_measurement(
    rule: AlertRule, progress: AlertProgress, value: float | None, instant: Millis
) -> tuple[AlertProgress, AlertState | None]:
    """Judge one more measurement.

    Args:
        value: the figure; None where it could not be measured, or must not count while history is replayed.
        instant: when it was measured; a clock that goes back begins the time past the bound anew.

    Returns:
        where the alert is then, and what happened to it, if anything did.
    """
    if value is None or not _is_past(rule, progress, value):
        return progress._replace(past_since=None), None
    began = progress.past_since
    since = instant if began is None or began > instant else began
    if instant - since < (rule.clear_after if progress.raised else rule.raise_after):
        return progress._replace(past_since=since), None
    changed = AlertProgress(raised=not progress.raised)
    return changed, AlertState.RAISED if changed.raised else AlertState.CLEARED


def _is_past(rule: AlertRule, progress: AlertProgress, value: float) -> bool:
    """Return whether the figure is past the bound that would change the alert."""
    return value <= rule.clear_at if progress.raised else value >= rule.raise_at
