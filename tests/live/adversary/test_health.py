"""Health names what hangs and what dies in a loop, says what to do, and the supervisor brings it back."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.live.adversary.running import RunningLedger, await_true

PARTS = ("worker-1", "service", "broker")
SILENCE = {"DISRUPTIONS_PART_SILENCE_SECONDS": "5"}
WITHIN_SECONDS = 90.0

Make = Callable[..., RunningLedger]


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLedger]:
    """A ledger that takes five seconds of silence for a hang."""
    made = RunningLedger(tmp_path_factory.mktemp("health"), SILENCE)
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


def await_well(ledger: RunningLedger) -> None:
    """Return once health is ok."""
    await_true(lambda: ask_health(ledger).get("status") == "ok", WITHIN_SECONDS, ledger.log)


def test_a_ledger_that_works_says_so(quick: RunningLedger) -> None:
    """Three parts, no trouble, exit 0."""
    await_well(quick)
    done = quick.run_command("health", "--json")
    body = json.loads(done.stdout)
    assert (done.returncode, body["status"], body["troubles"], body["loader"]) == (0, "ok", [], "loading")
    assert sorted(one["name"] for one in body["parts"]) == sorted(PARTS)
    assert {one["state"] for one in body["parts"]} == {"working"}


def test_what_is_halted_is_named_killed_and_started_again(quick: RunningLedger) -> None:
    """SIGSTOP to every part, all at once: each comes back, and health says of each that it hung."""
    before = {name: quick.find_part(name) for name in PARTS}
    for process in before.values():
        process.send_signal(signal.SIGSTOP)
    assert quick.run_command("counts").returncode == 3
    await_true(
        lambda: all("it hung" in ((find_part(quick, name).get("last_end") or {}).get("why", "")) for name in PARTS),
        WITHIN_SECONDS,
        quick.log,
    )
    for name in PARTS:
        assert quick.find_part(name).pid != before[name].pid
    await_well(quick)


def test_a_worker_that_hangs_is_named_while_it_hangs(quick: RunningLedger) -> None:
    """No sign of life: `silent` and degraded, with what will be done, before it is killed."""
    quick.find_part("worker-1").send_signal(signal.SIGSTOP)
    await_true(lambda: find_part(quick, "worker-1").get("state") in ("silent", "restarting"), 30, quick.log)
    body = ask_health(quick)
    assert body["status"] == "degraded"
    assert [one["remedy"] for one in body["troubles"] if one["part"] == "worker-1"] != []
    await_true(lambda: find_part(quick, "worker-1").get("state") == "working", WITHIN_SECONDS, quick.log)


def test_a_worker_that_dies_in_a_loop_is_no_ok(quick: RunningLedger) -> None:
    """Killed as soon as it runs, three times: degraded although it runs, exit 1, with how often and why."""
    for _ in range(3):
        first = quick.find_part("worker-1").pid
        os.kill(first, signal.SIGKILL)
        await_true(lambda first=first: find_pid(quick, "worker-1") not in (None, first), WITHIN_SECONDS, quick.log)
    await_true(lambda: find_part(quick, "worker-1").get("state") == "working", WITHIN_SECONDS, quick.log)
    done = quick.run_command("health")
    assert done.returncode == 1
    assert "worker-1: it was started again" in done.stdout
    assert "killed by SIGKILL" in " ".join(done.stdout.split())
    assert "do: " in done.stdout


def find_pid(ledger: RunningLedger, name: str) -> int | None:
    """The number of a part's process, None between two lives."""
    try:
        return ledger.find_part(name).pid
    except (KeyError, OSError, ValueError):
        return None


def test_a_worker_that_ends_with_a_sentence_shows_it(quick: RunningLedger) -> None:
    """Its books' directory is held by another: its last words stand in health while it is started again."""
    lock = quick.state / "books" / "worker-1" / "lock"
    process = quick.find_part("worker-1")
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        await_true(
            lambda: any("give this one another --name" in one["what"] for one in ask_health(quick).get("troubles", [])),
            WITHIN_SECONDS,
            quick.log,
        )
    await_true(lambda: find_part(quick, "worker-1").get("state") == "working", WITHIN_SECONDS, quick.log)


def test_two_sigterms_and_a_halted_part_do_not_hold_up_the_end(own_ledger: Make) -> None:
    """Asked twice while a worker is halted: all of it stops in order, exit 0, nothing is left; then nobody answers."""
    ledger = own_ledger(SILENCE).start_up()
    processes = [ledger.find_part(name) for name in PARTS]
    processes[0].send_signal(signal.SIGSTOP)
    assert ledger._up is not None
    began = time.monotonic()
    ledger._up.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    ledger._up.send_signal(signal.SIGTERM)
    assert ledger._up.wait(60) == 0
    assert time.monotonic() - began < 45
    assert [process.is_running() for process in processes] == [False] * 3
    asked = ledger.run_command("health")
    assert asked.returncode == 3
    assert "nothing runs under" in asked.stderr
