"""Who judges alerts: one process of a ledger at a time, every few seconds, from what is served.

The order of effects:

1. Read what is new in the log of alerts, store it, log it, hand it over to the webhook.
2. While this process is the judge: measure, judge, append what was raised or cleared. It comes back by 1.
3. On an error of the world: leave the log, wait, begin again. Which alerts stand is read from the store.
"""

import threading
import time
from typing import Final

import structlog
from confluent_kafka import KafkaException

from infra.settings import Settings
from infra.status import end_trouble, report_trouble
from ledger.errors import LedgerError
from ledger.instants import count_days, count_millis
from ledger.vocabulary import AlertKind, AlertState
from methodology.alert_rules import AlertRule, find_rules
from methodology.alerting import AlertProgress, judge_measurement
from queries.alert_measures import AlertMeasure, AlertMeasures
from queries.answer import read_clock
from queries.store_answers import StoreAnswers
from schemas.alerts import Alert
from schemas.judged import name_software
from schemas.registry import resolve_ids
from services.webhook import open_webhook
from sinks.alerts import AlertLog
from sinks.store import Store

LOOK_SECONDS: Final = 5.0
RETRY_SECONDS: Final = 5.0
_log = structlog.get_logger("services.alert_judge")


class AlertBooks:
    """Where every alert is; pure but for what it remembers."""

    def __init__(self, standing: set[tuple[str, str]]) -> None:
        self._progress = {(AlertKind(kind), subject): AlertProgress(raised=True) for kind, subject in standing}

    def judge_measures(self, measures: list[AlertMeasure], *, replaying: bool, instant: int, day: int) -> list[Alert]:
        """Judge what was measured: what is raised or cleared by it.

        A subject that stands and was not measured, though others of its kind were, or might have been, is at 0.
        """
        rules = {rule.kind: rule for rule in find_rules(day)}  # a kind without a rule today is not judged
        found = {(one.kind, one.subject): one for one in measures}
        silent = [key for key in self._progress if key not in found]
        found |= {key: AlertMeasure(*key, 0.0, "It is over.") for key in silent}
        alerts = [
            self._judge_one(rules[one.kind], one, replaying, instant) for one in found.values() if one.kind in rules
        ]
        return [one for one in alerts if one is not None]

    def _judge_one(self, rule: AlertRule, measure: AlertMeasure, replaying: bool, instant: int) -> Alert | None:
        key = measure.kind, measure.subject
        before = self._progress.get(key, AlertProgress())
        value = None if replaying and rule.muted_by_replay else measure.value
        after, happened = judge_measurement(rule, before, value, instant)
        self._progress[key] = after
        if after == AlertProgress():
            del self._progress[key]
        if happened is None or value is None:
            return None
        bound = rule.raise_at if happened is AlertState.RAISED else rule.clear_at
        return Alert(*key, happened, instant, float(value), bound, measure.sentence, rule.remedy, name_software())


class AlertJudge:
    """Runs in a thread of its own beside the loader."""

    def __init__(self, settings: Settings, store: Store, answers: StoreAnswers) -> None:
        self._settings = settings
        self._store = store
        self._measures = AlertMeasures(answers)
        self._handed = self._committed = -1
        self._webhook = open_webhook(settings, self._note_handed)

    def run(self, stop: threading.Event) -> None:
        """Judge until ``stop`` is set; waits out the world's faults."""
        try:
            while not stop.is_set():
                try:
                    self._run_session(stop)
                except (LedgerError, KafkaException) as error:
                    why = str(error) if isinstance(error, LedgerError) else error.args[0].name()
                    report_trouble(
                        "alerts", f"alerts are not judged: {why}", remedy="mend it; nothing else waits for it"
                    )
                    stop.wait(RETRY_SECONDS)
                except Exception:  # a defect of ours ends no loader
                    _log.exception("alerts failed")
                    report_trouble("alerts", "alerts are not judged", remedy="see the log")
                    stop.wait(RETRY_SECONDS)
        finally:
            if self._webhook is not None:
                self._webhook.close()

    def _run_session(self, stop: threading.Event) -> None:
        log = AlertLog(self._settings, self._store, resolve_ids(self._settings))
        books: AlertBooks | None = None
        due_at = 0.0
        try:
            while not stop.is_set():
                self._tell_alerts(log, stop)
                if not log.is_given:
                    books = None  # another judges: what it raises is read when this one is asked again
                elif log.has_read_all and time.monotonic() >= due_at:
                    books = books or AlertBooks(log.list_standing())
                    self._judge_now(log, books)
                    due_at = time.monotonic() + LOOK_SECONDS
                    end_trouble("alerts")
        finally:
            log.close()

    def _tell_alerts(self, log: AlertLog, stop: threading.Event) -> None:
        """Read what is new, and tell of it: the log, the webhook."""
        for logged in log.read_new():
            alert = logged.alert
            _log.warning("alert", kind=alert.kind, subject=alert.subject, state=alert.state, sentence=alert.sentence)
            if self._webhook is None:
                self._handed = logged.offset
            else:
                self._webhook.hand_over(logged, stop)
        handed = self._handed  # the webhook's thread may move it on meanwhile
        if handed > self._committed:
            log.commit_handed(handed)
            self._committed = handed

    def _note_handed(self, offset: int) -> None:
        self._handed = offset

    def _judge_now(self, log: AlertLog, books: AlertBooks) -> None:
        measures, replaying = self._measures.take_measures()
        now = read_clock()
        alerts = books.judge_measures(
            measures, replaying=replaying, instant=count_millis(now), day=count_days(now.date())
        )
        for alert in alerts:
            log.append_alert(alert)
