"""A directory that turns read-only under its part: health names it with its remedy, nothing is lost, all goes on.

What is open stays writable, as the kernel has it; whatever is made anew is refused. Minutes: ``make chaos`` has it.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.disk import lock_directory
from tests.chaos.test_starved import EVENTS, WITHIN_SECONDS, publish_events
from tests.live.adversary.running import RunningLedger, await_true
from tests.live.adversary.test_health import SILENCE, ask_health, await_well

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif("CHAOS_BREAKS" not in os.environ, reason="minutes: `make chaos` has it"),
]
DIRECTORIES = ("clickhouse", "books", "seals", "kafka", "run", "logs", "")
KILLED = {"books": "worker-1", "seals": "sealer", "kafka": "broker"}
NAMED_SECONDS = 20.0


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLedger]:
    """A ledger that takes five seconds of silence for a hang."""
    made = RunningLedger(tmp_path_factory.mktemp("locked"), SILENCE)
    try:
        yield made.start_up()
        assert made.is_up()
        assert made.stop_up() == 0
    finally:
        made.kill_up()


@pytest.mark.parametrize("name", DIRECTORIES)
def test_a_directory_that_turns_read_only_is_named_and_outlived(ledger: RunningLedger, name: str) -> None:
    """A part that is killed meanwhile, and may not be able to start, is started again until it can."""
    await_well(ledger)
    before = sum(ledger.ask_json("wait")["stored"].values())
    with lock_directory(ledger.state / name) as cannot:
        if cannot:
            pytest.skip(f"nothing can be mounted here: {cannot}")
        publish_events(ledger, before)
        await_true(lambda: is_named(ledger, ledger.state / name), NAMED_SECONDS, ledger.log)
        if name in KILLED:
            ledger.find_part(KILLED[name]).kill()
            await_true(lambda: is_named(ledger, ledger.state / name), NAMED_SECONDS, ledger.log)
    await_true(lambda: ask_health(ledger).get("lag") == 0, WITHIN_SECONDS, ledger.log)
    assert sum(ledger.ask_json("wait")["stored"].values()) == before + EVENTS
    await_true(lambda: ledger.ask_json("audit", "seals")["size"] == before + EVENTS, WITHIN_SECONDS, ledger.log)
    body = ledger.ask_json("audit", "replay")
    assert (body["differences"], body["notes"]) == (0, [])


def is_named(ledger: RunningLedger, directory: Path) -> bool:
    """Whether health has a trouble that names the directory, and a remedy."""
    troubles = ask_health(ledger).get("troubles", [])
    return any(
        one["part"] == "disk" and f"{directory} is read-only" in one["what"] and one["remedy"] for one in troubles
    )
