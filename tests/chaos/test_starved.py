"""A part that runs out of file descriptors or of memory: it is named, replaced, and nothing is lost.

A limit is set on the process while it runs, and goes with it. Minutes: ``make chaos`` has it, as CI has one of them
(``tests/live/adversary/test_health.py``).
"""

import os
import resource
from collections.abc import Iterator
from uuid import UUID

import pytest

from infra.topics import PUBLISHED
from tests.facts import make_disruption
from tests.live.adversary.running import RunningLedger, await_true
from tests.live.adversary.test_health import SILENCE, ask_health, await_well, exhaust_part, find_end, find_part
from tests.live.audited import CODEC

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif("CHAOS_BREAKS" not in os.environ, reason="minutes: `make chaos` has it"),
]
PARTS = ("service", "worker-1", "sealer")
SAID = {
    resource.RLIMIT_NOFILE: ("it may open no more files", "Too many open files"),  # or it met that at its work
    resource.RLIMIT_AS: ("it may have no more memory", "MemoryError"),
}
REPLACED_SECONDS, WITHIN_SECONDS = 60.0, 90.0
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


def publish_events(ledger: RunningLedger, first: int) -> None:
    """Publish events that are all admitted; every one is acknowledged in the end."""
    producer = ledger.make_producer(delivery_timeout_ms=180_000)
    for number in range(first, first + EVENTS):
        names = {"event_id": str(UUID(int=number)), "disruption_id": f"D-{number}"}
        fact = make_disruption(**names, threat_id=f"T-{number % 7}")
        producer.produce(PUBLISHED, key=fact.threat_id.encode(), value=CODEC.encode_fact(fact))
        producer.poll(0)
    assert producer.flush(180) == 0


@pytest.mark.parametrize("kind", SAID, ids=["descriptors", "memory"])
@pytest.mark.parametrize("part", PARTS)
def test_what_has_run_out_is_outlived(ledger: RunningLedger, part: str, kind: int) -> None:
    """All that is published meanwhile is stored and sealed once; health has the part's last words and its limit."""
    await_well(ledger)
    await_true(lambda: find_part(ledger, part).get("state") == "working", WITHIN_SECONDS, ledger.log)
    before = sum(ledger.ask_json("wait")["stored"].values())
    exhausted = exhaust_part(ledger, part, kind)
    publish_events(ledger, before)
    await_true(lambda: any(one in find_end(ledger, part) for one in SAID[kind]), REPLACED_SECONDS, ledger.log)
    await_true(lambda: find_part(ledger, part).get("state") == "working", WITHIN_SECONDS, ledger.log)
    assert ledger.find_part(part).pid != exhausted
    await_true(lambda: ask_health(ledger).get("lag") == 0, WITHIN_SECONDS, ledger.log)
    assert sum(ledger.ask_json("wait")["stored"].values()) == before + EVENTS
    await_true(lambda: ledger.ask_json("audit", "seals")["size"] == before + EVENTS, WITHIN_SECONDS, ledger.log)
    body = ledger.ask_json("audit", "replay")
    assert (body["differences"], body["notes"]) == (0, [])
