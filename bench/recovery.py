"""A worker that holds the books of very many disruptions: its memory, and how soon it is back at work after kill -9."""

import shutil
import time
from collections.abc import Callable
from typing import Any

from bench.processes import Progress, peak_megabytes, rates, running, worker
from infra.settings import Settings

EVENTS_PER_DISRUPTION = 1.2  # the mix records, corrects and assesses
PROBE_EVENTS = 12_000  # published while no worker runs: what it has to do when it is back
BUILD_SECONDS = 900.0
RETURN_SECONDS = 300.0

Publish = Callable[[Settings, int, int], None]


def measure_return(settings: Settings, disruptions: int, publish: Publish) -> dict[str, Any]:
    """Build the books, kill -9 the worker, time its successor with its snapshots and with none."""
    if not disruptions:
        return {}
    events = int(disruptions * EVENTS_PER_DISRUPTION)
    publish(settings, events, 2)
    progress = Progress(settings)
    with running(settings, worker(settings), politely=False) as (built,):
        marks = progress.until(events, BUILD_SECONDS)
        found: dict[str, Any] = {
            "disruptions": disruptions,
            "events": events,
            "events/s while building": round(rates(marks, events)["rate"]),
            "peak MB while building": peak_megabytes(built),
        }
    found |= _return(settings, progress, publish, "with snapshots", 101)
    shutil.rmtree(settings.state / "books")
    return found | _return(settings, progress, publish, "without snapshots", 102)


def _return(settings: Settings, progress: Progress, publish: Publish, how: str, seed: int) -> dict[str, Any]:
    """From the start of the new worker at the moment of the kill: the dead one's session has to end first."""
    before = progress.outputs()
    started = time.monotonic()
    with running(settings, worker(settings), politely=False) as (back,):
        publish(settings, PROBE_EVENTS, seed)
        lag = time.monotonic() - started
        marks = progress.until(before + PROBE_EVENTS, RETURN_SECONDS)
        first = next(seconds for seconds, outputs, _ in marks if outputs > before)
        return {
            f"seconds to first output, {how}": round(lag + first, 1),
            f"seconds to all caught up, {how}": round(lag + marks[-1][0], 1),
            f"peak MB after, {how}": peak_megabytes(back),
        }
