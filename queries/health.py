"""``/v1/health``: the parts, the loader, and what works everywhere, in one answer that says what to do.

Who meets a trouble elsewhere reports it (``infra.status.report_trouble``); here all of them are listed.
"""

import os
import shutil
from pathlib import Path
from typing import Any, Final

from infra.status import measure_silence
from local import process_list
from queries.health_answers import ClockAnswer, HealthAnswer, PartTrouble
from queries.invariant_checker import NOTHING_CHECKED, InvariantReport
from queries.invariants import REMEDIES
from queries.watch import Sample, describe_trouble
from sinks.loader_health import LoaderHealth

SILENT_SECONDS: Final = 20.0
DIRECTORIES: Final = ("books", "clickhouse", "kafka", "keys", "logs", "run", "seals")  # under the state directory
FREE_BYTES_LEAST: Final = 64_000_000  # three times what Kafka takes at once for a partition's indexes


def compose_health(
    state: Path, loader: LoaderHealth | None, sample: Sample, report: InvariantReport = NOTHING_CHECKED
) -> HealthAnswer:
    """Compose the body of ``/v1/health``; ``loader`` is None where it does not run in this process."""
    parts: list[Any] = process_list.list_processes(state)
    troubles: list[Any] = [
        *_judge_disk(state),
        *process_list.list_troubles(parts),
        *_judge_loader(loader),
        *sample.troubles,
    ]
    troubles += [
        describe_trouble("invariants", one.describe_breach(), REMEDIES[one.invariant]) for one in report.breaches
    ]
    if sample.unloadable:
        what = f"{sample.unloadable:,} records could not be stored"
        troubles.append(describe_trouble("loader", what, "`disruptions unloadable` lists them and loads them again"))
    return {
        "status": "degraded" if troubles else "ok",
        "loader": loader.state if loader else "elsewhere",
        "unloadable": sample.unloadable,
        "trouble": (loader.damage or loader.trouble) if loader else None,
        "lag": sample.lag,
        "clock": _tell_clock(sample),
        "parts": parts,
        "troubles": troubles,
    }


def _tell_clock(sample: Sample) -> ClockAnswer | None:
    if sample.skew is None:
        return None
    return {"least_ahead": sample.skew.least / 1000, "most_ahead": sample.skew.most / 1000}


def _judge_disk(state: Path) -> list[PartTrouble]:
    """Name little room before there is none, and what nobody can write to."""
    if not state.exists():  # nothing of the ledger is on this disk
        return []
    try:
        free = shutil.disk_usage(state).free
        locked = [state] if is_read_only(state) else [one for name in DIRECTORIES if is_read_only(one := state / name)]
    except OSError as error:
        return [describe_trouble("disk", f"{state} cannot be looked at: {error.strerror}", "see that it is there")]
    found = []
    if free < FREE_BYTES_LEAST:
        what = f"{free / 1_000_000:,.0f} MB are free under {state}"
        remedy = "make room: the broker ends without it, and all goes on once there is some"
        found.append(describe_trouble("disk", what, remedy))
    if locked:
        what = f"{', '.join(map(str, locked))} is read-only: nothing can be written there"
        remedy = "see the kernel's log for a fault of the disk, and mount it for writing; all goes on by itself"
        found.append(describe_trouble("disk", what, remedy))
    return found


def is_read_only(directory: Path) -> bool:
    """Tell whether a directory lies on a file system that is read-only. Raises OSError."""
    return directory.exists() and bool(os.statvfs(directory).f_flag & os.ST_RDONLY)


def _judge_loader(loader: LoaderHealth | None) -> list[PartTrouble]:
    if loader is None:
        return []
    found = []
    silence = measure_silence()
    if loader.state == "stopped":
        what = f"the loader has stopped: {loader.trouble or 'see the log of the service'}"
        found.append(describe_trouble("loader", what, "do as the sentence says; `up` starts the service again"))
    elif loader.state == "waiting":
        what = f"the loader waits: {loader.trouble or 'see the log of the service'}"
        found.append(describe_trouble("loader", what, "start or mend what it waits for; nothing is lost meanwhile"))
    elif silence > SILENT_SECONDS:
        what = f"the loader has shown no sign of life for {silence:.0f} s"
        found.append(describe_trouble("loader", what, "it waits for the store, or hangs: restart the service"))
    if loader.damage:
        found.append(describe_trouble("loader", loader.damage, "see `What may be lost` in docs/operating.md"))
    return found
