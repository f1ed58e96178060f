"""Health names what hangs and what dies in a loop, says what to do, and the supervisor brings it back."""

import fcntl
import json
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import child_processes
from tests.live.adversary.health import (
    WITHIN_SECONDS,
    ask_health,
    await_well,
    exhaust_part,
    find_end,
    find_part,
    list_silent,
    list_troubled,
    run_impatient,
)
from tests.live.adversary.running import DISRUPTIONS, RunningLedger, await_true
from tests.patience import PATIENCE_SECONDS

PARTS = ("worker-1", "sealer", "service", "broker")
HALTED = ("worker-1", "sealer", "broker")


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLedger]:
    """A ledger that takes five seconds of silence for a hang."""
    with run_impatient(tmp_path_factory.mktemp("health")) as made:
        yield made


def test_a_ledger_that_works_says_so(quick: RunningLedger) -> None:
    """Four parts, no trouble, exit 0. A part may be starting still when nothing is the matter: it is waited for."""
    await_well(quick)
    await_true(lambda: list_states(quick) == {"working"}, WITHIN_SECONDS, quick.log)
    done = quick.run_command("health", "--json")
    body = json.loads(done.stdout)
    assert (done.returncode, body["status"], body["troubles"], body["loader"]) == (0, "ok", [], "loading")
    assert sorted(one["name"] for one in body["parts"]) == sorted(PARTS)


def list_states(ledger: RunningLedger) -> set[str]:
    """The states of all parts, as health says."""
    return {one["state"] for one in ask_health(ledger)["parts"]}


@pytest.mark.effect_of("DISRUPTIONS_PART_SILENCE_SECONDS")
def test_what_is_halted_is_named_killed_and_started_again(quick: RunningLedger) -> None:
    """SIGSTOP to worker, sealer and broker: named `silent`, with a remedy, by a service that waits for none of them.
    Then to it too.

    Each comes back by itself, and health says of each that it hung.
    """
    before = {name: quick.find_part(name) for name in PARTS}
    for name in HALTED:
        before[name].send_signal(signal.SIGSTOP)
    named: set[str] = set()

    def name_all() -> bool:
        named.update(list_silent(quick))
        return named.issuperset(HALTED)

    await_true(name_all, 30, quick.log)
    before["service"].send_signal(signal.SIGSTOP)
    assert quick.run_command("health").returncode == 3
    for name in (*HALTED, "service"):
        await_true(lambda name=name: "it hung" in find_end(quick, name), WITHIN_SECONDS, quick.log)
        assert quick.find_part(name).pid != before[name].pid
    await_well(quick)


def test_a_service_whose_memory_has_run_out_is_replaced(quick: RunningLedger) -> None:
    """Within seconds, with its last words; what came meanwhile is stored by the next one, which has no such limit."""
    await_well(quick)
    before = sum(quick.ask_json("wait")["stored"].values())
    exhausted = exhaust_part(quick, "service", resource.RLIMIT_AS)
    for _ in range(20):
        quick.send_raw(b"T-1", b"\xff")
    await_true(lambda: "it may have no more memory" in find_end(quick, "service"), WITHIN_SECONDS, quick.log)
    assert quick.find_part("service").pid != exhausted
    assert sum(quick.ask_json("wait")["stored"].values()) == before + 20


def test_a_witness_and_heartbeats_are_parts_and_are_missed_when_they_die(quick: RunningLedger, tmp_path: Path) -> None:
    """No `up` starts them: each speaks for itself. Who was killed is named; who was told to stop is a part no more."""
    witness = ["audit", "witness", "--name", "kent.example/witness", "--dir", str(tmp_path / "kent"), "--every", "1"]
    commands = {
        "witness-kent.example-witness": witness,
        "heartbeat-kent": ["heartbeat", "--org", "kent", "--every", "1"],
    }
    await_true((quick.state / "seals" / "keys").exists, WITHIN_SECONDS, quick.log)
    started = {
        name: child_processes.spawn_child([DISRUPTIONS, *words], tmp_path / name, quick.environment)
        for name, words in commands.items()
    }
    try:
        for name in commands:
            await_true(lambda name=name: find_part(quick, name).get("state") == "working", WITHIN_SECONDS, quick.log)
        child_processes.kill_child(started["heartbeat-kent"])
        await_true(lambda: "heartbeat-kent" in list_silent(quick), WITHIN_SECONDS, quick.log)
        assert child_processes.stop_child(started["witness-kent.example-witness"]) == 0
        await_true(lambda: not find_part(quick, "witness-kent.example-witness"), WITHIN_SECONDS, quick.log)
    finally:
        for one in started.values():
            child_processes.kill_child(one)
    (quick.state / "run" / "heartbeat-kent.status.json").unlink()
    await_well(quick)


def test_a_worker_that_ends_in_a_loop_is_no_ok_and_its_sentence_is_shown(quick: RunningLedger) -> None:
    """Its books are held by another: its last words stand in health, exit 1, until it works again.

    What is published meanwhile is not judged, and health says that too.
    """
    worker = quick.find_part("worker-1")
    worker.send_signal(signal.SIGKILL)
    worker.wait(PATIENCE_SECONDS)
    with (quick.state / "books" / "worker-1" / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        quick.send_raw(b"T-1", b"\xff")
        await_true(lambda: "intake" in list_troubled(quick), WITHIN_SECONDS, quick.log)
        await_true(lambda: find_part(quick, "worker-1").get("restarts", 0) >= 4, WITHIN_SECONDS, quick.log)
        done = quick.run_command("health")
    said = " ".join(done.stdout.split())
    assert done.returncode == 1
    assert "give this one another --name" in said
    assert "do: `up` starts it again" in said
    assert "intake does not advance: 1 published and not judged" in said
    await_true(lambda: find_part(quick, "worker-1").get("state") == "working", WITHIN_SECONDS, quick.log)
    assert "worker-1" in list_troubled(quick), "it died too often to be well already"
    await_true(lambda: ask_health(quick)["lag"] == 0, WITHIN_SECONDS, quick.log)


def test_two_sigterms_and_a_halted_part_do_not_hold_up_the_end(quick: RunningLedger) -> None:
    """Asked twice while a worker is halted: all of it stops, exit 0, nothing is left; then nobody answers, exit 3."""
    processes = [quick.find_part(name) for name in PARTS]
    processes[0].send_signal(signal.SIGSTOP)
    began = time.monotonic()
    assert quick.stop_up(signals=2) == 0
    assert time.monotonic() - began < 45
    assert [process.is_running() for process in processes] == [False] * len(PARTS)
    asked = quick.run_command("health")
    assert asked.returncode == 3
    assert "nothing runs under" in asked.stderr
