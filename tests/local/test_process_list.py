"""The roll call: what a supervisor says, what the parts say, and what is to be thought of silence."""

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra import status
from ledger.errors import Unavailable
from local import process_list

REPORT: dict[str, Any] = {
    "name": "worker-1", "state": "running", "pid": os.getpid(), "trouble": None, "remedy": None,
    "restarts": 2, "since": "2022-07-04T09:00:00+00:00",
    "last_end": {"at": "2022-07-04T08:59:59+00:00", "why": "it hung"},
}  # fmt: skip


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state directory on which this process is ``worker-1``, at work."""
    status.open_status(tmp_path, "worker-1", os.getpid())
    status.report_status("working")
    yield tmp_path
    status.close_status()


def write_supervised(directory: Path, *, at: float, **changed: Any) -> None:
    """Write what a supervisor says of one part."""
    (directory / "run" / "parts.json").write_text(json.dumps({"at": at, "parts": [REPORT | changed]}))


def test_a_part_is_what_its_supervisor_and_itself_say(state: Path) -> None:
    """Its own state, its own troubles, and how it ended last."""
    write_supervised(state, at=time.time())
    status.report_trouble("books 1", "no room", remedy="make room")
    (part,) = process_list.list_processes(state)
    assert (part["name"], part["state"], part["restarts"]) == ("worker-1", "working", 2)
    assert part["troubles"] == [{"what": "no room", "remedy": "make room"}]
    assert part["last_end"]["why"] == "it hung"
    assert process_list.list_troubles([part]) == [{"part": "worker-1", "what": "no room", "remedy": "make room"}]


def test_what_an_earlier_process_said_is_not_what_this_one_says(state: Path) -> None:
    """The number is another's: only the supervisor's word counts, and its trouble comes with it."""
    status.report_trouble("books 1", "no room", remedy="make room")
    write_supervised(
        state, at=time.time(), pid=None, state="restarting", trouble="it does not run: it hung", remedy="see"
    )
    (part,) = process_list.list_processes(state)
    assert (part["state"], part["troubles"]) == (
        "restarting",
        [{"what": "it does not run: it hung", "remedy": "see"}],
    )


def test_without_a_supervisor_a_part_speaks_for_itself(state: Path) -> None:
    """A supervisor that has not spoken for a minute is none."""
    write_supervised(state, at=time.time() - 60)
    (part,) = process_list.list_processes(state)
    assert (part["name"], part["state"], part["troubles"]) == ("worker-1", "working", [])


def test_silence_without_a_supervisor_is_a_trouble_with_a_remedy(state: Path) -> None:
    """Said last in 2022: it is silent, and the file's name is told."""
    file = status.locate_status_file(state, "worker-9")
    file.write_text(
        json.dumps({"name": "worker-9", "pid": 2**22 + 1, "state": "working", "at": "2022-07-04T09:00:00+00:00"})
    )
    worker = next(one for one in process_list.list_processes(state) if one["name"] == "worker-9")
    assert worker["state"] == "silent"
    assert "run/worker-9.status.json" in worker["troubles"][0]["remedy"]


def test_a_process_that_is_there_and_says_nothing_is_silent(state: Path) -> None:
    """It hangs: this very process, which spoke last 21 s ago; after 19 s it is at work."""
    for seconds, doing in ((19, "working"), (21, "silent")):
        at = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()
        file = status.locate_status_file(state, "heartbeat-kent")
        started = status.read_status(state, "worker-1")["started"]
        file.write_text(json.dumps({"pid": os.getpid(), "started": started, "state": "working", "at": at}))
        (part,) = [one for one in process_list.list_processes(state) if one["name"] == "heartbeat-kent"]
        assert part["state"] == doing


def test_who_left_in_peace_is_not_missed_and_who_died_is(state: Path) -> None:
    """A farewell ends it; last words stay."""
    status.say_farewell()
    assert process_list.list_processes(state) == []
    status.say_last_words("the topic was made anew")
    assert process_list.list_processes(state)[0]["troubles"][0]["what"] == "the topic was made anew"


@pytest.mark.parametrize("garbage", ["", "[]", '{"at": "x", "parts": []}', '{"at": 1e99, "parts": [1]}', "{"])
def test_garbage_is_no_supervisor(state: Path, garbage: str) -> None:
    """Torn or another's: the parts still speak, and nothing breaks."""
    (state / "run" / "parts.json").write_text(garbage)
    assert [one["name"] for one in process_list.list_processes(state)] in (["worker-1"], [])


def test_who_no_supervisor_starts_speaks_for_itself_beside_its_parts(state: Path) -> None:
    """A witness that was killed is missed, though an `up` lives; a worker of an earlier one is not."""
    write_supervised(state, at=time.time())
    for name in ("worker-9", process_list.name_apart(process_list.WITNESS, "kent.example/witness")):
        said = {"name": name, "pid": 2**22 + 1, "state": "working", "at": "2022-07-04T09:00:00+00:00"}
        status.locate_status_file(state, name).write_text(json.dumps(said))
    parts = process_list.list_processes(state)
    assert [one["name"] for one in parts] == ["worker-1", "witness-kent.example-witness"]
    (trouble,) = parts[1]["troubles"]
    assert trouble["what"].startswith("no sign of life for ")


def test_what_ends_a_part_by_an_error_is_its_last_word(tmp_path: Path) -> None:
    """A command that is a part for as long as it runs; one that is interrupted leaves in peace."""
    for error, left in ((Unavailable("the broker is away"), ["the broker is away"]), (KeyboardInterrupt(), [])):
        with pytest.raises(type(error)), status.take_part(tmp_path, "heartbeat-kent"):
            raise error
        said = status.read_status(tmp_path, "heartbeat-kent")
        assert (said["state"], [one["what"] for one in said["troubles"]]) == ("stopped", left)
