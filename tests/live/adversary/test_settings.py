"""Every setting of a ledger chosen at once, and what each does: a broker and a registry that want to know who asks, a
store that is a server, and nothing as usual.
"""

import json
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from local.ports import find_free_port
from tests.live.adversary.running import RunningLedger, await_true
from tests.live.adversary.secured import Certificates, Guarded, SecuredBroker, guard_registry
from tests.live.cli_events import make_disruption, make_threat
from tests.live.clickhouse_server import BreakableServer
from tests.patience import PATIENCE_SECONDS

PARTITIONS, WORKERS = 3, 2
SESSION_SECONDS = 1
USUAL_SESSION_SECONDS, USUAL_MARGIN_SECONDS = 6.0, 5.0
GROUP = "disruption-ledger-intake"

FIRST = [make_threat(1, "T-OCG", "metropolitan"), make_disruption(2, "D-1", "2022-03-01", "2022-03-02")]
SECOND = [make_disruption(3, "D-2", "2022-03-01", "2022-03-02")]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Of this module's own authority."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def secured(certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    """The broker that asks for certificates or accounts."""
    made = SecuredBroker(tmp_path_factory.mktemp("secured"), certificates)
    try:
        yield made.start()
    finally:
        made.broker.kill()


@pytest.fixture(scope="module")
def gate(
    registry_url: str, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Guarded, dict[str, str]]]:
    """The registry that asks for a password."""
    with guard_registry(registry_url, certificates, tmp_path_factory.mktemp("gate")) as made:
        yield made


def write_lines(events: list[dict[str, object]]) -> str:
    """Events as NDJSON."""
    return "".join(json.dumps(event) + "\n" for event in events)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BreakableServer]:
    """A server of ClickHouse's HTTP interface."""
    running = BreakableServer(tmp_path_factory.mktemp("server"))
    yield running
    running.process.kill()
    running.process.wait()


@pytest.fixture(scope="module")
def proven(
    secured: SecuredBroker,
    gate: tuple[Guarded, dict[str, str]],
    server: BreakableServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[RunningLedger]:
    """A ledger on all three."""
    directory = tmp_path_factory.mktemp("proven")
    (directory / "dsn").write_text(f"http://default:@127.0.0.1:{server.port}/default\n")
    chosen = {
        "DISRUPTIONS_PARTITIONS": str(PARTITIONS),
        "DISRUPTIONS_WORKERS": str(WORKERS),
        "DISRUPTIONS_SESSION_TIMEOUT_SECONDS": str(SESSION_SECONDS),
        "DISRUPTIONS_READ_API_PORT": str(find_free_port()),
        "DISRUPTIONS_LOG_LEVEL": "debug",
        "DISRUPTIONS_LOG_FORMAT": "console",
        "CLICKHOUSE_DSN_FILE": str(directory / "dsn"),
    }
    made = RunningLedger(directory, secured.by_certificate | gate[1] | chosen)
    try:
        yield made.start_up()
    finally:
        made.kill_up()


@pytest.fixture(scope="module")
def published(proven: RunningLedger) -> float:
    """When one disruption had been published, by the monotonic clock; it is stored."""
    sent = proven.run_command("publish", "-", stdin=write_lines(FIRST))
    assert (sent.returncode, sent.stderr) == (0, "")
    done = time.monotonic()
    assert proven.run_command("wait").returncode == 0
    return done


@pytest.mark.usefixtures("published")
@pytest.mark.effect_of(
    "KAFKA_BOOTSTRAP_SERVERS",
    "KAFKA_SECURITY_PROTOCOL",
    "KAFKA_SSL_CA_LOCATION",
    "KAFKA_SSL_CERTIFICATE_LOCATION",
    "KAFKA_SSL_KEY_LOCATION",
    "SCHEMA_REGISTRY_URL",
    "SCHEMA_REGISTRY_USER_INFO_FILE",
)
def test_every_client_shows_its_certificate_and_its_password(
    proven: RunningLedger, gate: tuple[Guarded, dict[str, str]]
) -> None:
    """Admin, publisher, worker's consumer, recovery and outputs, loader, the asker of published ends, the audit."""
    assert proven.ask_json("counts")["rows"] == [{"n": 1}]
    replayed = proven.run_command("audit", "replay", "--json")
    assert (replayed.returncode, replayed.stderr) == (0, "")
    assert [one for one in proven.get_api("health").json()["troubles"] if one["part"] == "registry"] == []
    assert 200 in gate[0].answered
    assert 401 not in gate[0].answered


def test_whoever_shows_no_certificate_is_not_served(secured: SecuredBroker, certificates: Certificates) -> None:
    """So the broker does ask for it: another client that trusts it, and shows none, is told nothing."""
    named = {"bootstrap.servers": secured.tls_address, "ssl.ca.location": str(certificates.ca)}
    stranger = AdminClient(named | {"security.protocol": "SSL", "log_level": 0})
    with pytest.raises(KafkaException):
        stranger.list_topics(timeout=2)


def test_who_is_refused_is_told_by_which_setting(secured: SecuredBroker, tmp_path: Path) -> None:
    """At once, and by the name of the setting: a password that is not the user's, a broker that no authority signed."""
    (tmp_path / "password").write_text("guessed")
    guessed = secured.name_account("SCRAM-SHA-512") | {"KAFKA_SASL_PASSWORD_FILE": str(tmp_path / "password")}
    unsigned = {name: value for name, value in secured.by_certificate.items() if "_SSL_" not in name}
    for environment, named in ((guessed, "KAFKA_SASL_PASSWORD_FILE"), (unsigned, "KAFKA_SSL_CA_LOCATION")):
        shown = RunningLedger(tmp_path, environment).run_command("up")
        assert shown.returncode == 3, shown.stderr
        (told,) = [line for line in shown.stderr.splitlines() if line.startswith("disruptions: ")]
        assert named in told
        assert "guessed" not in shown.stderr


def test_whoever_has_no_password_is_told_by_the_registrys_setting(proven: RunningLedger, tmp_path: Path) -> None:
    """The worker and the publisher alike would else wait for an unnamed status."""
    (tmp_path / "user").write_text("kent:guessed\n")
    shown = proven.run_command(
        "publish",
        "-",
        "--state",
        str(tmp_path / "state"),
        stdin=write_lines(SECOND),
        environment={"SCHEMA_REGISTRY_USER_INFO_FILE": str(tmp_path / "user")},
    )
    assert shown.returncode == 3, shown.stderr
    assert "SCHEMA_REGISTRY_USER_INFO_FILE" in shown.stderr
    assert "guessed" not in shown.stderr


@pytest.mark.effect_of(
    "DISRUPTIONS_STATE", "DISRUPTIONS_READ_API_PORT", "DISRUPTIONS_PARTITIONS", "DISRUPTIONS_WORKERS"
)
def test_it_runs_where_and_as_large_as_it_was_told(proven: RunningLedger, secured: SecuredBroker) -> None:
    """Port and state directory, topics of three partitions, two workers; the fixture's environment names them."""
    assert proven.addresses["read_api"] == f"http://127.0.0.1:{proven.environment['DISRUPTIONS_READ_API_PORT']}"
    assert {"logs", "run"} <= {place.name for place in proven.state.iterdir()}
    topics = AdminClient({"bootstrap.servers": secured.broker.bootstrap_servers}).list_topics(timeout=30).topics
    assert {len(topics[name].partitions) for name in ("soc.published", "soc.entries", "soc.rejected")} == {PARTITIONS}
    assert [proven.find_part(f"worker-{number + 1}").is_running() for number in range(WORKERS)] == [True, True]


@pytest.mark.usefixtures("published")
@pytest.mark.effect_of("DISRUPTIONS_LOG_LEVEL", "DISRUPTIONS_LOG_FORMAT")
def test_it_says_what_and_how_it_was_told(proven: RunningLedger) -> None:
    """Lines for people, where a file would have JSON; and what only `debug` has."""
    said = (proven.state / "logs" / "service.log").read_text().splitlines()
    assert any("DEBUG" in line for line in said)
    assert not any(line.startswith("{") for line in said)


@pytest.mark.usefixtures("published")
@pytest.mark.effect_of("CLICKHOUSE_DSN", "CLICKHOUSE_DSN_FILE")
def test_the_store_is_the_server_and_is_asked_directly(proven: RunningLedger, server: BreakableServer) -> None:
    """Figures come from it without the read API, which is logged all the same; with either setting."""
    direct = {"CLICKHOUSE_DSN_FILE": "", "CLICKHOUSE_DSN": f"http://default:@127.0.0.1:{server.port}/default"}
    for environment in ({}, direct):
        shown = proven.run_command("counts", "--json", environment=environment | {"LOGNAME": "Zoë"})
        assert json.loads(shown.stdout)["rows"] == [{"n": 1}]
        read = json.loads((proven.state / "logs" / "reads.log").read_text().splitlines()[-1])
        assert (read["reader"], read["via"], read["question"], read["status"]) == ("Zoë", "store", "counts", 200)
    assert not (proven.state / "clickhouse").exists()


@pytest.mark.usefixtures("published")
@pytest.mark.effect_of("DISRUPTIONS_READ_API")
def test_a_read_api_that_is_named_is_asked(proven: RunningLedger, tmp_path: Path) -> None:
    """From a state directory under which nothing runs."""
    elsewhere = {"DISRUPTIONS_READ_API": proven.addresses["read_api"], "CLICKHOUSE_DSN_FILE": ""}
    shown = proven.run_command("counts", "--json", "--state", str(tmp_path), environment=elsewhere)
    assert json.loads(shown.stdout)["rows"] == [{"n": 1}]


@pytest.mark.effect_of("DISRUPTIONS_COMPLETENESS_MARGIN_SECONDS")
def test_no_figure_is_complete_within_the_margin(proven: RunningLedger, published: float) -> None:
    """After the usual seconds a figure is complete; with ten minutes, said to who asks the store itself, it is not."""
    time.sleep(max(0.0, published + USUAL_MARGIN_SECONDS + 1.0 - time.monotonic()))
    margins: list[dict[str, str]] = [{}, {"DISRUPTIONS_COMPLETENESS_MARGIN_SECONDS": "600"}]
    shown = [proven.run_command("counts", "--json", environment=margin).stdout for margin in margins]
    assert [json.loads(answer)["complete"] for answer in shown] == [True, False]


@pytest.mark.effect_of("KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD_FILE")
def test_the_same_ledger_is_served_by_name_and_password(proven: RunningLedger, secured: SecuredBroker) -> None:
    """Every client again; and after a kill `up` goes on with the broker that it is told, not with one of its own."""
    proven.kill_up()
    proven.environment = drop_kafka(proven.environment) | secured.name_account("SCRAM-SHA-512")
    proven.start_up()
    assert proven.addresses["kafka_bootstrap_servers"] == proven.environment["KAFKA_BOOTSTRAP_SERVERS"]
    published = proven.run_command("publish", "-", stdin=write_lines(SECOND))
    assert (published.returncode, published.stderr) == (0, "")
    assert proven.run_command("wait").returncode == 0
    assert proven.ask_json("counts")["rows"] == [{"n": 2}]
    assert proven.run_command("audit", "replay").returncode == 0


@pytest.mark.effect_of("DISRUPTIONS_SESSION_TIMEOUT_SECONDS")
def test_a_silent_worker_loses_its_partitions_after_the_session(proven: RunningLedger, secured: SecuredBroker) -> None:
    """One second here; usually it would be six. The last test, as the worker is killed."""
    client = AdminClient({"bootstrap.servers": secured.broker.bootstrap_servers})

    def count_members() -> int:
        (group,) = client.describe_consumer_groups([GROUP]).values()
        return len(group.result(PATIENCE_SECONDS).members)

    await_true(lambda: count_members() == WORKERS, 60.0)
    began = time.monotonic()
    proven.find_part("worker-2").send_signal(signal.SIGSTOP)
    await_true(lambda: count_members() < WORKERS, USUAL_SESSION_SECONDS - 0.5)
    assert time.monotonic() - began > SESSION_SECONDS / 2


def drop_kafka(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without settings of the broker."""
    return {name: value for name, value in environment.items() if not name.startswith("KAFKA_")}
