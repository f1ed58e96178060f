"""Every setting of the local whole, chosen at once, and what each does; the store is a server."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from local.ports import find_free_port
from tests.live.adversary.running import RunningLedger, await_true
from tests.live.cli_events import disruption, threat
from tests.live.test_loader_server import Server

PARTITIONS, WORKERS, HEAP_MEGABYTES = 3, 2, 300
SESSION_SECONDS = 1
USUAL_SESSION_SECONDS, USUAL_MARGIN_SECONDS = 6.0, 5.0
GROUP = "disruption-ledger-intake"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of ClickHouse's HTTP interface."""
    running = Server(tmp_path_factory.mktemp("server"))
    yield running
    running.process.kill()
    running.process.wait()


@pytest.fixture(scope="module")
def chosen(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLedger]:
    """A ledger with nothing as usual, and a disruption in it."""
    directory = tmp_path_factory.mktemp("chosen")
    (directory / "dsn").write_text(f"http://default:@127.0.0.1:{server.port}/default\n")
    made = RunningLedger(
        directory,
        {
            "DISRUPTIONS_PARTITIONS": str(PARTITIONS),
            "DISRUPTIONS_WORKERS": str(WORKERS),
            "DISRUPTIONS_SESSION_TIMEOUT_SECONDS": str(SESSION_SECONDS),
            "DISRUPTIONS_COMPLETENESS_MARGIN_SECONDS": "600",
            "DISRUPTIONS_READ_API_PORT": str(find_free_port()),
            "DISRUPTIONS_KAFKA_PORT": str(find_free_port()),
            "DISRUPTIONS_KAFKA_HEAP_MEGABYTES": str(HEAP_MEGABYTES),
            "DISRUPTIONS_LOG_LEVEL": "debug",
            "DISRUPTIONS_LOG_FORMAT": "console",
            "CLICKHOUSE_DSN_FILE": str(directory / "dsn"),
        },
    )
    try:
        yield made.start_up()
    finally:
        made.kill_up()


@pytest.fixture(scope="module")
def published(chosen: RunningLedger) -> float:
    """When one disruption had been published, by the monotonic clock; it is stored."""
    events = [threat(1, "T-OCG", "metropolitan"), disruption(2, "D-1", "2022-03-01", "2022-03-02")]
    sent = chosen.run_command("publish", "-", stdin="".join(json.dumps(event) + "\n" for event in events))
    assert (sent.returncode, sent.stderr) == (0, "")
    done = time.monotonic()
    assert chosen.run_command("wait").returncode == 0
    return done


@pytest.mark.effect_of("DISRUPTIONS_STATE", "DISRUPTIONS_READ_API_PORT", "DISRUPTIONS_KAFKA_PORT")
def test_it_runs_where_it_was_told(chosen: RunningLedger) -> None:
    """Ports and state directory; the fixture's environment names them."""
    assert chosen.addresses["read_api"] == f"http://127.0.0.1:{chosen.environment['DISRUPTIONS_READ_API_PORT']}"
    assert chosen.bootstrap_servers == f"127.0.0.1:{chosen.environment['DISRUPTIONS_KAFKA_PORT']}"
    assert {"kafka", "logs", "run"} <= {place.name for place in chosen.state.iterdir()}


@pytest.mark.effect_of("DISRUPTIONS_PARTITIONS", "DISRUPTIONS_WORKERS", "DISRUPTIONS_KAFKA_HEAP_MEGABYTES")
def test_it_is_as_large_as_it_was_told(chosen: RunningLedger) -> None:
    """Topics of three partitions, two workers, a heap of 300 MB."""
    topics = AdminClient({"bootstrap.servers": chosen.bootstrap_servers}).list_topics(timeout=30).topics
    assert {len(topics[name].partitions) for name in ("soc.published", "soc.entries", "soc.rejected")} == {PARTITIONS}
    assert [chosen.find_part(f"worker-{number + 1}").is_running() for number in range(WORKERS)] == [True, True]
    assert f"-Xmx{HEAP_MEGABYTES}m" in chosen.find_part("broker").cmdline()


@pytest.mark.usefixtures("published")
@pytest.mark.effect_of("DISRUPTIONS_LOG_LEVEL", "DISRUPTIONS_LOG_FORMAT")
def test_it_says_what_and_how_it_was_told(chosen: RunningLedger) -> None:
    """Lines for people, where a file would have JSON; and what only `debug` has."""
    lines = (chosen.state / "logs" / "service.log").read_text().splitlines()
    assert any("DEBUG" in line for line in lines)
    assert not any(line.startswith("{") for line in lines)


@pytest.mark.usefixtures("published")
@pytest.mark.effect_of("CLICKHOUSE_DSN", "CLICKHOUSE_DSN_FILE")
def test_the_store_is_the_server_and_is_asked_directly(chosen: RunningLedger, server: Server) -> None:
    """Figures come from it without the read API, which is logged all the same; with either setting."""
    direct = {"CLICKHOUSE_DSN_FILE": "", "CLICKHOUSE_DSN": f"http://default:@127.0.0.1:{server.port}/default"}
    for environment in ({}, direct):
        shown = chosen.run_command("counts", "--json", environment=environment | {"LOGNAME": "Zoë"})
        assert json.loads(shown.stdout)["rows"] == [{"n": 1}]
        read = json.loads((chosen.state / "logs" / "reads.log").read_text().splitlines()[-1])
        assert (read["reader"], read["via"], read["question"], read["status"]) == ("Zoë", "store", "counts", 200)
    assert not (chosen.state / "clickhouse").exists()


@pytest.mark.usefixtures("published")
@pytest.mark.effect_of("DISRUPTIONS_READ_API")
def test_a_read_api_that_is_named_is_asked(chosen: RunningLedger, tmp_path: Path) -> None:
    """From a state directory under which nothing runs."""
    elsewhere = {"DISRUPTIONS_READ_API": chosen.addresses["read_api"], "CLICKHOUSE_DSN_FILE": ""}
    shown = chosen.run_command("counts", "--json", "--state", str(tmp_path), environment=elsewhere)
    assert json.loads(shown.stdout)["rows"] == [{"n": 1}]


@pytest.mark.effect_of("DISRUPTIONS_COMPLETENESS_MARGIN_SECONDS")
def test_no_figure_is_complete_within_the_margin(chosen: RunningLedger, published: float) -> None:
    """Ten minutes here; usually it would be by now."""
    time.sleep(max(0.0, published + USUAL_MARGIN_SECONDS + 1.0 - time.monotonic()))
    assert chosen.ask_json("counts")["complete"] is False


@pytest.mark.effect_of("DISRUPTIONS_SESSION_TIMEOUT_SECONDS")
def test_a_silent_worker_loses_its_partitions_after_the_session(chosen: RunningLedger) -> None:
    """One second here; usually it would be six. The last test, as the worker is killed."""
    client = AdminClient({"bootstrap.servers": chosen.bootstrap_servers})

    def members() -> int:
        (group,) = client.describe_consumer_groups([GROUP]).values()
        return len(group.result(30).members)

    await_true(lambda: members() == WORKERS, 60.0)
    began = time.monotonic()
    chosen.find_part("worker-2").send_signal(signal.SIGSTOP)
    await_true(lambda: members() < WORKERS, USUAL_SESSION_SECONDS - 0.5)
    assert time.monotonic() - began > SESSION_SECONDS / 2
