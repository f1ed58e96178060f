"""A part that runs out of file descriptors or of memory: it goes on, or health names it; then it is started again.

A limit is set on the process while it runs, and goes with it. Minutes: ``make chaos`` has it, as CI has not.
"""

import os
import resource
import time
from collections.abc import Iterator
from uuid import UUID

import pytest

from infra.topics import PUBLISHED
from tests.facts import make_disruption
from tests.live.adversary.running import RunningLedger, await_true
from tests.live.adversary.test_health import SILENCE, ask_health, await_well, list_troubled
from tests.live.audited import CODEC

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif("CHAOS_BREAKS" not in os.environ, reason="minutes: `make chaos` has it"),
]
PARTS = ("service", "worker-1", "sealer", "broker")
NAMED_SECONDS, WITHIN_SECONDS = 20.0, 90.0
MEMORY_LEFT_BYTES = 8 * 1024 * 1024
EVENTS = 200


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLedger]:
    """A ledger that takes five seconds of silence for a hang."""
    made = RunningLedger(tmp_path_factory.mktemp("starved"), SILENCE)
    try:
        yield made.start_up()
        assert made.is_up()
        assert made.stop_up() == 0
    finally:
        made.kill_up()


def starve(ledger: RunningLedger, part: str, kind: int) -> None:
    """Leave a part no more descriptors than it has, or little more memory."""
    process = ledger.find_part(part)
    most = process.num_fds() if kind == resource.RLIMIT_NOFILE else process.memory_info().vms + MEMORY_LEFT_BYTES
    resource.prlimit(process.pid, kind, (most, most))


def publish_events(ledger: RunningLedger, first: int) -> None:
    """Publish events that are all admitted; every one is acknowledged in the end."""
    producer = ledger.make_producer(delivery_timeout_ms=180_000)
    for number in range(first, first + EVENTS):
        names = {"event_id": str(UUID(int=number)), "disruption_id": f"D-{number}"}
        fact = make_disruption(**names, threat_id=f"T-{number % 7}")
        producer.produce(PUBLISHED, key=fact.threat_id.encode(), value=CODEC.encode_fact(fact))
        producer.poll(0)
    assert producer.flush(180) == 0


@pytest.mark.parametrize("kind", [resource.RLIMIT_NOFILE, resource.RLIMIT_AS], ids=["descriptors", "memory"])
@pytest.mark.parametrize("part", PARTS)
def test_what_has_run_out_is_outlived(ledger: RunningLedger, part: str, kind: int) -> None:
    """All that is published is stored once; while it is not, health has a trouble or does not answer."""
    await_well(ledger)
    before = sum(ledger.ask_json("wait")["stored"].values())
    starve(ledger, part, kind)
    publish_events(ledger, before)
    deadline = time.monotonic() + NAMED_SECONDS
    await_true(lambda: is_stored(ledger, before + EVENTS) or bool(find_named(ledger)), NAMED_SECONDS, ledger.log)
    assert time.monotonic() < deadline
    await_true(lambda: is_stored(ledger, before + EVENTS), WITHIN_SECONDS, ledger.log)
    await_true(lambda: ask_health(ledger).get("loader") == "loading", WITHIN_SECONDS, ledger.log)
    body = ledger.ask_json("audit", "replay")
    assert (body["differences"], body["notes"]) == (0, [])


def find_named(ledger: RunningLedger) -> set[str]:
    """What health has a trouble with; what it cannot say itself, it is in trouble with."""
    return list_troubled(ledger) if ask_health(ledger) else {"service"}


def is_stored(ledger: RunningLedger, number: int) -> bool:
    """Whether so many events are stored."""
    done = ledger.run_command("counts", "--json")
    return done.returncode == 0 and number <= sum(ledger.ask_json("wait", "--timeout", "1")["stored"].values())
