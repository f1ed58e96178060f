"""A worker that holds the books of very many disruptions: its memory, and how soon it is back at work after kill -9."""

import shutil
import time
from typing import Any

from bench.processes import OutputProgress, compute_rates, make_worker_command, read_peak_megabytes, run_commands
from bench.years import count_events, publish_years
from infra.settings import Settings

PROBE_EVENTS = 12_000  # published while no worker runs: what it has to do when it is back
BUILD_SECONDS = 900.0
RETURN_SECONDS = 300.0


def measure_return(settings: Settings, disruptions: int) -> dict[str, Any]:
    """Build the books, kill -9 the worker, time its successor with its snapshots and with none."""
    if not disruptions:
        return {}
    events = count_events(disruptions)
    publish_years(settings, events, 0)
    progress = OutputProgress(settings)
    with run_commands(settings, make_worker_command(settings), politely=False) as (built,):
        marks = progress.sample_until(events, BUILD_SECONDS)
        found: dict[str, Any] = {
            "disruptions": disruptions,
            "events": events,
            "events/s while building": round(compute_rates(marks, events)["rate"]),
            "peak MB while building": read_peak_megabytes(built),
        }
    found |= _measure_one(settings, progress, "with snapshots", 1_000)
    shutil.rmtree(settings.state / "books")
    return found | _measure_one(settings, progress, "without snapshots", 2_000)


def _measure_one(settings: Settings, progress: OutputProgress, how: str, first_copy: int) -> dict[str, Any]:
    """Measure from the start of the new worker at the moment of the kill: the dead one's session has to end first."""
    before = progress.count_outputs()
    started = time.monotonic()
    with run_commands(settings, make_worker_command(settings), politely=False) as (back,):
        publish_years(settings, PROBE_EVENTS, first_copy)
        lag = time.monotonic() - started
        marks = progress.sample_until(before + PROBE_EVENTS, RETURN_SECONDS)
        first = next(mark.seconds for mark in marks if mark.done > before)
        return {
            f"seconds to first output, {how}": round(lag + first, 1),
            f"seconds to all caught up, {how}": round(lag + marks[-1].seconds, 1),
            f"peak MB after, {how}": read_peak_megabytes(back),
        }
