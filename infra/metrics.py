"""What this process counts of itself, for Prometheus: conventional names and units, few label values, nothing personal.

Each metric is moved once for a run, a batch, a request or a turn, never for an event. ``REGISTRY`` is this program's
own: nothing that a library counts by itself is shown.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from time import perf_counter
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from methodology.ruleset import IN_FORCE

DISTRIBUTION: Final = "disruption-ledger"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
QUICK_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SLOW_SECONDS: Final = (0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)

REGISTRY: Final = CollectorRegistry()
STAGE_SECONDS: Final = Histogram(
    "disruptions_stage_seconds",
    "How long one piece of work took: a run judged, a run acknowledged, a batch stored, invariants checked",
    ("stage",),
    buckets=QUICK_SECONDS,
    registry=REGISTRY,
)
END_TO_END_SECONDS: Final = Histogram(
    "disruptions_end_to_end_seconds",
    "From the broker's append time to stored, of the oldest event of each partition's part of a batch",
    buckets=SLOW_SECONDS,
    registry=REGISTRY,
)
JUDGED_EVENTS: Final = Counter(
    "disruptions_judged_events", "Published records that this worker judged, repeats included", registry=REGISTRY
)
STORED_OUTPUTS: Final = Counter(
    "disruptions_stored_outputs", "Entries and refusals that this loader wrote", registry=REGISTRY
)
READ_SECONDS: Final = Histogram(
    "disruptions_read_request_seconds",
    "How long a request took, by the route's template and the status",
    ("route", "status"),
    buckets=QUICK_SECONDS,
    registry=REGISTRY,
)


class JoinedMetrics(Collector):
    """What several collectors say, as one."""

    def __init__(self, collectors: Iterable[Collector]) -> None:
        self._collectors = tuple(collectors)

    def collect(self) -> Iterator[Metric]:
        """Collect from each in turn."""
        for one in self._collectors:
            yield from one.collect()


@contextmanager
def measure_stage(stage: str) -> Iterator[None]:
    """Measure the block as one piece of a stage's work, however it ends."""
    began = perf_counter()
    try:
        yield
    finally:
        STAGE_SECONDS.labels(stage).observe(perf_counter() - began)


@cache
def watch_process() -> Collector:
    """Watch the process itself: memory, processor, files, garbage; once, when first asked."""
    disable_created_metrics()  # type: ignore[no-untyped-call]  # the library gives it no types
    said = {"version": version(DISTRIBUTION), "rules": IN_FORCE.version}
    Info("disruptions_build", "The software, and the rules by which it judges", registry=REGISTRY).info(said)
    GCCollector(REGISTRY)
    PlatformCollector(REGISTRY)
    ProcessCollector(registry=REGISTRY)
    return REGISTRY


def render_metrics(*more: Collector) -> bytes:
    """Render all of it in Prometheus's text format, with what other collectors know."""
    return generate_latest(JoinedMetrics((watch_process(), *more)))
