"""Feeds are judged by their heartbeats and numbers: rules F1 to F5."""

import pytest

from ledger.heartbeats import Heartbeat
from methodology.feeds import (
    FEED_RULES,
    FeedState,
    FeedVerdict,
    find_due,
    find_feed_rules,
    find_heartbeat_fault,
    find_run,
    judge_feed,
    judge_past_feed,
)

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NOW = 19_180 * DAY + 12 * HOUR  # noon in UTC of 7 July 2022: one in the afternoon in London
ARRIVED = FeedState(heard_at=NOW - 10_000, interval_seconds=60, claimed=8, arrived=8, event_at=NOW - HOUR)


def test_the_first_verdict_that_holds():
    """Each is made to hold by one change to a feed of which everything is known to be well."""
    assert judge_feed(ARRIVED, NOW) == FeedVerdict.ALIVE
    assert judge_feed(ARRIVED._replace(event_at=NOW - DAY), NOW) == FeedVerdict.NOTHING_TO_SEND
    assert judge_feed(ARRIVED._replace(event_at=None, arrived=0, claimed=0), NOW) == FeedVerdict.NOTHING_TO_SEND
    assert judge_feed(ARRIVED._replace(missing=1, event_at=NOW - DAY), NOW) == FeedVerdict.EVENTS_MISSING
    assert judge_feed(ARRIVED._replace(missing=1, heard_at=NOW - HOUR), NOW) == FeedVerdict.FEED_DOWN
    assert judge_feed(ARRIVED._replace(missing=1, heard_at=None), NOW) == FeedVerdict.NEVER_HEARD


def test_a_past_feed_was_down_where_an_alert_stood_and_is_otherwise_not_known():
    """Heartbeats of then are not kept, so none of the other verdicts can be given."""
    assert judge_past_feed(was_silent=True) == FeedVerdict.FEED_DOWN
    assert judge_past_feed(was_silent=False) == FeedVerdict.NOT_KEPT


def test_a_day_is_one_of_london():
    """23:30 in UTC of 6 July is half past midnight of the 7th there: an event of today."""
    assert judge_feed(ARRIVED._replace(event_at=NOW - 12 * HOUR - 30 * MINUTE), NOW) == FeedVerdict.ALIVE
    assert judge_feed(ARRIVED._replace(event_at=NOW - 13 * HOUR - 30 * MINUTE), NOW) == FeedVerdict.NOTHING_TO_SEND


def test_a_heartbeat_is_overdue_after_three_of_its_own_intervals():
    """60 s promised: due within 180 s, and down a millisecond later."""
    heard = ARRIVED._replace(heard_at=NOW - 180_000)
    assert find_due(heard, NOW) == NOW
    assert judge_feed(heard, NOW) == FeedVerdict.ALIVE
    assert judge_feed(heard, NOW + 1) == FeedVerdict.FEED_DOWN


def test_one_that_promises_nothing_is_expected_daily():
    """A nightly run is down after three nights."""
    heard = ARRIVED._replace(heard_at=NOW, interval_seconds=None)
    assert find_due(heard, NOW) == NOW + 3 * DAY
    assert find_due(heard._replace(heard_at=None), NOW) is None


def test_a_claim_beyond_what_arrived_is_missing_once_it_had_its_time():
    """Two minutes: after the claim, or after the last that arrived, whichever was before."""
    ahead = ARRIVED._replace(claimed=9, event_at=NOW - 2 * MINUTE)
    assert judge_feed(ahead, NOW) == FeedVerdict.ALIVE
    assert judge_feed(ahead, NOW + 1) == FeedVerdict.EVENTS_MISSING
    claimed_before = ahead._replace(interval_seconds=3600, heard_at=NOW - 2 * MINUTE - 1, event_at=NOW)
    assert judge_feed(claimed_before, NOW) == FeedVerdict.EVENTS_MISSING
    assert judge_feed(ahead._replace(event_at=None, arrived=0), NOW) == FeedVerdict.EVENTS_MISSING
    assert judge_feed(ahead._replace(claimed=None), NOW + 1) == FeedVerdict.ALIVE


@pytest.mark.parametrize(
    ("claimed", "run"), [(None, 2), (0, 0), (1, 0), (5_120, 0), (6_000, 0), (700_000, 1), (800_000, 1), (2**63 - 1, 2)]
)
def test_what_is_claimed_is_of_the_run_in_which_it_lies(claimed: int | None, run: int):
    """Rule F5: numbers from 1, from 700,000, and the greatest that there is; between them they jump."""
    assert find_run([1, 700_000, 2**63 - 1], claimed) == run


def test_what_is_no_heartbeat_is_told_without_its_values():
    """One fault each; a whole one has none."""
    good = Heartbeat("kent", 5120, NOW, 60, "Athena")
    assert find_heartbeat_fault(good, b"kent") is None
    assert find_heartbeat_fault(Heartbeat("kent", None, NOW), b"kent") is None
    for wrong in (
        good._replace(last_sequence=-1),
        good._replace(last_sequence=2**63),
        good._replace(interval_seconds=0),
        good._replace(interval_seconds=7 * 86_400 + 1),
        good._replace(sent_at=-1),
        good._replace(sent_at=2**62),
        good._replace(source_system="x" * 201),
    ):
        assert find_heartbeat_fault(wrong, b"kent")
    for key in (b"surrey", b"", None):
        assert find_heartbeat_fault(good, key) == "its key is not its organisation"
    fault = find_heartbeat_fault(good._replace(organisation="kentt"), b"kentt")
    assert fault is not None
    assert "kentt" not in fault


@pytest.mark.parametrize("rules", FEED_RULES)
def test_rules_hold_from_a_day_on(rules):
    """In the order of their days, from the first."""
    assert FEED_RULES[0].since == 0
    assert find_feed_rules(-2 * 86_400_000) == FEED_RULES[0]
    assert list(FEED_RULES) == sorted(FEED_RULES)
    assert min(rules[1:]) > 0
