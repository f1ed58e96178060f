"""What the service knows of the ledger, as metrics: read from the newest sample and report, never asked for.

With several readers of one store each tells the same of it: take the greatest, not the sum.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from infra.status import measure_silence
from queries.health_answers import HealthAnswer
from queries.invariants import Invariant
from queries.watch import Sample, Watch

OUTCOMES: Final = ("admitted", "duplicate")


class LedgerCollector(Collector):
    """Collects for one watch; ``read_health`` answers as ``/v1/health`` does, at once."""

    def __init__(self, watch: Watch, read_health: Callable[[], HealthAnswer]) -> None:
        self._watch = watch
        self._read_health = read_health

    def collect(self) -> Iterator[Metric]:
        """Collect; nothing of a sample before there is one."""
        sample = self._watch.read_newest()
        if sample is not None:
            yield from collect_sample(sample)
        yield from self._collect_invariants()
        yield from self._collect_health()

    def _collect_invariants(self) -> Iterator[Metric]:
        report = self._watch.invariants.newest
        breaches = GaugeMetricFamily(
            "disruptions_invariant_breaches", "Places in which an invariant does not hold", labels=["invariant"]
        )
        found = Counter(dict.fromkeys(Invariant, 0))
        for one in report.breaches:
            found[one.invariant] += one.count
        for invariant, n in found.items():
            breaches.add_metric([str(invariant)], n)
        yield breaches
        if report.checked_at is not None:
            what = "When the invariants were last checked"
            name = "disruptions_invariants_checked_timestamp_seconds"
            yield GaugeMetricFamily(name, what, value=report.checked_at.timestamp())

    def _collect_health(self) -> Iterator[Metric]:
        found = self._read_health()
        troubles = GaugeMetricFamily("disruptions_troubles", "Troubles that health lists, by part", labels=["part"])
        listed = Counter(str(one["part"]) for one in found["troubles"])
        for part in sorted({"loader", *(str(one["name"]) for one in found["parts"]), *listed}):
            troubles.add_metric([part], listed[part])
        yield troubles
        if found["loader"] != "elsewhere":
            what = "Since when the loader's loop has shown no sign of life"
            yield GaugeMetricFamily("disruptions_loader_silence_seconds", what, value=measure_silence())


def collect_sample(sample: Sample) -> Iterator[Metric]:
    """Collect what the watch found at one moment."""
    events = CounterMetricFamily(
        "disruptions_events", "Published events that are stored, by what became of them", labels=["outcome", "code"]
    )
    for (outcome, code), n in sorted(({(one, ""): 0 for one in OUTCOMES} | dict(sample.events)).items()):
        events.add_metric([outcome, code], n)
    yield events
    answered = GaugeMetricFamily("disruptions_dependency_up", "Whether it answered the newest sample", labels=["part"])
    answered.add_metric(["store"], int(sample.store_answered))
    answered.add_metric(["broker"], int(sample.broker_answered))
    yield answered
    unloadable = "disruptions_unloadable_records"
    yield GaugeMetricFamily(
        unloadable, "Records of the output topics that could not be stored", value=sample.unloadable
    )
    if sample.lag is not None:
        yield from collect_lag(sample, sample.lag)
    yield from collect_heartbeats(sample)


def collect_heartbeats(sample: Sample) -> Iterator[Metric]:
    """Collect how long each recorder has been silent, and when its next heartbeat is overdue."""
    age, due = "disruptions_heartbeat_age_seconds", "disruptions_heartbeat_due_timestamp_seconds"
    ages = GaugeMetricFamily(age, "Since the newest heartbeat of a recorder", labels=["organisation"])
    dues = GaugeMetricFamily(due, "When the next heartbeat of a recorder is overdue", labels=["organisation"])
    for organisation, heard in sorted(sample.heard.items()):
        ages.add_metric([organisation], max(0.0, time.time() - heard.heard_at / 1000))
        if heard.due_at is not None:
            dues.add_metric([organisation], heard.due_at / 1000)
    yield ages
    yield dues


def collect_lag(sample: Sample, lag: int) -> Iterator[Metric]:
    """Collect how far behind intake and the store are."""
    name, oldest = "disruptions_oldest_unstored_age_seconds", "Age of the oldest published event that is not stored"
    yield GaugeMetricFamily(name, oldest, value=sample.oldest_seconds)
    stages: dict[str, tuple[Any, Any]] = {
        "intake": (max(0, lag - sample.behind), sample.intake_seconds),
        "store": (lag, sample.oldest_seconds),
    }
    offsets = GaugeMetricFamily("disruptions_lag_offsets", "Offsets published and not past the stage", labels=["stage"])
    seconds = GaugeMetricFamily("disruptions_lag_seconds", "How long the stage has been behind", labels=["stage"])
    for stage, (behind, age) in stages.items():
        offsets.add_metric([stage], behind)
        seconds.add_metric([stage], age)
    yield offsets
    yield seconds
