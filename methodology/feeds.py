"""How a feed is judged: whether silence means that nothing happened, or that nobody speaks (rules F1 to F5). Pure.

The rows below are data with dates in force, as every rule; they touch no count.
"""

from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from ledger.bounds import REFERENCE_CHARACTERS_MAX
from ledger.facts import Day, Millis
from ledger.heartbeats import INTERVAL_SECONDS_MAX, SEQUENCE_MAX, Heartbeat
from ledger.instants import LATEST, MILLIS_PER_DAY, count_days, find_uk_day
from ledger.organisations import EVER, find_organisation


class FeedRules(NamedTuple):
    """What holds for feeds judged from a day on.

    Attributes:
        overdue_intervals: a heartbeat is overdue after so many of the intervals that it promised: one may be lost.
        usual_interval_seconds: the interval of a heartbeat that promised none.
        transit_seconds: how long a number may be on its way before it is missing; later numbers overtake it, since a
            recorder's events lie in several partitions.
        jump_numbers: two neighbours that are further apart are a jump, and what lies between is not missing: the whole
            nation does not send so many events in a year.
    """

    since: Day
    overdue_intervals: int
    usual_interval_seconds: int
    transit_seconds: int
    jump_numbers: int


FEED_RULES: Final = (
    FeedRules(EVER, overdue_intervals=3, usual_interval_seconds=86_400, transit_seconds=120, jump_numbers=100_000),
)


class FeedVerdict(StrEnum):
    """What is known of a feed; the first that holds, in this order."""

    NEVER_HEARD = "NEVER_HEARD"
    FEED_DOWN = "FEED_DOWN"
    EVENTS_MISSING = "EVENTS_MISSING"
    NOTHING_TO_SEND = "NOTHING_TO_SEND"
    ALIVE = "ALIVE"
    NOT_KEPT = "NOT_KEPT"  # of a past instant alone: no heartbeat of then is kept


class FeedState(NamedTuple):
    """What was heard of a feed.

    Attributes:
        heard_at: when the broker had its last heartbeat; None: never.
        interval_seconds: what that promised, if anything.
        claimed: the last number that it claimed, if any.
        arrived: the greatest number that has arrived before any jump past what is claimed; 0 before the first.
        missing: how many numbers between the first and the last that arrived did not, transit and jumps allowed for.
        event_at: when the ledger learnt of its last event; None: there is none.
    """

    heard_at: Millis | None
    interval_seconds: int | None = None
    claimed: int | None = None
    arrived: int = 0
    missing: int = 0
    event_at: Millis | None = None


_LAST_MILLIS: Final = count_days(LATEST) * MILLIS_PER_DAY


def find_feed_rules(now: Millis) -> FeedRules:
    """Find the rules in force on the day of an instant; before 1970 the first ones."""
    day = find_uk_day(now)
    return next((one for one in reversed(FEED_RULES) if one.since <= day), FEED_RULES[0])


def find_due(state: FeedState, now: Millis) -> Millis | None:
    """Find by when the next heartbeat has to come, so that the feed is not taken to be down; None: none came yet."""
    if state.heard_at is None:
        return None
    rules = find_feed_rules(now)
    interval = rules.usual_interval_seconds if state.interval_seconds is None else state.interval_seconds
    return state.heard_at + rules.overdue_intervals * interval * 1000


def judge_feed(state: FeedState, now: Millis) -> FeedVerdict:
    """Judge a feed at an instant by the ledger's clock."""
    due = find_due(state, now)
    if due is None:
        return FeedVerdict.NEVER_HEARD
    if now > due:
        return FeedVerdict.FEED_DOWN
    if state.missing or (count_unarrived(state) and _is_settled(state, now)):
        return FeedVerdict.EVENTS_MISSING
    return FeedVerdict.NOTHING_TO_SEND if _is_quiet_day(state, now) else FeedVerdict.ALIVE


def judge_past_feed(was_silent: bool) -> FeedVerdict:
    """Judge a feed at a past instant, by whether an alert stood then that it was down: its heartbeats are not kept."""
    return FeedVerdict.FEED_DOWN if was_silent else FeedVerdict.NOT_KEPT


def find_run(firsts: Sequence[int], claimed: int | None) -> int:
    """Find in which run of numbers a claimed one is, by the first of each run: jumps lie between the runs."""
    return len(firsts) - 1 if claimed is None else max(0, bisect_right(firsts, claimed) - 1)


def count_unarrived(state: FeedState) -> int:
    """Count the numbers that its last heartbeat claims beyond the last that arrived."""
    return max(0, (state.claimed or 0) - state.arrived)


def _is_settled(state: FeedState, now: Millis) -> bool:
    """Tell whether what is claimed had its time: it was claimed, or anything arrived, longer ago than transit takes."""
    before = now - find_feed_rules(now).transit_seconds * 1000
    return min(one for one in (state.heard_at, state.event_at or 0) if one is not None) < before


def _is_quiet_day(state: FeedState, now: Millis) -> bool:
    """Tell whether nothing has arrived on this day of the United Kingdom."""
    return state.event_at is None or find_uk_day(state.event_at) < find_uk_day(now)


def find_heartbeat_fault(heartbeat: Heartbeat, key: bytes | None) -> str | None:
    """Find what is wrong with a heartbeat, without values of it; None where it is one."""
    interval, last = heartbeat.interval_seconds, heartbeat.last_sequence
    faults = {
        "its key is not its organisation": key != heartbeat.organisation.encode(),
        "its organisation is not on the list": find_organisation(heartbeat.organisation) is None,
        "its last sequence is no number of a sequence": last is not None and not 0 <= last <= SEQUENCE_MAX,
        "its interval is none": interval is not None and not 1 <= interval <= INTERVAL_SECONDS_MAX,
        "its time of sending is of no calendar": not 0 <= heartbeat.sent_at <= _LAST_MILLIS,
        "its source system is too long": len(heartbeat.source_system or "") > REFERENCE_CHARACTERS_MAX,
    }
    return next((fault for fault, holds in faults.items() if holds), None)
