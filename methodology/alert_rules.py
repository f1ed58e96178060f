"""When somebody is told: rules as dated data, each with the figure it looks at, its bounds, and what to do.

All are this project's decisions (D). A rule that changes gets a new row from a day to come, never a new value in an old
one. Between ``clear_at`` and ``raise_at`` nothing changes, so a figure that wavers raises one alert and not many.
"""

from typing import NamedTuple

from ledger.facts import Day, Millis
from ledger.vocabulary import AlertKind

SECOND: Millis = 1_000
MINUTE: Millis = 60 * SECOND


class AlertRule(NamedTuple):
    """One rule, in force from ``since`` up to but not including ``until`` (None: still).

    Attributes:
        measures: the figure that is looked at, in words, with its unit.
        raise_at: at this value or above, for at least ``raise_after``, the alert is raised.
        clear_at: at this value or below, for at least ``clear_after``, it is cleared.
        muted_by_replay: whether it says nothing while history is replayed or the store is filled again.
        remedy: what to do.
    """

    kind: AlertKind
    since: Day
    until: Day | None
    measures: str
    raise_at: float
    clear_at: float
    raise_after: Millis
    clear_after: Millis
    muted_by_replay: bool
    remedy: str


ALERT_RULES: tuple[AlertRule, ...] = (
    AlertRule(
        AlertKind.DEGRADED,
        0,
        None,
        "troubles that health lists",
        1,
        0,
        15 * SECOND,
        15 * SECOND,
        False,
        "Open the status page: each trouble there says what to do.",
    ),
    AlertRule(
        AlertKind.BEHIND,
        0,
        None,
        "seconds between now and the instant through which figures are complete",
        120,
        30,
        15 * SECOND,
        30 * SECOND,
        True,
        "See on the status page which part stands still. Nothing published is lost; figures are older than they look.",
    ),
    AlertRule(
        AlertKind.INVARIANT_BREACHED,
        0,
        None,
        "invariants of the served figures that do not hold",
        1,
        0,
        0,
        MINUTE,
        False,
        "Do not use the figures named. Run `disruptions audit replay` and see docs/auditing.md.",
    ),
    AlertRule(
        AlertKind.REFUSAL_BURST,
        0,
        None,
        "events rejected for one reason in five minutes",
        20,
        5,
        0,
        5 * MINUTE,
        True,
        "Open the rejected events: the reason says what to mend; send them again once it is mended.",
    ),
    AlertRule(
        AlertKind.FEED_SILENT,
        0,
        None,
        "1 while a feed that was heard before is down, by the rules of feeds",
        1,
        0,
        0,
        0,
        True,
        "Ask the organisation whether its record system sends: no news is not the same as no disruptions.",
    ),
    AlertRule(
        AlertKind.RATE_OUTSIDE_LIMITS,
        0,
        None,
        "run rules that the newest week that is nearly all in breaks, against the recorder's own past",
        1,
        0,
        0,
        0,
        True,
        "Open the rates page: see whether activity changed, or how it is recorded.",
    ),
)


def find_rules(day: Day) -> tuple[AlertRule, ...]:
    """Return the rules that are in force on a day."""
    return tuple(one for one in ALERT_RULES if one.since <= day and (one.until is None or day < one.until))
