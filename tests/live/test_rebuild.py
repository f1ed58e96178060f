"""The stored tables built anew beside those that are read: on a real broker, by a real engine, while events arrive."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from confluent_kafka import Producer

from audit.certificate import make_certificate
from cli.audit_rebuild import compare_next
from infra.settings import load_settings
from infra.topics import ENTRIES
from local import child_processes
from local.broker import Broker
from tests.facts import make_disruption, make_threat
from tests.live import audited
from tests.live.audited import READY_SECONDS, AuditedStack
from tests.patience import PATIENT, await_truth

REBUILD_SECONDS = 180  # with the audit, which waits until its instant is complete


def run_rebuild(whole: AuditedStack, *options: str) -> tuple[int, Any]:
    """Exit code and body of ``disruptions audit rebuild --json``; what it said on stderr, where it printed nothing."""
    script = str(Path(sys.executable).with_name("disruptions"))
    command = [script, "audit", "rebuild", "--json", "--state", str(whole.settings.state), *options]
    environment = {**os.environ, **whole.environment}
    done = subprocess.run(command, check=False, capture_output=True, env=environment, timeout=REBUILD_SECONDS)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr.decode()


def ask_api(whole: AuditedStack, path: str, **asked: str) -> Any:
    """What the read API answers; None while nobody does."""
    try:
        answer = httpx.get(f"{whole.environment['DISRUPTIONS_READ_API']}{path}", params=asked, **PATIENT)
    except httpx.HTTPError:
        return None
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.json()


def list_legs(whole: AuditedStack) -> list[tuple[int, int, int]]:
    """Partition, offset and sign of every leg of a lead disruption that counts."""
    address = f"{whole.environment['DISRUPTIONS_READ_API']}/v1/stored/postings"
    rows = map(json.loads, httpx.get(address, **PATIENT).text.splitlines())
    return [
        (row["partition"], row["offset"], row["sign"])
        for row in rows
        if (row["type"], row["standing"]) == ("LEAD", "COUNTED")
    ]


@contextmanager
def keep_busy(whole: AuditedStack) -> Iterator[list[dict[str, Any]]]:
    """Events arriving, a threat and a disruption at a time, and counts being read, until the block ends."""
    over, read = threading.Event(), []
    facts = (
        one
        for number in range(10_000, 20_000)
        for one in (
            make_threat(event_id=str(UUID(int=number * 2)), threat_id=f"L-{number}"),
            make_disruption(
                event_id=str(UUID(int=number * 2 + 1)), threat_id=f"L-{number}", disruption_id=f"L-{number}"
            ),
        )
    )

    def publish_pairs() -> None:
        while not over.wait(0.02):
            whole.publish(next(facts) for _ in range(2))

    def look_on() -> None:
        while not over.wait(0.01):
            read.append(ask_api(whole, "/v1/counts"))

    threads = [threading.Thread(target=work) for work in (publish_pairs, look_on)]
    for one in threads:
        one.start()
    try:
        yield read
    finally:
        over.set()
        for one in threads:
            one.join()


def show_aside(whole: AuditedStack) -> tuple[Any, list[Any], list[Any]]:
    """What no balance rests on: when Dorset was heard, what is known of every feed, and what was alerted."""
    await_truth(lambda: ask_api(whole, "/v1/feeds")["behind"] == 0)
    feeds = ask_api(whole, "/v1/feeds")["rows"]
    dorset = next(row for row in feeds if row["org"] == "dorset")
    names = ("org", "last_event_at", "events", "admitted", "refused", "last_sequence", "missing", "repeated")
    return dorset["heard_at"], [[row[name] for name in names] for row in feeds], ask_api(whole, "/v1/alerts")["rows"]


def find_state(whole: AuditedStack) -> Any:
    """Where the generations are."""
    return ask_api(whole, "/v1/rebuild")


def take_step(whole: AuditedStack, name: str, **asked: str) -> httpx.Response:
    """Ask for a step of a rebuild, as the command does."""
    address = f"{whole.environment['DISRUPTIONS_READ_API']}/v1/rebuild/{name}"
    return httpx.post(address, params=asked, headers={"X-Reader": "test"}, timeout=READY_SECONDS, trust_env=False)


def switch_tables(whole: AuditedStack, certificate: dict[str, Any]) -> httpx.Response:
    """Ask for the switch to what was certified, as the command does."""
    address = f"{whole.environment['DISRUPTIONS_READ_API']}/v1/rebuild/switch"
    asked = {"certificate": certificate}
    return httpx.post(address, json=asked, headers={"X-Reader": "test"}, timeout=READY_SECONDS, trust_env=False)


@pytest.fixture(scope="module")
def whole(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditedStack]:
    """The story published, admitted and stored, and one heartbeat: for all that is here, one after another."""
    place = tmp_path_factory.mktemp("rebuild")
    (place / "state").mkdir()
    more = {"kafka_bootstrap_servers": broker.bootstrap_servers, "partitions": 4, "session_timeout_seconds": 2.0}
    settings = load_settings(place / "state").model_copy(update=more)
    environment = {
        "DISRUPTIONS_STATE": str(settings.state),
        "DISRUPTIONS_PARTITIONS": "4",
        "DISRUPTIONS_SESSION_TIMEOUT_SECONDS": "2.0",
        "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
    }
    started: list[child_processes.ChildProcess] = []

    def find_child(module: str, *arguments: str, environment: dict[str, str]) -> child_processes.ChildProcess:
        log = place / f"{module}-{len(started)}.log"
        started.append(child_processes.spawn_child([sys.executable, "-m", module, *arguments], log, environment))
        return started[-1]

    try:
        with audited.run_audited(settings, find_child, environment) as made:
            script = str(Path(sys.executable).with_name("disruptions"))
            command = [script, "heartbeat", "--org", "dorset", "--sequence", "0"]
            subprocess.run(command, check=True, env={**os.environ, **environment}, timeout=READY_SECONDS)
            await_truth(lambda: show_aside(made)[0] is not None)
            yield made
    finally:
        for one in started:
            child_processes.kill_child(one)


@pytest.fixture(autouse=True)
def dropped(whole: AuditedStack) -> None:
    """Nothing is kept from the test before."""
    if find_state(whole)["previous"]:
        assert take_step(whole, "drop-old").status_code == httpx.codes.OK


def test_tables_are_switched_to_at_once_while_events_arrive_and_are_read(whole: AuditedStack) -> None:
    """Every count that was read is the sum of the legs before its position, and no position is before an earlier one.

    Who was heard stays so, and feeds have every event; killed, the service is started with the new tables.
    """
    live, heard = find_state(whole)["live"], show_aside(whole)[0]
    with keep_busy(whole) as read:
        code, body = run_rebuild(whole)
        time.sleep(0.5)
    assert code == 0, body["replay"]["shown"]
    assert (body["rebuild"]["live"], body["rebuild"]["previous"], body["digest"]) == (live + 1, live, "")
    await_truth(whole.is_stored)
    legs, before = list_legs(whole), {}
    assert len(read) > 20
    for answer in read:
        position = {int(number): offset for number, offset in answer["position"].items()}
        assert all(position.get(number, 0) >= offset for number, offset in before.items())
        wanted = sum(sign for partition, offset, sign in legs if offset < position.get(partition, 0))
        assert sum(row["n"] for row in answer["rows"]) == wanted
        before = position
    assert show_aside(whole)[0] == heard
    child_processes.kill_child(whole.service)
    whole.start_service()
    assert find_state(whole)["live"] == live + 1
    assert run_rebuild(whole, "--drop-old")[1]["rebuild"]["previous"] is None
    assert whole.run_replay()[0] == 0


def test_a_rebuild_killed_again_and_again_goes_on_and_is_never_half_switched(whole: AuditedStack) -> None:
    """Killed while it loads, and at moments of the switch: shown is the old one or the new one, and all agrees."""
    live = find_state(whole)["live"]
    assert take_step(whole, "begin", rate="20").status_code == httpx.codes.OK
    await_truth(lambda: find_state(whole)["done"] > 0)
    assert find_state(whole)["state"] == "LOADING"
    assert switch_tables(whole, {}).json()["detail"].startswith("the next generation has not caught up")
    child_processes.kill_child(whole.service)
    whole.start_service()
    found = find_state(whole)
    assert (found["live"], found["building"], found["rate"]) == (live, live + 1, 20)
    assert take_step(whole, "begin", rate="0").json()["building"] == live + 1
    await_truth(lambda: find_state(whole)["state"] == "FOLLOWING")
    certificate, seconds = make_certified(whole), 0.2
    while find_state(whole)["live"] == live:
        await_truth(lambda: find_state(whole)["state"] == "FOLLOWING")
        threading.Thread(target=try_switch, args=(whole, certificate)).start()
        time.sleep(seconds)
        seconds *= 3  # until it is over before it is killed
        child_processes.kill_child(whole.service)
        whole.start_service()
        found = find_state(whole)
        assert (found["live"], found["building"], found["previous"]) in (
            (live, live + 1, None),
            (live + 1, None, live),
        )
    code, body = whole.run_replay()
    assert (code, body["notes"]) == (0, [])


def make_certified(whole: AuditedStack) -> dict[str, Any]:
    """The certificate of what is being built."""
    building = find_state(whole)["building"]
    settings = whole.settings.model_copy(update={"read_api": whole.environment["DISRUPTIONS_READ_API"]})
    return make_certificate(compare_next(settings, building, 1_000), generation=building)


def try_switch(whole: AuditedStack, certificate: dict[str, Any]) -> None:
    """Ask for the switch, of a service that may be killed meanwhile."""
    with contextlib.suppress(httpx.HTTPError):
        switch_tables(whole, certificate)


def test_what_differs_is_shown_only_when_exactly_that_was_approved(whole: AuditedStack) -> None:
    """A record of soc.entries that is none: refused, with a digest. Another digest is no approval; this one is.

    Who was heard, and what was alerted, is read again from the topics.
    """
    live, (heard, feeds, alerts) = find_state(whole)["live"], show_aside(whole)
    producer = Producer(whole.settings.build_kafka_options())
    producer.produce(ENTRIES, b"no entry", b"nobody", partition=0)
    assert producer.flush(READY_SECONDS) == 0
    code, body = run_rebuild(whole)
    assert (code, body["replay"]["kinds"], body["rebuild"]["live"]) == (1, {"UNREADABLE": 1}, live)
    digest = body["digest"]
    assert f"--approve {digest}" in body["said"]
    assert ask_api(whole, "/v1/next/v1/counts")["rows"] == ask_api(whole, "/v1/counts")["rows"]
    code, said = run_rebuild(whole, "--approve", "ab" * 32)
    assert (code, f"their digest is {digest}" in said, find_state(whole)["live"]) == (2, True, live)
    assert run_rebuild(whole, "--cancel")[1]["rebuild"]["building"] is None
    assert httpx.get(f"{whole.environment['DISRUPTIONS_READ_API']}/v1/next/v1/counts", **PATIENT).status_code == 404
    code, body = run_rebuild(whole, "--approve", digest)
    assert (code, body["rebuild"]["live"], body["rebuild"]["previous"]) == (0, live + 2, live)
    heard_now, feeds_now, alerts_now = show_aside(whole)
    assert (heard_now, feeds_now) == (heard, feeds)
    assert sum(row[2] for row in feeds) > 0
    assert [one for one in alerts if one not in alerts_now] == []
