"""The supervisor's promises, held with small real processes."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from ledger.errors import Unavailable
from local import child_processes
from local.processes import ModuleProcess
from local.supervisor import StartStage, Supervisor
from tests.patience import await_truth


def test_a_part_is_started_announced_ready_and_stopped(server: Any, supervised: Any, lines: Any) -> None:
    """Start returns when the probe answers; stop leaves no process."""
    part = server("one")
    supervisor = supervised(StartStage(parts=[part]))
    supervisor.start()
    pid = part.pid
    assert part.is_ready()
    supervisor.stop()
    assert lines.list_events("one") == ["started", "ready", "stopped"]
    assert not psutil.pid_exists(pid)


def test_a_killed_part_is_started_again(server: Any, supervised: Any, lines: Any) -> None:
    """One line for each event of its second life too."""
    part = server("one")
    supervised(StartStage(parts=[part])).start()
    first = part.pid
    os.kill(first, signal.SIGKILL)
    await_truth(lambda: lines.list_events("one").count("ready") == 2)
    assert part.pid != first
    assert lines.list_events("one") == ["started", "ready", "exited", "restarting", "started", "ready"]


def test_stages_start_in_order_and_stop_in_reverse(server: Any, supervised: Any, lines: Any) -> None:
    """What a stage prepares is done between it and the next one."""
    done: list[str] = []
    first = StartStage(parts=[server("broker")], prepare=lambda: done.append(",".join(lines.list_events("broker"))))
    supervisor = supervised(first, StartStage(parts=[server("service"), server("worker-1"), server("worker-2")]))
    supervisor.start()
    supervisor.stop()
    assert done == ["started,ready"]
    stopped = [part for event, part in lines.events if event == "stopped"]
    assert stopped == ["worker-2", "worker-1", "service", "broker"]


def test_a_part_that_never_becomes_ready_is_given_up_with_the_end_of_its_log(
    tmp_path: Path, supervised: Any, server: Any, lines: Any
) -> None:
    """The caller learns which part and what it said; what had started is stopped again."""
    broken = ModuleProcess(
        name="broken", arguments=("no_such_module",), log=tmp_path / "broken.log", environment={}, probe=lambda: False
    )
    good = server("good")
    supervisor = supervised(StartStage(parts=[good]), StartStage(parts=[broken]))
    with pytest.raises(Unavailable, match=r"broken did not start(.|\n)*No module named no_such_module"):
        supervisor.start()
    assert good.pid is None
    assert lines.list_events("good")[-1] == "stopped"


def test_a_failed_preparation_stops_everything_and_is_the_callers(server: Any, supervised: Any) -> None:
    part = server("one")

    def prepare_stage() -> None:
        raise Unavailable("topics could not be made")

    with pytest.raises(Unavailable, match="topics could not be made"):
        supervised(StartStage(parts=[part], prepare=prepare_stage)).start()
    assert part.pid is None


def test_a_stop_during_the_start_ends_it(tmp_path: Path, lines: Any) -> None:
    """A part that is not ready yet does not hold a stop up."""
    slow = ModuleProcess(
        name="slow", arguments=("timeit", "-n", "1", "import time; time.sleep(60)"),
        log=tmp_path / "slow.log", environment={}, probe=lambda: False,
    )  # fmt: skip
    supervisor = Supervisor([StartStage(parts=[slow])], lines)
    supervisor._thread.start()
    await_truth(lambda: slow.pid is not None)
    supervisor.stop()
    assert slow.pid is None


def test_a_part_that_is_halted_is_killed_and_started_again(server: Any, lines: Any) -> None:
    """SIGSTOP: it hears no SIGTERM. It is named as silent before it is killed, though its signs are waited for longer:
    this part has none, and a sealer may be without for minutes. Then it is said for how long it was halted.
    """
    part, told = server("one"), []
    supervisor = Supervisor([StartStage(parts=[part])], lines, told.append, silence_seconds=4.0)
    supervisor.start()
    try:
        os.kill(part.pid, signal.SIGSTOP)
        await_truth(lambda: lines.list_events("one").count("ready") == 2)
        assert lines.list_events("one") == ["started", "ready", "hangs", "exited", "restarting", "started", "ready"]
        await_truth(lambda: told[-1][0]["state"] == "running")
        assert told[-1][0]["restarts"] == 1
        silent = [one[0]["trouble"] for one in told if one[0]["state"] == "silent"]
        assert silent[0].startswith(("no sign of life for 3 s", "no sign of life for 4 s"))
        assert told[-1][0]["last_end"]["why"].startswith(
            ("it hung: no sign of life for 4 s", "it hung: no sign of life for 5 s")
        )
    finally:
        supervisor.stop()


def test_a_part_that_dies_in_a_loop_is_a_trouble_while_it_runs(server: Any, lines: Any) -> None:
    """Killed twice it runs again, and health is not told that all is well."""
    part, told = server("one"), []
    supervisor = Supervisor([StartStage(parts=[part])], lines, told.append)
    supervisor.start()
    try:
        for times in (2, 3):
            os.kill(part.pid, signal.SIGKILL)
            await_truth(lambda times=times: lines.list_events("one").count("ready") == times)  # type: ignore[misc]  # of this round
        await_truth(lambda: told[-1][0]["state"] == "running")
        assert "it was started again 2 times; the last time: killed by SIGKILL" in told[-1][0]["trouble"]
        assert told[-1][0]["remedy"]
    finally:
        supervisor.stop()


def test_a_full_disk_under_the_log_ends_nothing(server: Any) -> None:
    """Every line that is logged fails, and every report: the part is tended all the same."""

    class Broken:
        def info(self, *_: Any, **__: Any) -> None:
            raise OSError(28, "No space left on device")

        warning = error = info

    part = server("one")
    supervisor = Supervisor([StartStage(parts=[part])], Broken(), lambda _: Broken().info())
    supervisor.start()
    try:
        first = part.pid
        os.kill(first, signal.SIGKILL)
        await_truth(lambda: part.pid not in (None, first) and part.is_ready())
        supervisor.check()
    finally:
        supervisor.stop()


def test_a_halted_part_does_not_hold_up_a_stop(server: Any, supervised: Any) -> None:
    """It is let go on, hears the SIGTERM, and ends."""
    part = server("one")
    supervisor = supervised(StartStage(parts=[part]))
    supervisor.start()
    os.kill(part.pid, signal.SIGSTOP)
    began = time.monotonic()
    supervisor.stop()
    assert part.pid is None
    assert time.monotonic() - began < child_processes.STOP_TIMEOUT_SECONDS


def test_what_is_silent_and_busy_is_at_work(tmp_path: Path, lines: Any) -> None:
    """A long fold shows no life and uses a processor: it is named silent, and not killed."""
    busy = ModuleProcess(
        name="busy", arguments=("timeit", "-n", "1", "while True: pass"), log=tmp_path / "busy.log", environment={},
        probe=lambda: True, sign=lambda _: False,
    )  # fmt: skip
    told: list[Any] = []
    supervisor = Supervisor([StartStage(parts=[busy])], lines, told.append, silence_seconds=2.0)
    supervisor.start()
    try:
        await_truth(lambda: told[-1][0]["state"] == "silent")
        time.sleep(2.5)
        assert lines.list_events("busy") == ["started", "ready"]
    finally:
        supervisor.stop()


def test_what_is_silent_and_idle_hangs(tmp_path: Path, lines: Any) -> None:
    """Asleep and without a sign of life: killed, started again."""
    idle = ModuleProcess(
        name="idle", arguments=("timeit", "-n", "1", "import time; time.sleep(60)"), log=tmp_path / "idle.log",
        environment={}, probe=lambda: True, sign=lambda _: False,
    )  # fmt: skip
    supervisor = Supervisor([StartStage(parts=[idle])], lines, silence_seconds=2.0)
    supervisor.start()
    try:
        await_truth(lambda: "exited" in lines.list_events("idle"))
        assert lines.list_events("idle")[:4] == ["started", "ready", "hangs", "exited"]
    finally:
        supervisor.stop()
