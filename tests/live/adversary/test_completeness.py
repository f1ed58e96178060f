"""Completeness, from outside: transactions that are open, end, or are aborted; clocks that are wrong."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from infra.topics import ENTRIES, PUBLISHED
from ledger.entries import SourceRecord
from ledger.facts import Fact
from methodology.book import Book
from methodology.posting import Posted, post_event
from schemas.codec import Codec
from schemas.registry import pin_ids
from tests.facts import make_disruption, make_threat
from tests.live.adversary.running import RunningLedger, await_true
from tests.patience import PATIENCE_SECONDS

CODEC = Codec(pin_ids())
MARGIN_SECONDS = 1.0
MARGIN = {"DISRUPTIONS_COMPLETENESS_MARGIN_SECONDS": str(MARGIN_SECONDS)}
SETTLES_SECONDS = 30.0
YEAR = ("extract", "--from", "2021-07-01", "--to", "2022-06-30")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLedger]:
    """One partition, so that every record lies behind the ones before; a margin that a test can wait for."""
    made = RunningLedger(tmp_path_factory.mktemp("ledger"), MARGIN | {"DISRUPTIONS_PARTITIONS": "1"})
    try:
        yield made.start_up()
    finally:
        made.kill_up()


@pytest.fixture
def transaction(ledger: RunningLedger) -> Callable[[Fact], Producer]:
    """``transaction(fact)``: a producer with an open transaction in which that event was sent and acknowledged."""

    def open_with(fact: Fact) -> Producer:
        producer = ledger.make_producer(transactional_id=str(uuid4()))
        producer.init_transactions(30)
        producer.begin_transaction()
        producer.produce(PUBLISHED, key=fact.threat_id.encode(), value=CODEC.encode_fact(fact))
        assert producer.flush(PATIENCE_SECONDS) == 0
        return producer

    return open_with


def publish_facts(ledger: RunningLedger, *facts: Fact) -> None:
    """Publish events raw, and wait until they are stored."""
    for fact in facts:
        ledger.send_raw(fact.threat_id.encode(), CODEC.encode_fact(fact))
    done = ledger.run_command("wait", "--timeout", "20")
    assert done.returncode == 0, done.stderr


def make_story(name: str, number: int) -> tuple[Fact, Fact]:
    """A threat and one counted disruption of it."""
    ids = str(UUID(int=number)), str(UUID(int=number + 1))
    return make_threat(event_id=ids[0], threat_id=name), make_disruption(
        event_id=ids[1], threat_id=name, disruption_id=name
    )


def tell_now(seconds: float = 0.0) -> str:
    """An instant beside now, as commands take it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def count_known(ledger: RunningLedger, instant: str) -> tuple[int, bool]:
    """How many disruptions the year has as known then, and whether that is for ever."""
    asked = {"from": "2021-07-01", "to": "2022-06-30", "known_at": instant}
    body = ledger.get_api(f"extract?{urlencode(asked)}").json()
    return sum(row["n"] for row in body["rows"]), body["complete"]


def await_complete(ledger: RunningLedger, instant: str) -> int:
    """The figure as known then, once it is complete."""
    await_true(lambda: count_known(ledger, instant)[1], SETTLES_SECONDS)
    return count_known(ledger, instant)[0]


def test_an_instant_is_not_complete_while_a_transaction_is_open(
    ledger: RunningLedger, transaction: Callable[[Fact], Producer]
) -> None:
    """Its record has its append time already, and joins the figure when it commits; then nothing changes any more."""
    first, second = make_story("OPEN", 100)
    publish_facts(ledger, first)
    before = tell_now()
    await_complete(ledger, before)
    producer = transaction(second)
    time.sleep(0.1)
    instant = tell_now()
    time.sleep(MARGIN_SECONDS + 0.5)
    assert count_known(ledger, instant) == (0, False)
    assert count_known(ledger, before) == (0, True), "what was complete stays so"
    assert ledger.ask_json(*YEAR, "--known-at", instant)["complete"] is False
    waited = ledger.run_command("wait", "--timeout", "5")
    assert waited.returncode == 0, "what is in an open transaction is not published"
    assert "a transaction is open" in waited.stderr
    producer.commit_transaction(30)
    assert await_complete(ledger, instant) == 1
    publish_facts(ledger, *make_story("LATER", 200))
    assert count_known(ledger, instant) == (1, True)
    assert count_live(ledger)["rows"] == [{"n": 2}]


def count_live(ledger: RunningLedger) -> Any:
    """The live answer."""
    return ledger.get_api("counts").json()


def assert_at_rest(ledger: RunningLedger, number: int) -> None:
    """`wait` returns at once, nothing lags, the live figure becomes complete, and can be asked again for ever."""
    began = time.monotonic()
    done = ledger.run_command("wait", "--timeout", "60", "--json")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < SETTLES_SECONDS
    positions = json.loads(done.stdout)
    assert positions["stored"] == positions["published"]
    await_true(lambda: ledger.get_api("health").json()["lag"] == 0, SETTLES_SECONDS)
    await_true(lambda: count_live(ledger)["complete"], SETTLES_SECONDS)
    live = count_live(ledger)
    assert live["rows"] == [{"n": number}]
    assert live["position"] == positions["stored"]
    instants = ("--as-at", live["as_at"], "--known-at", live["known_at"])
    again = ledger.ask_json(*YEAR, *instants)
    assert (again["rows"], again["complete"]) == (live["rows"], True)


def test_what_is_no_record_is_not_waited_for(ledger: RunningLedger, transaction: Callable[[Fact], Producer]) -> None:
    """A partition that ends with a commit's marker, and then with what an aborted transaction left; audited so."""
    before = sum(row["n"] for row in count_live(ledger)["rows"])
    first, second = make_story("MARKED", 300)
    transaction(first).commit_transaction(30)
    transaction(second).commit_transaction(30)
    assert_at_rest(ledger, before + 1)
    transaction(make_disruption(event_id=str(UUID(int=310)), threat_id="MARKED", disruption_id="X")).abort_transaction(
        30
    )
    assert_at_rest(ledger, before + 1)
    verdict = ledger.ask_json("audit", "replay")
    assert (verdict["notes"], verdict["differences"]) == ([], 0)
    assert verdict["balances"] > 0


def test_the_past_of_an_idle_ledger_is_complete(ledger: RunningLedger) -> None:
    """Also of one that nobody publishes to any more; the future is not."""
    assert count_known(ledger, "2020-01-01") == (0, True)
    assert count_known(ledger, tell_now(3600))[1] is False


def write_ahead(ledger: RunningLedger, fact: Fact, ahead: timedelta) -> None:
    """Publish an event while the worker stands still, and write its entry as a worker under a wrong clock would."""
    worker = ledger.find_part("worker-1")
    position = ledger.ask_json("wait")["stored"]["0"]
    worker.suspend()
    value, key = CODEC.encode_fact(fact), fact.threat_id.encode()
    ledger.send_raw(key, value)
    learnt = round((datetime.now(UTC) + ahead).timestamp() * 1000)
    source = SourceRecord(0, position, position - 1, learnt, key, value, ())
    posted = post_event(Book(fact.threat_id), fact, learnt)
    assert isinstance(posted, Posted)
    producer = ledger.make_producer()
    producer.produce(ENTRIES, key=key, value=CODEC.encode_entry(source, fact, posted), partition=0)
    assert producer.flush(PATIENCE_SECONDS) == 0
    worker.kill()


def test_a_clock_that_was_ahead_hides_no_later_disruption(own_ledger: Callable[..., RunningLedger]) -> None:
    """One record half an hour ahead: what follows has its ledger time, is counted at once, and health names the fault.

    Then the topic's clock is taken from publishers: the worker says so, and judges nothing of theirs.
    """
    ledger = own_ledger(MARGIN | {"DISRUPTIONS_PARTITIONS": "1"}).start_up()
    first, second = make_story("AHEAD", 400)
    write_ahead(ledger, first, timedelta(minutes=30))
    publish_facts(ledger, second)
    live = ledger.ask_json("counts", "--by", "org")
    assert live["rows"] == [{"org": "metropolitan", "n": 1}]
    assert live["complete"] is False
    assert live["known_at"] > max(tell_now(1500), live["complete_through"])
    moved = ledger.get_api("movement?seconds=300").json()
    assert moved["rows"] == [{"n": 1}]
    said = "a broker's is, or was, ahead"
    await_true(lambda: said in json.dumps(ledger.get_api("health").json()["troubles"]), SETTLES_SECONDS)
    assert ledger.get_api("health").json()["status"] == "degraded"
    refuse_publishers_time(ledger)


def set_clock(ledger: RunningLedger, kind: str) -> None:
    """Whose time the records of ``soc.published`` have from now on."""
    name = "message.timestamp.type"
    entry = ConfigEntry(name, kind, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, PUBLISHED, incremental_configs=[entry])
    client = AdminClient({"bootstrap.servers": ledger.bootstrap_servers})
    for future in client.incremental_alter_configs([resource]).values():
        future.result(PATIENCE_SECONDS)


def refuse_publishers_time(ledger: RunningLedger) -> None:
    """A record of 2001 by its publisher's clock is not judged, while the topic is set so and after."""
    before = count_live(ledger)["position"]
    set_clock(ledger, "CreateTime")
    _, fact = make_story("LONG-AGO", 500)
    ledger.send_raw(b"LONG-AGO", CODEC.encode_fact(fact), timestamp=1_000_000_000_000)
    await_said(ledger, "offset 2 of soc.published has its publisher's time")
    await_said(ledger, "kafka-configs --alter --topic soc.published --add-config message.timestamp.type=LogAppendTime")
    set_clock(ledger, "LogAppendTime")
    assert ledger.run_command("wait", "--timeout", "1").returncode == 1
    assert count_live(ledger)["position"] == before
    assert count_live(ledger)["complete"] is False


def await_said(ledger: RunningLedger, sentence: str) -> None:
    """Until a worker has logged it."""
    logs = ledger.state / "logs"
    await_true(lambda: any(sentence in file.read_text() for file in logs.glob("worker*")), 30.0)
