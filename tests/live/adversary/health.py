"""A ledger that soon takes a part to hang, and what its health says."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.live.adversary.running import RunningLedger, await_true

WITHIN_SECONDS = 90.0
SILENCE_SECONDS = 5


@contextmanager
def run_impatient(directory: Path, silence: int = SILENCE_SECONDS) -> Iterator[RunningLedger]:
    """Run a ledger that takes so many seconds of silence for a hang."""
    made = RunningLedger(directory, {"DISRUPTIONS_PART_SILENCE_SECONDS": str(silence)})
    try:
        yield made.start_up()
    finally:
        made.kill_up()


def ask_health(ledger: RunningLedger) -> dict[str, Any]:
    """The body of health; empty while nobody answers."""
    try:
        found: dict[str, Any] = ledger.get_api("health").json()
    except (httpx.HTTPError, OSError, ValueError):
        return {}
    return found


def find_part(ledger: RunningLedger, name: str) -> dict[str, Any]:
    """What health says of one part; empty while nobody answers."""
    return next((one for one in ask_health(ledger).get("parts", []) if one["name"] == name), {})


def list_troubled(ledger: RunningLedger) -> set[str]:
    """The parts that have a trouble now."""
    return {one["part"] for one in ask_health(ledger).get("troubles", [])}


def list_silent(ledger: RunningLedger) -> set[str]:
    """The parts that are said to show no sign of life, with what to do."""
    body = ask_health(ledger)
    silent = {one["part"] for one in body.get("troubles", []) if "no sign of life" in one["what"] and one["remedy"]}
    assert not silent or body["status"] == "degraded"
    return silent


def await_well(ledger: RunningLedger) -> None:
    """Return once health is ok."""
    await_true(lambda: ask_health(ledger).get("status") == "ok", WITHIN_SECONDS, ledger.log)


def find_end(ledger: RunningLedger, name: str) -> str:
    """Why the part ended last, as health says; empty while nobody answers."""
    end = find_part(ledger, name).get("last_end") or {}
    return str(end.get("why", ""))


def exhaust_part(ledger: RunningLedger, name: str, kind: int) -> int:
    """Leave the process of a part no more than it has; its number."""
    process = ledger.find_part(name)
    most = process.num_fds() if kind == resource.RLIMIT_NOFILE else process.memory_info().vms // 2
    resource.prlimit(process.pid, kind, (most, most))
    return process.pid
