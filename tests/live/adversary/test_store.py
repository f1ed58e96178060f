"""A disk that loses what it held, records that a sick store set aside: the figure is right again, or not claimed."""

import base64
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from infra.settings import load_settings
from infra.topics import ENTRIES
from ledger.entries import SourceRecord
from ledger.vocabulary import Verdict
from methodology.posting import Posted
from sinks.store import Store, open_store
from tests.live.adversary.running import RunningLedger, await_true
from tests.patience import PATIENCE_SECONDS
from tests.streams.records import CODEC, state_disruption

THREAT = (
    '{"record": "ThreatEvent", "event_id": "00000000-0000-4000-8000-00000000a000", "threat_id": "t-1", "version": 1,'
    ' "owner": "kent", "kind": "OCG", "crime_type": "DRUGS", "assessment_type": "TACTICAL",'
    ' "moderation_status": "MODERATED", "soc": true, "tier": 3, "phase": "Active", "assessed_on": "2022-05-03",'
    ' "entered_at": "2022-05-03T16:20:00+01:00", "actor": "u-1"}\n'
)
DISRUPTION = (
    '{{"record": "DisruptionEvent", "event_id": "00000000-0000-4000-8000-00000000a00{n}", "change": "RECORDED",'
    ' "disruption_id": "d-{n}", "version": 1, "threat_id": "t-1", "recorded_by": "kent", "type": "LEAD",'
    ' "pillar": "PURSUE", "category": "MODERATE", "event_date": "2022-06-14",'
    ' "entered_at": "2022-06-15T09:05:00+01:00", "actor": "u-1"}}\n'
)
STORY = THREAT + "".join(DISRUPTION.format(n=n) for n in range(1, 5))  # 4 disruptions count
SYNC = "SETTINGS mutations_sync = 2"


@pytest.fixture
def stopped(own_ledger: Callable[..., RunningLedger]) -> RunningLedger:
    """A ledger of one partition that counted 4 disruptions, and was stopped."""
    ledger = own_ledger({"DISRUPTIONS_PARTITIONS": "1"}).start_up()
    assert ledger.run_command("publish", "-", stdin=STORY).returncode == 0
    assert ledger.run_command("wait").returncode == 0
    assert ask_count(ledger) == 4
    assert ledger.stop_up() == 0
    return ledger


def ask_count(ledger: RunningLedger) -> int:
    """The live count."""
    return sum(row["n"] for row in ledger.ask_json("counts")["rows"])


@contextmanager
def open_stopped(ledger: RunningLedger) -> Iterator[Store]:
    """The store of a stopped ledger."""
    store = open_store(load_settings(ledger.state, recorded=False))
    try:
        yield store
    finally:
        store.close()


def test_postings_that_a_disk_lost_are_loaded_again(stopped: RunningLedger) -> None:
    """Every part of `postings` is gone, its entries stay: after a start the count is 4 again, and the ledger well."""
    with open_stopped(stopped) as store:
        store.query("OPTIMIZE TABLE postings FINAL")
        parts = store.query("SELECT path FROM system.parts WHERE table = 'postings' AND active")
    for part in parts:
        shutil.rmtree(Path(part["path"]))
    stopped.start_up()
    await_true(lambda: ask_count(stopped) == 4, 30, stopped.log)
    await_true(lambda: stopped.get_api("health").json()["status"] == "ok", 30, stopped.log)
    assert stopped.run_command("audit", "replay").returncode == 0


def test_a_record_that_was_set_aside_is_loaded_again_by_a_command(stopped: RunningLedger) -> None:
    """An earlier fault set the entry of d-4 aside: health says so, the count lacks it, one command brings it back."""
    stopped.start_up()
    value = read_entry(stopped, 4)
    assert stopped.stop_up() == 0
    with open_stopped(stopped) as store:
        for table in ("entries", "postings"):
            store.query(f"ALTER TABLE {table} DELETE WHERE offset = 4 {SYNC}")
        store.query(
            "INSERT INTO unloadable SELECT 'soc.entries', 0, 4, 'ClickHouse 173', '', base64Decode({v:String}), now()",
            {"v": value},
        )
    stopped.start_up()
    assert stopped.get_api("health").json()["status"] == "degraded"
    assert stopped.run_command("unloadable").returncode == 1
    assert ask_count(stopped) == 3
    done = stopped.run_command("unloadable", "--load-again")
    assert (done.returncode, "1 loaded, 0 left" in done.stdout) == (0, True), done.stdout + done.stderr
    assert ask_count(stopped) == 4
    await_true(lambda: stopped.get_api("health").json()["status"] == "ok", 30, stopped.log)


def read_entry(ledger: RunningLedger, offset: int) -> str:
    """The value of one record of soc.entries, in base64."""
    consumer = Consumer({"bootstrap.servers": ledger.bootstrap_servers, "group.id": "reader"})
    consumer.assign([TopicPartition(ENTRIES, 0, offset)])
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while time.monotonic() < deadline:
            message = consumer.poll(1.0)
            if message is not None and message.error() is None:
                return base64.b64encode(message.value()).decode()
    finally:
        consumer.close()
    raise AssertionError("the entry was not read")


def test_a_forged_entry_of_a_far_position_stops_nothing(stopped: RunningLedger) -> None:
    """Somebody writes an entry of offset 10^12 into soc.entries: what is published after it counts all the same."""
    stopped.start_up()
    source = SourceRecord(0, 10**12, 10**12 - 1, 1_700_000_000_000, b"t-1", b"forged", ())
    forged = CODEC.encode_entry(source, state_disruption(9, "t-1"), Posted(Verdict.ADMITTED, (), ()))
    producer = stopped.make_producer()
    producer.produce(ENTRIES, key=b"t-1", value=forged, partition=0)
    assert producer.flush(PATIENCE_SECONDS) == 0
    assert stopped.run_command("publish", "-", stdin=DISRUPTION.format(n=7)).returncode == 0
    assert stopped.run_command("wait").returncode == 0
    assert ask_count(stopped) == 5
