"""No message halts a partition: whatever a client packs, every position has its output and the worker goes on."""

import os
import sys
from collections.abc import Iterator

import pytest

from tests.live.adversary.fuzzed_records import RecordFuzz
from tests.live.adversary.running import RunningLedger
from tests.live.raw_batches import BatchSender

ROUNDS = 150
SEED = int(os.environ.get("DISRUPTIONS_FUZZ_SEED", "20251125"))


@pytest.fixture(scope="module")
def sender(ledger: RunningLedger) -> Iterator[BatchSender]:
    """Speaks to the ledger's broker."""
    made = BatchSender(ledger.bootstrap_servers)
    yield made
    made.close()


def test_whatever_is_published_the_worker_goes_on_and_good_events_are_counted(
    ledger: RunningLedger, sender: BatchSender
) -> None:
    """Batches without sense, a good event behind each: all are judged, by one worker, and the replay agrees."""
    sys.stdout.write(f"DISRUPTIONS_FUZZ_SEED={SEED}\n")
    fuzz, worker = RecordFuzz(SEED), ledger.find_part("worker-1").pid
    assert [sender.send(fuzz.make_assessment(partition), partition)[0] for partition in (0, 1)] == [0, 0]
    accepted = 0
    for number in range(ROUNDS):
        partition = number % 2
        accepted += sender.send(fuzz.make_bad(partition), partition)[0] == 0
        assert sender.send(fuzz.make_good(partition), partition)[0] == 0
    assert accepted > ROUNDS / 2
    waited = ledger.run_command("wait", "--timeout", "60")
    assert waited.returncode == 0, waited.stderr
    assert sum(row["n"] for row in ledger.ask_json("counts")["rows"]) >= fuzz.good
    assert ledger.find_part("worker-1").pid == worker
    replayed = ledger.run_command("audit", "replay")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    troubles = [one["what"] for one in ledger.get_api("health").json()["troubles"]]
    assert [one for one in troubles if "name schema ids of a registry" not in one] == []  # some of the bytes do
