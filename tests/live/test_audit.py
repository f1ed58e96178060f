"""``disruptions audit replay`` on a real broker, worker and store: untouched it agrees, touched it does not."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from pydantic import SecretStr

from audit.replay import ReplayOptions, replay_ledger
from infra.settings import Settings
from infra.topics import ENTRIES
from local import child_processes
from local.ports import find_free_port
from queries.api_client import ApiClient
from queries.audited import AuditedStore
from sinks.closing_maker import ClosingMaker
from sinks.store import open_store
from tests.live.audited import (
    CODEC,
    READY_SECONDS,
    SESSION_SECONDS,
    THREATS,
    AuditedStack,
    Start,
    read_entries,
    run_audited,
)
from tests.patience import await_truth

HTTP_SERVER = Path(__file__).parent / "clickhouse_http.py"


@pytest.fixture
def dsn(tmp_path: Path) -> Iterator[str]:
    """A ClickHouse reached over HTTP, in a process of its own."""
    port, log = find_free_port(), tmp_path / "server.log"
    server = child_processes.spawn_child([sys.executable, str(HTTP_SERVER), str(tmp_path / "served"), str(port)], log)
    await_truth(lambda: log.exists() and log.read_text().strip().isdigit())
    yield f"http://default:@127.0.0.1:{port}/default"
    child_processes.kill_child(server)


def test_with_a_server_the_audit_asks_the_store_itself(
    settings_for: Callable[..., Settings],
    child: Start,
    environment_of: Callable[[Settings], dict[str, str]],
    dsn: str,
) -> None:
    """The read API is stopped: rows and balances come from the server, and agree; a row that is changed is named."""
    settings = settings_for(session_timeout_seconds=SESSION_SECONDS)
    with run_audited(settings, child, environment_of(settings) | {"CLICKHOUSE_DSN": dsn}) as made:
        child_processes.stop_child(made.service)
        positions = close_balances(settings.model_copy(update={"clickhouse_dsn": SecretStr(dsn)}))
        code, body = made.run_replay()
        assert code == 0, body
        assert not body["notes"]
        assert body["balances"] == 3 + 2 + 2, "the figures, and the two accounts in a closing of each grain"
        made.tamper_rows(
            "ALTER TABLE rejected UPDATE code = 'MISROUTED' WHERE code = 'UNDECODABLE'",
            "ALTER TABLE closing_balances UPDATE n = n + 1 WHERE event_date = '1970-01-01' AND pillar = 'PREVENT'",
        )
        code, body = made.run_replay()
        assert code == 1
        assert list_found(body) == {
            ("ROW_DIFFERS", "rejected", *find_misrouted(body)),
            ("CLOSING_DIFFERS", f"closing EVER at {positions}", None, None),
        }


def find_misrouted(body: dict[str, Any]) -> tuple[int, int]:
    """The position of the refusal that was changed."""
    return next((one["partition"], one["offset"]) for one in body["shown"] if one["place"] == "rejected")


def close_balances(settings: Settings) -> str:
    """Close where the store is, as a loader does once there is more in it; gives the position."""
    store = open_store(settings)
    maker = ClosingMaker(store, step=1)
    made = maker.make_due()
    maker.close()
    store.close()
    assert [one.grain for one in made] == ["EVER", "MONTH"]
    return ", ".join(f"{number}:{offset}" for number, offset in enumerate(made[0].positions))


def list_found(body: dict[str, Any]) -> set[tuple[str, str, int | None, int | None]]:
    """The differences shown, by kind, place and position."""
    return {(one["kind"], one["place"], one["partition"], one["offset"]) for one in body["shown"]}


def test_an_untouched_ledger_agrees_and_is_not_changed_by_being_audited(whole: AuditedStack) -> None:
    """12 x 7 events and one that is none: 72 entries and 13 rejections, all stored; the second time the same."""
    code, body = whole.run_replay()
    assert code == 0, body
    assert body["agrees"]
    assert not body["notes"]
    assert sum(one["entries"] for one in body["partitions"]) == THREATS * 6
    assert sum(one["rejections"] for one in body["partitions"]) == THREATS + 1
    assert sum(one["not_stored"] + one["not_judged"] for one in body["partitions"]) == 0
    # Of each threat A (now prevent) and C (pursue) stand: two accounts; and one account of threats.
    assert body["balances"] == 3
    address = whole.environment["DISRUPTIONS_READ_API"]
    store = AuditedStore(ApiClient(address))
    again = replay_ledger(whole.settings, store, ReplayOptions(limit=0)).make_body()
    assert [again[name] for name in ("partitions", "balances")] == [body[name] for name in ("partitions", "balances")]


def test_one_partition_can_be_replayed_alone(whole: AuditedStack) -> None:
    """Its rows are compared; balances are sums over all partitions, and the verdict says so."""
    partition = next(read_entries(whole.settings))[0]
    code, body = whole.run_replay("--partition", str(partition))
    assert code == 0, body
    assert [one["partition"] for one in body["partitions"]] == [partition]
    assert body["notes"] == ["balances were not compared: they are sums over all partitions"]


def test_a_tampered_store_is_found_out_at_each_position(whole: AuditedStack) -> None:
    """A row changed, a row deleted, a row added: each is named, and so is the balance that no longer adds up."""
    decoded = [CODEC.decode_entry(value) for _, value in read_entries(whole.settings)]
    changed, deleted, added, forged = [entry.source for entry in decoded if len(entry.legs) == 1][:4]
    whole.change_rows(
        f"ALTER TABLE postings UPDATE category = 'MINOR' WHERE {write_condition(changed)} AND leg = 0",
        f"ALTER TABLE postings DELETE WHERE {write_condition(deleted)} AND leg = 0",
        # Whoever tampers so that the loader does not notice: it holds legs to the count that their entry says.
        f"ALTER TABLE entries UPDATE leg_count = leg_count - 1 WHERE {write_condition(deleted)}",
        f"ALTER TABLE entries UPDATE leg_count = leg_count + 1 WHERE {write_condition(added)}",
        f"ALTER TABLE entries UPDATE organisation = 'btp' WHERE {write_condition(forged)}",
        f"INSERT INTO postings SELECT * REPLACE (leg + 1 AS leg) FROM postings WHERE {write_condition(added)} LIMIT 1",  # noqa: S608 - two numbers
    )
    code, body = whole.run_replay()
    assert code == 1
    assert {
        ("ROW_DIFFERS", "postings leg 0", changed.partition, changed.offset),
        ("ROW_MISSING", "postings leg 0", deleted.partition, deleted.offset),
        ("ROW_DIFFERS", "entries", forged.partition, forged.offset),
        ("ROW_UNKNOWN", "postings leg 1", added.partition, added.offset),
    } <= list_found(body)
    assert body["kinds"].keys() == {"ROW_DIFFERS", "ROW_MISSING", "ROW_UNKNOWN", "BALANCE_DIFFERS"}


def write_condition(source: Any) -> str:
    """A position as a condition of SQL."""
    return f"partition = {source.partition} AND offset = {source.offset}"


def test_a_forged_entry_is_found_out_at_its_position(whole: AuditedStack) -> None:
    """A second entry for a position, with its sign turned, and an entry of an event that nobody published."""
    partition, value = next(one for one in read_entries(whole.settings) if CODEC.decode_entry(one[1]).legs)
    held = CODEC.decode_entry(value)
    fact = CODEC.decode(held.source.value, held.source.headers)
    leg = held.legs[0]
    turned = CODEC.encode_entry(held.source, fact, held._replace(legs=(leg._replace(sign=-leg.sign),)))
    invented = CODEC.encode_entry(held.source._replace(offset=10_000), fact, held)
    producer = Producer(whole.settings.build_kafka_options())
    for forged in (turned, invented):
        producer.produce(ENTRIES, forged, fact.threat_id.encode(), partition)
    assert producer.flush(READY_SECONDS) == 0
    code, body = whole.run_replay()
    assert code == 1
    assert {
        ("REPEAT_DIFFERS", ENTRIES, partition, held.source.offset),
        ("FORGED", ENTRIES, partition, 10_000),
    } <= list_found(body)
    assert all(one["event_id"] for one in body["shown"] if one["place"] == ENTRIES)
