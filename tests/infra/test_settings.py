"""Settings: where each comes from, what an unusable one says, what a child inherits."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from infra.settings import ADDRESSES, Settings, list_settings, load_settings
from ledger.errors import Misuse

SCRAM: dict[str, Any] = {
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
    "KAFKA_SASL_USERNAME": "kent",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this machine's environment reaches a test."""
    for setting in list_settings():
        monkeypatch.delenv(setting.environment, raising=False)


def test_every_setting_has_a_name_of_its_own_and_a_meaning() -> None:
    """The table is what README.md shows."""
    rows = list_settings()
    assert len({row.environment for row in rows}) == len(rows) == len(Settings.model_fields)
    assert all(row.meaning for row in rows)
    assert all(
        row.environment.startswith(("DISRUPTIONS_", "KAFKA_", "SCHEMA_REGISTRY_", "CLICKHOUSE_", "OTEL_"))
        for row in rows
    )


def test_a_laptop_needs_no_setting() -> None:
    assert load_settings().state == Path(".state")
    assert load_settings().kafka_bootstrap_servers is None


def test_the_environment_sets_and_the_argument_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIONS_STATE", "/from/environment")
    monkeypatch.setenv("DISRUPTIONS_PARTITIONS", "3")
    assert load_settings().state == Path("/from/environment")
    assert load_settings(Path("/given")).state == Path("/given")
    assert load_settings(Path("/given")).partitions == 3


def test_an_unrelated_variable_of_a_fields_name_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """STATE and PARTITIONS are names that other programs use."""
    monkeypatch.setenv("STATE", "/elsewhere")
    monkeypatch.setenv("PARTITIONS", "99")
    assert load_settings().state == Path(".state")
    assert load_settings().partitions == 12


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "")
    assert load_settings().kafka_bootstrap_servers is None


def test_an_unusable_value_is_named_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value may be a secret in the wrong place."""
    monkeypatch.setenv("DISRUPTIONS_PARTITIONS", "hunter2")
    with pytest.raises(Misuse, match="DISRUPTIONS_PARTITIONS") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_without_a_broker_the_remedy_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"set KAFKA_BOOTSTRAP_SERVERS, or .*disruptions up --state"):
        load_settings(tmp_path).build_kafka_options()


def test_addresses_of_a_running_whole_fill_what_is_unset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = {"kafka_bootstrap_servers": "127.0.0.1:1", "read_api": "http://127.0.0.1:2", "unknown": "x"}
    (tmp_path / ADDRESSES).write_text(json.dumps(recorded))
    assert load_settings(tmp_path).kafka_bootstrap_servers == "127.0.0.1:1"
    assert load_settings(tmp_path).read_api == "http://127.0.0.1:2"
    assert load_settings(tmp_path, recorded=False).kafka_bootstrap_servers is None
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092")
    assert load_settings(tmp_path).kafka_bootstrap_servers == "kafka:9092"


def test_unreadable_addresses_are_named(tmp_path: Path) -> None:
    (tmp_path / ADDRESSES).write_text("{")
    with pytest.raises(Misuse, match=ADDRESSES):
        load_settings(tmp_path)


def test_secrets_come_from_files_and_stay_out_of_sight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A DSN never shows in a repr; a password is read where it is used."""
    (tmp_path / "password").write_text("open sesame\n")
    (tmp_path / "dsn").write_text("https://u:open-sesame@clickhouse/soc\n")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092")
    for name, value in SCRAM.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KAFKA_SASL_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("CLICKHOUSE_DSN_FILE", str(tmp_path / "dsn"))
    settings = load_settings()
    assert settings.build_kafka_options()["sasl.password"] == "open sesame"
    assert settings.clickhouse_dsn is not None
    assert settings.clickhouse_dsn.get_secret_value() == "https://u:open-sesame@clickhouse/soc"
    assert "sesame" not in repr(settings)


@pytest.mark.parametrize(("content", "fault"), [(None, "cannot be read"), (" \n", "is empty")])
def test_an_unusable_secret_file_is_named(content: str | None, fault: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)
    settings = Settings(kafka_bootstrap_servers="kafka:9092", kafka_sasl_password_file=file, **SCRAM)
    with pytest.raises(Misuse, match=f"KAFKA_SASL_PASSWORD_FILE .*{fault}"):
        settings.build_kafka_options()


def test_a_registry_with_credentials(tmp_path: Path) -> None:
    (tmp_path / "user").write_text("name:word\n")
    settings = Settings(schema_registry_url="http://registry", schema_registry_user_info_file=tmp_path / "user")
    assert settings.build_registry_options() == {"url": "http://registry", "basic.auth.user.info": "name:word"}
    assert Settings().build_registry_options() is None


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (
            {"KAFKA_SECURITY_PROTOCOL": "TLS"},
            "KAFKA_SECURITY_PROTOCOL: one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL",
        ),
        (SCRAM | {"KAFKA_SASL_MECHANISM": "OAUTHBEARER"}, "KAFKA_SASL_MECHANISM: one of PLAIN, SCRAM-SHA-256"),
        (SCRAM, "needs KAFKA_SASL_PASSWORD_FILE too"),
        ({"KAFKA_SASL_USERNAME": "kent"}, "KAFKA_SASL_USERNAME does nothing with KAFKA_SECURITY_PROTOCOL=PLAINTEXT"),
        ({"KAFKA_SSL_CA_LOCATION": "ca.pem"}, "KAFKA_SSL_CA_LOCATION does nothing"),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_KEY_LOCATION": "key.pem"},
            "KAFKA_SSL_KEY_LOCATION does nothing without KAFKA_SSL_CERTIFICATE_LOCATION",
        ),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CERTIFICATE_LOCATION": "own.pem"},
            "KAFKA_SSL_CERTIFICATE_LOCATION does nothing without KAFKA_SSL_KEY_LOCATION",
        ),
        ({"SCHEMA_REGISTRY_USER_INFO_FILE": "user"}, "does nothing without SCHEMA_REGISTRY_URL"),
        ({"CLICKHOUSE_CLUSTER": "national"}, "CLICKHOUSE_CLUSTER does nothing without a server"),
        ({"CLICKHOUSE_DSN": "https://u:p@h", "CLICKHOUSE_DSN_FILE": "dsn"}, "are both set: keep one"),
    ],
)
def test_a_setting_that_would_do_nothing_is_refused(
    values: dict[str, str], names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate that is set beside PLAINTEXT would else be passed over, and nothing be encrypted."""
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misuse, match=re.escape(names)) as caught:
        load_settings()
    assert "Value error" not in str(caught.value)


def test_the_protocol_and_the_mechanism_may_be_written_in_small_letters() -> None:
    """Every client is given the names that Kafka has."""
    settings = Settings(
        kafka_security_protocol="sasl_ssl",
        kafka_sasl_mechanism="scram-sha-512",
        kafka_sasl_username="kent",
        kafka_sasl_password_file=Path("password"),
    )
    assert (settings.kafka_security_protocol, settings.kafka_sasl_mechanism) == ("SASL_SSL", "SCRAM-SHA-512")


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("registry:8081", "not of the form"),
        ("http://", "not of the form"),
        ("http://registry:port", "not of the form"),
        ("https://kent:hunter2@registry", "has a user in it"),
    ],
)
def test_a_registrys_address_is_one_without_a_user(url: str, fault: str) -> None:
    """What is wrong with it is said, and a password in it never shown."""
    with pytest.raises(Misuse, match=f"SCHEMA_REGISTRY_URL .*{fault}") as caught:
        Settings(schema_registry_url=url).build_registry_options()
    assert "hunter2" not in str(caught.value)


def test_a_registrys_user_has_a_password(tmp_path: Path) -> None:
    """Else its client raises an error of its own."""
    (tmp_path / "user").write_text("hunter2")
    settings = Settings(schema_registry_url="http://registry", schema_registry_user_info_file=tmp_path / "user")
    with pytest.raises(Misuse, match="does not hold user:password") as caught:
        settings.build_registry_options()
    assert "hunter2" not in str(caught.value)


def test_a_broker_of_ones_own_speaks_without_tls() -> None:
    """``up`` would start one in PLAINTEXT, to which its clients would speak TLS."""
    with pytest.raises(Misuse, match="KAFKA_SECURITY_PROTOCOL is SSL and no broker is named"):
        Settings(kafka_security_protocol="SSL").use_own_broker("127.0.0.1:1")
    assert Settings().use_own_broker("127.0.0.1:1").kafka_bootstrap_servers == "127.0.0.1:1"


def test_the_protocol_of_a_running_whole_is_recorded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who names another has their way."""
    recorded = {"kafka_bootstrap_servers": "kafka:9093", "kafka_security_protocol": "SSL"}
    (tmp_path / ADDRESSES).write_text(json.dumps(recorded))
    assert load_settings(tmp_path).kafka_security_protocol == "SSL"
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "PLAINTEXT")
    assert load_settings(tmp_path).kafka_security_protocol == "PLAINTEXT"


def test_a_child_loads_the_very_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``load_settings`` undoes ``export_environment``, whatever this process has in its own: a file named was read."""
    settings = Settings(
        state=tmp_path, partitions=5, kafka_bootstrap_servers="kafka:9092", clickhouse_dsn=SecretStr("http://u:p@h")
    )
    monkeypatch.setenv("CLICKHOUSE_DSN_FILE", str(tmp_path / "dsn"))
    for name, value in settings.export_environment().items():
        monkeypatch.setitem(os.environ, name, value)
    assert load_settings() == settings
