"""The figures that alerts are judged by, measured at one moment."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from ledger.instants import count_millis, find_uk_day, format_for_people, make_date
from ledger.organisations import name_organisations
from ledger.vocabulary import AlertKind
from methodology.feeds import FeedVerdict
from methodology.rejection_sentences import summarise_reason
from queries.answer import read_clock
from queries.feed_answers import FeedRow
from queries.feed_queries import FeedQuery
from queries.health_answers import HealthAnswer
from queries.invariant_checker import InvariantReport
from queries.question import INSTANT
from queries.rate_answers import RateAnswer
from queries.rate_query import RateQuery
from queries.record_queries import HealthQuery
from queries.snapshot import Snapshot
from queries.store_answers import StoreAnswers

LEDGER: Final = "the ledger"
NATION: Final = "England and Wales"
BURST_MINUTES: Final = 5
FEEDS_SECONDS: Final = 30.0
RATES_SECONDS: Final = 900.0
WEEKS_LOOKED_AT: Final = 104
FAR_BEHIND: Final = timedelta(minutes=10)
TOLD_ELSEWHERE: Final = frozenset({"alerts", "invariants"})  # parts of whose troubles other alerts tell, or none can
_LATELY_REJECTED: Final = f"""
SELECT code, count() AS n FROM rejected FINAL WHERE ledger_time > {INSTANT % "after"} GROUP BY code
"""  # noqa: S608  (names of ours alone; values are parameters)


class AlertMeasure(NamedTuple):
    """One figure.

    Attributes:
        subject: whom or what it is about.
        value: None where it could not be measured.
        sentence: what it says, for a duty officer, should it be past its bound.
    """

    kind: AlertKind
    subject: str
    value: float | None
    sentence: str


class AlertMeasures:
    """Measures again and again, and remembers whether history is being replayed."""

    def __init__(self, answers: StoreAnswers) -> None:
        self._answers = answers
        self._stored = -1
        self._kept: dict[str, tuple[float, list[AlertMeasure]]] = {}

    def take_measures(self) -> tuple[list[AlertMeasure], bool]:
        """Take them all, and tell whether history is being replayed now. Raises Unavailable."""
        snapshot, instant = self._answers.take_snapshot(), read_clock()
        through = snapshot.find_complete_through()
        replaying = self._is_replaying(snapshot, through, instant)
        health, report = self._answers.answer_query(HealthQuery()), self._answers.watch.invariants.newest
        found = [
            measure_health(health),
            measure_breaches(report),
            measure_lateness(through, instant),
            *measure_rejections(snapshot, instant),
            *self._repeat_at("feeds", FEEDS_SECONDS, lambda: measure_feeds(self._answers, snapshot)),
            *self._repeat_at("rates", RATES_SECONDS, lambda: measure_rates(self._answers, snapshot, instant)),
        ]
        return found, replaying

    def _repeat_at(self, name: str, seconds: float, measure: Callable[[], list[AlertMeasure]]) -> list[AlertMeasure]:
        """Repeat what was measured until it is so old: what costs more is measured less often."""
        kept = self._kept.get(name)
        if kept is None or time.monotonic() - kept[0] >= seconds:
            kept = self._kept[name] = time.monotonic(), measure()
        return kept[1]

    def _is_replaying(self, snapshot: Snapshot, through: datetime | None, instant: datetime) -> bool:
        """Tell whether the store is far behind, and catching up: then history arrives, and nothing is new."""
        before, self._stored = self._stored, sum(snapshot.position.values())
        return (through is None or instant - through > FAR_BEHIND) and self._stored > before


def measure_health(health: HealthAnswer) -> AlertMeasure:
    """Count the troubles that health lists, without those that are told elsewhere."""
    troubles = [one["what"] for one in health["troubles"] if one["part"] not in TOLD_ELSEWHERE]
    sentence = f"The ledger is degraded: {'; '.join(troubles[:3])}." if troubles else "The ledger is in order."
    return AlertMeasure(AlertKind.DEGRADED, LEDGER, len(troubles), sentence)


def measure_breaches(report: InvariantReport) -> AlertMeasure:
    """Count the invariants that are broken; not measured until everything has been looked at."""
    broken = sorted({one.describe_breach() for one in report.breaches})
    value = len(broken) if broken or report.whole else None
    sentence = f"Figures contradict each other. {' '.join(broken[:3])}" if broken else "All invariants hold."
    return AlertMeasure(AlertKind.INVARIANT_BREACHED, LEDGER, value, sentence)


def measure_lateness(through: datetime | None, instant: datetime) -> AlertMeasure:
    """Measure by how many seconds figures are behind; not measured while the broker cannot be asked."""
    seconds = None if through is None else max(0.0, (instant - through).total_seconds())
    sentence = "" if seconds is None else f"Figures are complete only up to {seconds:,.0f} seconds ago."
    return AlertMeasure(AlertKind.BEHIND, LEDGER, seconds, sentence)


def measure_rejections(snapshot: Snapshot, instant: datetime) -> Iterable[AlertMeasure]:
    """Count the events rejected lately, by code; codes of which there are none are left out."""
    after = {"after": count_millis(instant - timedelta(minutes=BURST_MINUTES))}
    for row in snapshot.store.query(_LATELY_REJECTED, after):
        counted = f"{row['n']:,} events were rejected as {row['code']} in the last {BURST_MINUTES} minutes."
        sentence = " ".join(filter(None, (counted, summarise_reason(row["code"]))))
        yield AlertMeasure(AlertKind.REFUSAL_BURST, row["code"], row["n"], sentence)


def measure_feeds(answers: StoreAnswers, snapshot: Snapshot) -> list[AlertMeasure]:
    """Measure which of the feeds that were ever heard are down."""
    rows = answers.answer_at(snapshot, FeedQuery())["rows"]
    return [measure_feed(row) for row in rows if row["heard_at"] is not None]


def measure_feed(row: FeedRow) -> AlertMeasure:
    """Measure whether a feed that was heard is down."""
    is_down = row["verdict"] == FeedVerdict.FEED_DOWN
    heard = f"its last heartbeat was on {format_for_people(row['heard_at'] or '')}"
    sentence = f"The feed of {row['name']} {'is down' if is_down else 'is heard'}: {heard}."
    return AlertMeasure(AlertKind.FEED_SILENT, row["org"], float(is_down), sentence)


def measure_rates(answers: StoreAnswers, snapshot: Snapshot, instant: datetime) -> list[AlertMeasure]:
    """Measure, for the nation and every recorder, by how many run rules its newest judged week stands out."""
    end = make_date(find_uk_day(count_millis(instant)))
    start = end - timedelta(weeks=WEEKS_LOOKED_AT)
    return [
        measure_rate(org or NATION, answers.answer_at(snapshot, RateQuery(org=org, start=start, end=end)))
        for org in (None, *name_organisations())
    ]


def measure_rate(subject: str, rates: RateAnswer) -> AlertMeasure:
    """Count the signals that reach the newest week which is nearly all in; not measured where there is none."""
    judged = [week["week"] for week in rates["weeks"] if week["judged"] is not None and not week["filling"]]
    signals = [one["sentence"] for one in rates["signals"] if judged and one["last_week"] == judged[-1]]
    value = len(signals) if judged else None
    return AlertMeasure(AlertKind.RATE_OUTSIDE_LIMITS, subject, value, " ".join(signals[:2]) or "Within its limits.")
