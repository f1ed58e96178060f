"""A part that runs out of file descriptors or of memory: it is named, replaced, and nothing is lost.

A limit is set on the process while it runs, and goes with it. Minutes: ``make chaos`` has it, as CI has one of them
(``tests/live/adversary/test_health.py``).
"""

import os
import resource
from collections.abc import Iterator

import pytest

from tests.chaos.outliving import EVENTS, count_stored, hold_outlived, publish_events
from tests.live.adversary.health import WITHIN_SECONDS, await_well, exhaust_part, find_end, find_part, run_impatient
from tests.live.adversary.running import RunningLedger, await_true

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif("CHAOS_BREAKS" not in os.environ, reason="minutes: `make chaos` has it"),
]
PARTS = ("service", "worker-1", "sealer", "broker")
SAID = {
    resource.RLIMIT_NOFILE: ("it may open no more files", "Too many open files"),  # or it met that at its work
    resource.RLIMIT_AS: ("it may have no more memory", "MemoryError"),
}
REPLACED_SECONDS = 60.0
SILENCE_SECONDS = 15  # longer than a part takes to end that has run out of something: it may hang meanwhile


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLedger]:
    """A ledger that at the end is up, and stops when it is told to."""
    with run_impatient(tmp_path_factory.mktemp("starved"), SILENCE_SECONDS) as made:
        yield made
        assert made.is_up()
        assert made.stop_up() == 0


@pytest.mark.parametrize("kind", SAID, ids=["descriptors", "memory"])
@pytest.mark.parametrize("part", PARTS)
def test_what_has_run_out_is_outlived(ledger: RunningLedger, part: str, kind: int) -> None:
    """All that is published meanwhile is stored and sealed once; health has the part's last words and its limit."""
    await_well(ledger)
    await_true(lambda: find_part(ledger, part).get("state") == "working", WITHIN_SECONDS, ledger.log)
    before = count_stored(ledger)
    exhausted = exhaust_part(ledger, part, kind)
    publish_events(ledger, before)
    await_true(lambda: any(one in find_end(ledger, part) for one in SAID[kind]), REPLACED_SECONDS, ledger.log)
    await_true(lambda: find_part(ledger, part).get("state") == "working", WITHIN_SECONDS, ledger.log)
    assert ledger.find_part(part).pid != exhausted
    hold_outlived(ledger, before + EVENTS)
