"""The roll call of the parts under a state directory: what their supervisor says of them, and what they say themselves.

With `up` its supervisor lists all that it starts (``run/parts.json``). Without one, whoever runs parts on this state
directory is known by its own status alone: it is silent when that grows old. So are, always, those that no `up` starts:
witnesses and senders of heartbeats.
"""

import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from infra.preallocated_file import read_json_object
from infra.process_identity import identify_process
from infra.status import STOPPED, read_status

PARTS: Final = "parts.json"
FRESH_SECONDS: Final = 10.0  # the supervisor speaks once a second
SILENT_SECONDS: Final = 20.0
NAME_CHARACTERS: Final = 100
SUFFIX: Final = ".status.json"
WITNESS, HEARTBEAT = "witness", "heartbeat"
APART: Final = (f"{WITNESS}-", f"{HEARTBEAT}-")  # how the names of parts begin that no `up` starts

ListedProcess = dict[str, Any]


def name_apart(kind: str, whose: str) -> str:
    """Name a part that no `up` starts, as a file can be named: ``witness-kent.example-witness``."""
    return f"{kind}-{re.sub(r'[^A-Za-z0-9.]+', '-', whose)[:NAME_CHARACTERS]}"


def list_processes(state: Path) -> list[ListedProcess]:
    """List: ``name``, ``state``, ``troubles`` (``what``, ``remedy``), ``restarts``, ``since``, ``last_end``."""
    supervised = read_supervised(state)
    files = sorted((state / "run").glob(f"*{SUFFIX}"))
    names = [file.name.removesuffix(SUFFIX) for file in files]
    alone = names if supervised is None else [one for one in names if one.startswith(APART)]
    joined = [_join_reports(one, read_status(state, str(one.get("name")))) for one in supervised or ()]
    return joined + [found for name in alone if (found := _judge_alone(state, name))]


def read_supervised(state: Path) -> list[ListedProcess] | None:
    """Return what a supervisor that lives says of its processes; None where there is none."""
    said = read_json_object(state / "run" / PARTS)
    at, parts = said.get("at"), said.get("parts")
    if not isinstance(at, float) or not isinstance(parts, list) or time.time() - at > FRESH_SECONDS:
        return None
    return [one for one in parts if isinstance(one, dict)]


def list_troubles(parts: list[ListedProcess]) -> list[dict[str, str]]:
    """List every trouble of every process, with its name, in the order of the list."""
    return [{"part": one["name"], **trouble} for one in parts for trouble in one["troubles"]]


def _join_reports(supervised: ListedProcess, said: dict[str, Any]) -> ListedProcess:
    """Return one process as its supervisor sees it, with what it says of itself."""
    own = said if said.get("pid") == supervised.get("pid") and said.get("pid") else {}
    runs = supervised.get("state") == "running"
    what, remedy = supervised.get("trouble"), supervised.get("remedy")
    troubles = [{"what": str(what), "remedy": str(remedy)}] if what else []
    if own and own.get("state") != STOPPED:
        troubles += _read_troubles(own)
    return {
        "name": supervised.get("name"),
        "state": own.get("state", "working") if runs else supervised.get("state"),
        "troubles": troubles,
        "restarts": supervised.get("restarts", 0),
        "since": supervised.get("since"),
        "last_end": supervised.get("last_end"),
    }


def _judge_alone(state: Path, name: str) -> ListedProcess | None:
    """Judge one process without a supervisor; None where it was stopped in peace."""
    said = read_status(state, name)
    troubles, doing, at = _read_troubles(said), said.get("state"), str(said.get("at", ""))
    if not said or (doing == STOPPED and not troubles):
        return None
    age = _measure_age(at)
    if doing != STOPPED and (age > SILENT_SECONDS or not _is_running(said)):
        doing = "silent"
        remedy = f"start it again, or remove run/{name}{SUFFIX} when it is not to come back"
        troubles.append({"what": f"no sign of life for {age:.0f} s", "remedy": remedy})
    return {"name": name, "state": doing, "troubles": troubles, "restarts": 0, "since": at or None, "last_end": None}


def _is_running(said: dict[str, Any]) -> bool:
    """Return whether its process is there; one of another machine that shares the directory is given the doubt."""
    known = identify_process(said["pid"]) if isinstance(said.get("pid"), int) else None
    return known is None or known.started == said.get("started")


def _read_troubles(said: dict[str, Any]) -> list[dict[str, str]]:
    listed = said.get("troubles")
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [{"what": str(one.get("what")), "remedy": str(one.get("remedy"))} for one in found]


def _measure_age(at: str) -> float:
    try:
        return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
