"""Intake loses nothing and counts nothing twice, whatever is killed and whenever: real processes, a real broker."""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.fold import make_mix
from infra import topic_admin
from infra.settings import Settings
from infra.topics import ENTRIES
from local import child_processes
from local.broker import Broker
from tests.live.intake_proof import (
    SESSION_SECONDS,
    Start,
    prove_outputs,
    publish_facts,
    read_all,
    wait_until_covered,
)
from tests.patience import PATIENCE_SECONDS, await_truth

Stream = Callable[[Settings, int, int], threading.Thread]
KILLS = 8


@pytest.fixture
def stream() -> Iterator[Stream]:
    """``stream(settings, events, seed)``: publishes in the background, a little at a time."""
    threads: list[threading.Thread] = []

    def start_sending(settings: Settings, events: int, seed: int) -> threading.Thread:
        pairs = make_mix(events, seed)

        def send_facts() -> None:
            for first in range(0, events, 500):
                publish_facts(settings, pairs[first : first + 500])
                time.sleep(0.05)

        threads.append(threading.Thread(target=send_facts))
        threads[-1].start()
        return threads[-1]

    yield start_sending
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("seed", [3])
def test_kill_9_at_random_moments_changes_no_output(quick: Settings, worker: Start, stream: Stream, seed: int) -> None:
    """Killed again and again while events arrive: every position has its output, equal to a plain fold's."""
    rng = random.Random(seed)
    publish_facts(quick, make_mix(4_000, seed))
    publishing = stream(quick, 30_000, seed + 1)
    for _ in range(KILLS):
        process = worker(quick)
        time.sleep(rng.uniform(0.05, 1.2))
        child_processes.kill_child(process)
    worker(quick)
    publishing.join()
    wait_until_covered(quick)
    counts = prove_outputs(quick)
    assert counts["published"] == 34_000


def test_workers_that_join_and_leave_lose_nothing(quick: Settings, worker: Start, stream: Stream) -> None:
    """One joins, the first leaves politely, a third joins, the second is killed; outputs are those of a plain fold."""
    publishing = stream(quick, 25_000, 11)
    first = worker(quick, "worker-1")
    second = worker(quick, "worker-2")
    time.sleep(1.0)
    assert child_processes.stop_child(first) == 0
    third = worker(quick, "worker-3")
    time.sleep(1.0)
    child_processes.kill_child(second)
    publishing.join()
    wait_until_covered(quick)
    assert child_processes.stop_child(third) == 0
    assert prove_outputs(quick)["published"] == 25_000


def test_a_broker_killed_at_work_costs_only_time(
    tmp_path: Path, settings_for: Callable[..., Settings], worker: Start, stream: Stream
) -> None:
    """The worker waits for the broker, or ends and is started again, as its supervisor would; nothing is lost."""
    with Broker(tmp_path / "own-broker") as own:
        settings = settings_for(kafka_bootstrap_servers=own.bootstrap_servers, session_timeout_seconds=SESSION_SECONDS)
        topic_admin.create_topics(settings)
        process = worker(settings)
        publishing = stream(settings, 12_000, 21)
        for _ in range(2):
            time.sleep(1.0)
            own.kill()
            own.start()
        publishing.join()
        if process.poll() is not None:
            process = worker(settings)
        wait_until_covered(settings)
        assert prove_outputs(settings)["published"] == 12_000
        child_processes.stop_child(process)


def test_sigterm_leaves_cleanly_and_repeats_nothing(quick: Settings, worker: Start) -> None:
    """Exit 0 in the middle of the work; the next worker writes no output a second time."""
    publish_facts(quick, make_mix(20_000, 5))
    process = worker(quick)
    await_truth(lambda: any(read_all(quick, ENTRIES).values()), process=process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert not (quick.state / "run" / "worker-1.ready").exists()
    worker(quick)
    wait_until_covered(quick)
    assert prove_outputs(quick)["repeats"] == 0
