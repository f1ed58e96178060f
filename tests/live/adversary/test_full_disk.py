"""A full disk: `up` outlives it, health names it, and all goes on by itself once there is room."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.disk import fill_disk, mount_disk
from tests.live.adversary.health import ask_health
from tests.live.adversary.running import RunningLedger, await_true
from tests.patience import PATIENCE_SECONDS

SIZE = "300m"
LEFT_BYTES = 2_000_000
WITHIN_SECONDS = 90.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 300 MB."""
    with mount_disk(tmp_path / "disk", SIZE) as cannot:
        if cannot:
            pytest.skip(f"a disk cannot be mounted here, so a full one is not tried: {cannot}")
        yield tmp_path / "disk"


@pytest.fixture
def ledger(small_disk: Path) -> Iterator[RunningLedger]:
    """A ledger on that disk, its log elsewhere."""
    made = RunningLedger(small_disk)
    made.log = small_disk.parent / "up.log"
    try:
        yield made.start_up()
    finally:
        made.kill_up()


def send_many(ledger: RunningLedger, number: int, size: int) -> int:
    """Send records that intake will refuse; how many of them were acknowledged."""
    acknowledged = 0

    def count_rows(error: object, _: object) -> None:
        nonlocal acknowledged
        acknowledged += error is None

    producer = ledger.make_producer(delivery_timeout_ms=8_000)
    for one in range(number):
        producer.produce("soc.published", key=str(one).encode(), value=os.urandom(size), on_delivery=count_rows)
        producer.poll(0)
    producer.flush(PATIENCE_SECONDS)
    return acknowledged


def test_a_full_disk_is_outlived_and_nothing_acknowledged_is_lost(ledger: RunningLedger, small_disk: Path) -> None:
    """8 MB are sent to a disk with 2: some are refused, the broker ends, `up` does not; with room all of it goes on."""
    bootstrap = ledger.bootstrap_servers
    before = send_many(ledger, 20, 1_000)
    assert before == 20
    filler = fill_disk(small_disk, LEFT_BYTES)
    acknowledged = send_many(ledger, 800, 10_000)
    assert acknowledged < 800
    await_true(lambda: find_restarts(ledger) >= 1, WITHIN_SECONDS, ledger.log)
    assert "disk" in {one["part"] for one in ask_health(ledger)["troubles"]}
    assert ledger.run_command("health").returncode == 1
    assert ledger.is_up()
    filler.unlink()
    await_true(lambda: ask_health(ledger).get("lag") == 0, WITHIN_SECONDS, ledger.log)
    assert ledger.run_command("wait").returncode == 0
    assert ledger.bootstrap_servers == bootstrap
    stored = sum(ledger.ask_json("wait")["stored"].values())
    assert before + acknowledged <= stored <= 820
    assert sum(ledger.ask_json("rejected", "--limit", "1")["codes"].values()) == stored
    assert ledger.is_up()
    assert "Traceback" not in ledger.log.read_text()


def find_restarts(ledger: RunningLedger) -> int:
    """How often the broker was started again."""
    parts = ask_health(ledger).get("parts", [])
    return sum(one["restarts"] for one in parts if one["name"] == "broker")
