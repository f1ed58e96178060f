"""Every client of the ledger against a broker and a registry that want to know who asks."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.live.adversary.running import RunningLedger
from tests.live.adversary.secured import Certificates, Guarded, SecuredBroker, guarded_registry
from tests.live.cli_events import disruption, threat

FIRST = [threat(1, "T-OCG", "metropolitan"), disruption(2, "D-1", "2022-03-01", "2022-03-02")]
SECOND = [disruption(3, "D-2", "2022-03-01", "2022-03-02")]


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
    with guarded_registry(registry_url, certificates, tmp_path_factory.mktemp("gate")) as made:
        yield made


def lines(events: list[dict[str, object]]) -> str:
    """Events as NDJSON."""
    return "".join(json.dumps(event) + "\n" for event in events)


@pytest.fixture(scope="module")
def proven(
    secured: SecuredBroker, gate: tuple[Guarded, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningLedger]:
    """A ledger on both."""
    soon = {"DISRUPTIONS_SESSION_TIMEOUT_SECONDS": "2"}
    made = RunningLedger(tmp_path_factory.mktemp("proven"), secured.by_certificate | gate[1] | soon)
    try:
        yield made.start_up()
    finally:
        made.kill_up()


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
    """Admin, publisher, worker's consumer, recovery and outputs, loader, the asker of published ends, audit tape."""
    published = proven.run_command("publish", "-", stdin=lines(FIRST))
    assert (published.returncode, published.stderr) == (0, "")
    assert proven.run_command("wait").returncode == 0
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
    guessed = secured.by_account("SCRAM-SHA-512") | {"KAFKA_SASL_PASSWORD_FILE": str(tmp_path / "password")}
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
        stdin=lines(SECOND),
        environment={"SCHEMA_REGISTRY_USER_INFO_FILE": str(tmp_path / "user")},
    )
    assert shown.returncode == 3, shown.stderr
    assert "SCHEMA_REGISTRY_USER_INFO_FILE" in shown.stderr
    assert "guessed" not in shown.stderr


@pytest.mark.effect_of("KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD_FILE")
def test_the_same_ledger_is_served_by_name_and_password(proven: RunningLedger, secured: SecuredBroker) -> None:
    """Every client again; and after a kill `up` goes on with the broker that it is told, not with one of its own."""
    proven.kill_up()
    proven.environment = without_kafka(proven.environment) | secured.by_account("SCRAM-SHA-512")
    proven.start_up()
    assert proven.addresses["kafka_bootstrap_servers"] == proven.environment["KAFKA_BOOTSTRAP_SERVERS"]
    published = proven.run_command("publish", "-", stdin=lines(SECOND))
    assert (published.returncode, published.stderr) == (0, "")
    assert proven.run_command("wait").returncode == 0
    assert proven.ask_json("counts")["rows"] == [{"n": 2}]
    assert proven.run_command("audit", "replay").returncode == 0


def without_kafka(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without settings of the broker."""
    return {name: value for name, value in environment.items() if not name.startswith("KAFKA_")}
