"""``disruptions up`` as a user has it: a process, its children, signals and kills."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from infra import topic_admin
from infra.settings import ADDRESSES, Settings, load_settings, read_addresses
from infra.topics import ALL
from infra.tracing import close_tracing
from local import child_processes
from local.broker import Broker
from local.stack import run_stack
from producers import Publisher
from tests.collector import Collector, run_collector
from tests.live.publishing import make_disruption
from tests.patience import PATIENCE_SECONDS, PATIENT, await_truth
from tests.prometheus import ask_prometheus, list_panels, list_rules, run_prometheus

DISRUPTIONS = str(Path(sys.executable).with_name("disruptions"))
PARTS = ("broker", "service", "sealer", "worker-1", "worker-2")


class Up:
    """One state directory, and the ``up`` that runs on it."""

    def __init__(self, state: Path, traces: str) -> None:
        self.state = state
        self.traces = traces
        self.log = state.parent / "up.log"
        self.process: child_processes.ChildProcess | None = None

    def start(self) -> "Up":
        environment = {"DISRUPTIONS_PARTITIONS": "4", "DISRUPTIONS_LOG_FORMAT": "json"}
        environment |= {"OTEL_EXPORTER_OTLP_ENDPOINT": self.traces, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        command = [DISRUPTIONS, "up", "--state", str(self.state), "--workers", "2"]
        self.process = child_processes.spawn_child(command, self.log, environment)
        await_truth(lambda: (self.state / ADDRESSES).exists() or self.has_ended())
        assert not self.has_ended(), self.log.read_text()
        return self

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def list_pids(self) -> dict[str, int]:
        found: dict[str, dict[str, int]] = json.loads((self.state / "run" / "children.json").read_text())
        return {name: one["pid"] for name, one in found.items()}

    def list_events(self, part: str) -> list[str]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line["event"] for line in lines if line.get("part") == part]

    def ask_health(self) -> int:
        return httpx.get(f"{load_settings(self.state).read_api}/v1/health", **PATIENT).status_code


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """Where the whole's traces go."""
    with run_collector() as found:
        yield found


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Up]:
    """A running whole of two workers."""
    whole = Up(tmp_path_factory.mktemp("up") / "state", collector.address).start()
    yield whole
    if whole.process is not None:
        child_processes.stop_child(whole.process, timeout_seconds=60)


def test_all_parts_run_and_say_where(up: Up) -> None:
    """Addresses are those of a broker with the ledger's topics and of a read API that answers."""
    assert set(up.list_pids()) == set(PARTS)
    assert up.ask_health() == 200
    assert set(topic_admin.read_topic_ids(load_settings(up.state))) == set(ALL)
    assert [up.list_events(part) for part in PARTS] == [["started", "ready"]] * 5


def test_a_second_up_on_the_same_state_refuses_politely(up: Up) -> None:
    """Exit 2 and one line that names the process and the remedies; the first one is untouched."""
    second = subprocess.run(
        [DISRUPTIONS, "up", "--state", str(up.state)], capture_output=True, text=True, timeout=60, check=False
    )
    assert up.process is not None
    assert second.returncode == 2
    assert f"in use by another `disruptions up` (process {up.process.pid})" in second.stderr
    assert "Traceback" not in second.stderr
    assert up.ask_health() == 200


def test_a_real_prometheus_scrapes_it_and_evaluates_every_rule(up: Up, tmp_path: Path) -> None:
    """Service and workers are found by what they say themselves; no rule and no panel is an error, nothing fires."""
    with run_prometheus(tmp_path / "prometheus", up.state) as client:

        def list_targets() -> dict[str, str]:
            found = ask_prometheus(client, "/targets") or {"activeTargets": []}
            return {one["labels"]["process"]: one["health"] for one in found["activeTargets"]}

        def list_unevaluated() -> list[str]:
            groups = (ask_prometheus(client, "/rules") or {"groups": []})["groups"]
            rules = [rule for group in groups for rule in group["rules"]]
            return [one["name"] for one in rules if one["health"] != "ok"] or [] if rules else ["none yet"]

        await_truth(
            lambda: list_targets() == dict.fromkeys(("service", "worker-1", "worker-2"), "up"), lambda: "all scraped"
        )
        await_truth(lambda: not list_unevaluated())
        for expression in (*list_rules(), *list_panels()):
            assert ask_prometheus(client, "/query", query=expression) is not None, expression
        await_truth(lambda: ask_prometheus(client, "/alerts") == {"alerts": []})
        (broker,) = ask_prometheus(client, "/query", query='disruptions_dependency_up{part="broker"}')["result"]
        assert broker["value"][1] == "1"


def test_an_event_is_traced_from_its_publisher_to_the_store(up: Up, collector: Collector) -> None:
    """The run that judges it is linked to the publisher's span, the batch that stores it to the run's."""
    settings = load_settings(up.state).model_copy(update={"otel_exporter_otlp_endpoint": collector.address})
    with Publisher(settings) as publisher:
        place = publisher.publish(make_disruption(1)).result(PATIENCE_SECONDS)
    close_tracing()

    def find_linked(name: str, before: str) -> bool:
        named = {span.span_id for span in collector.list_spans(before)}
        return any(link.span_id in named for span in collector.list_spans(name) for link in span.links)

    await_truth(lambda: find_linked("judge", "publish"))
    await_truth(lambda: find_linked("store", "judge"))
    asked = {"partition": str(place.partition), "first": str(place.offset), "last": str(place.offset)}
    (stored,) = httpx.get(f"{settings.read_api}/v1/stored/entries", params=asked, **PATIENT).text.splitlines()
    entry = json.loads(stored)
    assert (entry["verdict"], "traceparent" in entry["header_names"]) == ("ADMITTED", True)


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_child_is_started_again(up: Up, part: str) -> None:
    """Exited, restarting, started, ready: one line each, and the addresses stay."""
    before, address, ready = up.list_pids()[part], load_settings(up.state).read_api, up.list_events(part).count("ready")
    os.kill(before, signal.SIGKILL)
    await_truth(lambda: up.list_events(part).count("ready") > ready)
    assert up.list_pids()[part] != before
    assert up.list_events(part)[-4:] == ["exited", "restarting", "started", "ready"]
    assert load_settings(up.state).read_api == address
    await_truth(lambda: up.ask_health() == 200)


def test_a_killed_up_leaves_no_process_and_the_next_one_resumes(up: Up) -> None:
    """SIGKILL, which it cannot answer: the kernel ends its children; topics are the same ones afterwards."""
    topics, left = (
        topic_admin.read_topic_ids(load_settings(up.state)),
        [psutil.Process(pid) for pid in up.list_pids().values()],
    )
    assert up.process is not None
    child_processes.kill_child(up.process)
    gone, alive = psutil.wait_procs(left, timeout=PATIENCE_SECONDS)
    assert (len(gone), alive) == (5, [])
    (up.state / ADDRESSES).unlink()  # a killed one leaves it; start() waits for the next one's
    up.start()
    assert topic_admin.read_topic_ids(load_settings(up.state)) == topics


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_all_in_order_with_exit_0(up: Up, number: signal.Signals) -> None:
    """Workers, sealer, service, broker; no process and no addresses are left; starting again resumes."""
    if up.has_ended():
        up.start()
    topics, parts = (
        topic_admin.read_topic_ids(load_settings(up.state)),
        [psutil.Process(pid) for pid in up.list_pids().values()],
    )
    assert up.process is not None
    up.process.send_signal(number)
    assert up.process.wait(60) == 0
    assert psutil.wait_procs(parts, timeout=1)[1] == []
    assert not (up.state / ADDRESSES).exists()
    assert _last_stopped(up.log) == ["worker-2", "worker-1", "sealer", "service", "broker"]
    up.start()
    assert topic_admin.read_topic_ids(load_settings(up.state)) == topics


def test_a_signal_while_it_starts_is_a_clean_stop_too(tmp_path: Path) -> None:
    """Nothing has to be ready for a stop."""
    whole = Up(tmp_path / "state", "")
    whole.process = child_processes.spawn_child([DISRUPTIONS, "up", "--state", str(whole.state)], whole.log)
    await_truth(lambda: whole.log.exists() and "started" in whole.log.read_text())
    whole.process.send_signal(signal.SIGINT)
    assert whole.process.wait(60) == 0
    assert "Traceback" not in whole.log.read_text()


def test_a_broker_of_ones_own_is_used_and_left_running(fresh_topics: Settings, broker: Broker) -> None:
    """KAFKA_BOOTSTRAP_SERVERS: no broker is started or stopped, and the topics are those of that broker."""
    topics = topic_admin.read_topic_ids(fresh_topics)
    with run_stack(fresh_topics) as whole:
        recorded = read_addresses(fresh_topics.state)
        assert recorded["kafka_bootstrap_servers"] == broker.bootstrap_servers
        assert set(json.loads((fresh_topics.state / "run" / "children.json").read_text())) == {
            "service",
            "sealer",
            "worker-1",
        }
        assert topic_admin.read_topic_ids(whole.settings) == topics
    assert broker.is_ready()
    assert read_addresses(fresh_topics.state) == {}


def _last_stopped(log: Path) -> list[Any]:
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line["part"] for line in lines if line["event"] == "stopped"][-5:]
