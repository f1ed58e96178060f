"""A directory that turns read-only under its part: health names it with its remedy, nothing is lost, all goes on.

What is open stays writable, as the kernel has it; whatever is made anew is refused. Minutes: ``make chaos`` has it.
"""

import os
from pathlib import Path

import pytest

from tests.chaos.disk import lock_directory
from tests.chaos.outliving import EVENTS, count_stored, hold_outlived, publish_events
from tests.live.adversary.health import ask_health, await_well
from tests.live.adversary.running import RunningLedger, await_true

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif("CHAOS_BREAKS" not in os.environ, reason="minutes: `make chaos` has it"),
]
DIRECTORIES = ("clickhouse", "books", "seals", "kafka", "run", "logs", "")
KILLED = {"books": "worker-1", "seals": "sealer", "kafka": "broker"}
NAMED_SECONDS = 20.0


@pytest.mark.parametrize("name", DIRECTORIES)
def test_a_directory_that_turns_read_only_is_named_and_outlived(ledger: RunningLedger, name: str) -> None:
    """A part that is killed meanwhile, and may not be able to start, is started again until it can."""
    await_well(ledger)
    before = count_stored(ledger)
    with lock_directory(ledger.state / name) as cannot:
        if cannot:
            pytest.skip(f"nothing can be mounted here: {cannot}")
        publish_events(ledger, before)
        await_true(lambda: is_named(ledger, ledger.state / name), NAMED_SECONDS, ledger.log)
        if name in KILLED:
            ledger.find_part(KILLED[name]).kill()
            await_true(lambda: is_named(ledger, ledger.state / name), NAMED_SECONDS, ledger.log)
    hold_outlived(ledger, before + EVENTS)


def is_named(ledger: RunningLedger, directory: Path) -> bool:
    """Whether health has a trouble that names the directory, and a remedy."""
    troubles = ask_health(ledger).get("troubles", [])
    return any(
        one["part"] == "disk" and f"{directory} is read-only" in one["what"] and one["remedy"] for one in troubles
    )
