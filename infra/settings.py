"""The one place that reads the environment. Importing this module reads nothing; ``load_settings`` does.

``list_settings`` lists every setting with its environment name, default and meaning: README.md is held to it by a test.
"""

import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra import broker_addresses, ineffective_settings, tls
from infra.credentials import hold_address, read_secret
from infra.seal_settings import SealSettings
from ledger.errors import Misuse

ADDRESSES = "addresses.json"  # what `up` started and where, under the state directory
RECORDED = frozenset({"kafka_bootstrap_servers", "kafka_security_protocol", "read_api"})  # of what is in it
PREFIX = "DISRUPTIONS_"
LARGEST_UNPACKED_BYTES = 2_147_483_647  # to which a client unpacks a compressed batch; 100 MB unless said
KafkaOptions = dict[str, str | int | float | bool]


def _make_shared_field(name: str, default: Any = None, *, means: str) -> Any:
    """Return a field whose environment name is the one that other tools of its kind use."""
    return Field(default=default, validation_alias=name, description=means)


class Settings(SealSettings, BaseSettings):
    """Every setting of every part, with its default for a laptop."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_prefix=PREFIX, populate_by_name=True, env_ignore_empty=True
    )

    state: Path = Field(
        default=Path(".state"), description="directory of everything local: broker, books, tables, logs"
    )
    partitions: int = Field(
        default=12, ge=1, le=1000, description="partitions of each topic, fixed for a ledger's life"
    )
    workers: int = Field(default=1, ge=1, le=64, description="stream workers that `up` starts")
    session_timeout_seconds: float = Field(
        default=6.0, ge=1.0, le=300.0, description="silence after which a stream worker's partitions go to another"
    )
    part_silence_seconds: float = Field(
        default=20.0, ge=2.0, le=3600.0, description="silence after which `up` takes a part to hang, and restarts it"
    )
    completeness_margin_seconds: float = Field(
        default=5.0,
        ge=0.0,
        le=3600.0,
        description="how long after an instant an idle partition is complete; in a cluster, replica.lag.time.max.ms",
    )
    read_api: str | None = Field(default=None, description="address of a running read API")
    read_api_port: int | None = Field(
        default=None, ge=1, le=65535, description="port of the read API that `up` starts; a free one unless given"
    )
    kafka_port: int | None = Field(
        default=None, ge=1, le=65535, description="port of the broker that `up` starts; a free one unless given"
    )
    kafka_heap_megabytes: int = Field(
        default=512, ge=128, description="bound of the heap of the broker that `up` starts"
    )
    alert_webhook: str | None = Field(default=None, description="where alerts are posted, signed; nowhere unless given")
    alert_webhook_secret_file: Path | None = Field(
        default=None, description="file with the secret that signs them: `whsec_` and base64, by Standard Webhooks"
    )
    worker_metrics: bool = Field(
        default=True, description="whether each stream worker serves its metrics, on a free port of loopback"
    )
    log_level: str = Field(
        default="info", pattern="^(debug|info|warning|error)$", description="least level that is logged"
    )
    log_format: str = Field(
        default="auto",
        pattern="^(auto|console|json)$",
        description="log lines for people or as JSON; auto: by terminal",
    )
    kafka_security_protocol: str = _make_shared_field(
        "KAFKA_SECURITY_PROTOCOL", "PLAINTEXT", means=", ".join(broker_addresses.PROTOCOLS)
    )
    kafka_bootstrap_servers: str | None = _make_shared_field(
        "KAFKA_BOOTSTRAP_SERVERS", means="brokers; unset: those of `up`"
    )
    kafka_sasl_mechanism: str | None = _make_shared_field(
        "KAFKA_SASL_MECHANISM", means=", ".join(ineffective_settings.MECHANISMS)
    )
    kafka_sasl_username: str | None = _make_shared_field("KAFKA_SASL_USERNAME", means="user of the broker")
    kafka_sasl_password_file: Path | None = _make_shared_field(
        "KAFKA_SASL_PASSWORD_FILE", means="file with that user's password"
    )
    kafka_ssl_ca_location: Path | None = _make_shared_field(
        "KAFKA_SSL_CA_LOCATION", means="authorities that sign the brokers"
    )
    kafka_ssl_certificate_location: Path | None = _make_shared_field(
        "KAFKA_SSL_CERTIFICATE_LOCATION", means="own certificate"
    )
    kafka_ssl_key_location: Path | None = _make_shared_field(
        "KAFKA_SSL_KEY_LOCATION", means="key of the own certificate"
    )
    schema_registry_url: str | None = _make_shared_field(
        "SCHEMA_REGISTRY_URL", means="Confluent-compatible; unset: pinned ids"
    )
    schema_registry_user_info_file: Path | None = _make_shared_field(
        "SCHEMA_REGISTRY_USER_INFO_FILE", means="file with user:password of the registry"
    )
    otel_exporter_otlp_endpoint: str | None = _make_shared_field(
        "OTEL_EXPORTER_OTLP_ENDPOINT", means="where traces go; unset: none are made"
    )
    clickhouse_dsn: SecretStr | None = _make_shared_field(
        "CLICKHOUSE_DSN", means="https://user:password@host:port/db; unset: embedded"
    )
    clickhouse_dsn_file: Path | None = _make_shared_field(
        "CLICKHOUSE_DSN_FILE", means="file that holds the DSN instead"
    )
    clickhouse_cluster: str | None = _make_shared_field(
        "CLICKHOUSE_CLUSTER", means="cluster for replicated tables (ON CLUSTER)"
    )

    @field_validator("kafka_security_protocol")
    @classmethod
    def _check_protocol(cls, text: str) -> str:
        return ineffective_settings.choose_one(text, broker_addresses.PROTOCOLS)

    @field_validator("kafka_bootstrap_servers")
    @classmethod
    def _normalise_servers(cls, text: str | None, info: ValidationInfo) -> str | None:
        protocol = info.data.get("kafka_security_protocol")  # none where it was refused itself
        return text if text is None or protocol is None else broker_addresses.parse_addresses(text, protocol)

    @field_validator("kafka_sasl_mechanism")
    @classmethod
    def _check_mechanism(cls, text: str | None) -> str | None:
        return None if text is None else ineffective_settings.choose_one(text, ineffective_settings.MECHANISMS)

    @model_validator(mode="after")
    def _refuse_ineffective(self) -> Self:
        ineffective_settings.refuse_ineffective(
            {_find_environment_name(name): getattr(self, name) for name in Settings.model_fields}
        )
        return self

    def build_kafka_options(self) -> KafkaOptions:
        """Return the connection options of every librdkafka client (bootstrap, security); callers add their own.

        Raises:
            Misuse: no broker is named, or a file of a secret, a certificate or a key cannot be used.
        """
        self.build_tls_context()
        if self.kafka_bootstrap_servers is None:
            raise Misuse(
                "no broker: set KAFKA_BOOTSTRAP_SERVERS, or start the local whole with "
                f"`disruptions up --state {self.state}`"
            )
        options: KafkaOptions = {
            "bootstrap.servers": self.kafka_bootstrap_servers,
            "security.protocol": self.kafka_security_protocol,
            "receive.message.max.bytes": LARGEST_UNPACKED_BYTES,
        }
        password = read_secret("KAFKA_SASL_PASSWORD_FILE", self.kafka_sasl_password_file)
        given = {
            "sasl.mechanism": self.kafka_sasl_mechanism,
            "sasl.username": self.kafka_sasl_username,
            "sasl.password": password,
            "ssl.ca.location": self.kafka_ssl_ca_location,
            "ssl.certificate.location": self.kafka_ssl_certificate_location,
            "ssl.key.location": self.kafka_ssl_key_location,
        }
        return options | {name: str(value) for name, value in given.items() if value is not None}

    def build_tls_context(self) -> ssl.SSLContext | None:
        """Return what clients with Python's own TLS connect by, or None where brokers speak without. Raises Misuse."""
        if not self.kafka_security_protocol.endswith("SSL"):
            return None
        return tls.build_context(
            self.kafka_ssl_ca_location, self.kafka_ssl_certificate_location, self.kafka_ssl_key_location
        )

    def use_own_broker(self, address: str) -> "Settings":
        """Return the same with a broker that ``up`` starts, which speaks without TLS and accounts.

        Raises:
            Misuse: the settings ask for those, and name no broker that has them.
        """
        if self.kafka_security_protocol != "PLAINTEXT":
            raise Misuse(
                f"KAFKA_SECURITY_PROTOCOL is {self.kafka_security_protocol} and no broker is named: "
                "set KAFKA_BOOTSTRAP_SERVERS too, or leave the security settings away for a broker of `up`'s own"
            )
        return self.model_copy(update={"kafka_bootstrap_servers": address})

    def build_registry_options(self) -> dict[str, str] | None:
        """Return the options of confluent-kafka's registry client, or None where ids are pinned.

        Raises:
            Misuse: the URL is not one, or the file of the user cannot be used.
        """
        if self.schema_registry_url is None:
            return None
        hold_address("SCHEMA_REGISTRY_URL", self.schema_registry_url)
        user_info = read_secret("SCHEMA_REGISTRY_USER_INFO_FILE", self.schema_registry_user_info_file)
        if user_info is not None and ":" not in user_info:
            raise Misuse("SCHEMA_REGISTRY_USER_INFO_FILE names a file that does not hold user:password")
        return {"url": self.schema_registry_url} | ({"basic.auth.user.info": user_info} if user_info else {})

    def export_environment(self) -> dict[str, str]:
        """Return the environment under which a child process loads these settings; empty is what is not set."""
        values = {_find_environment_name(name): getattr(self, name) for name in Settings.model_fields}
        return {name: "" if value is None else _format_value(value) for name, value in values.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One line of the settings table."""

    name: str
    environment: str
    default: str
    meaning: str


def list_settings() -> tuple[Setting, ...]:
    """Return every setting, in the order of the class."""
    return tuple(
        Setting(
            name=name,
            environment=_find_environment_name(name),
            default="" if field.default is None else str(field.default),
            meaning=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    )


def load_settings(state: Path | None = None, *, recorded: bool = True) -> Settings:
    """Return settings from the environment; addresses of a running ``up`` fill what it leaves unset.

    Args:
        state: the state directory; the environment's, or ``.state``, unless given.
        recorded: False leaves those addresses aside (``up`` itself, and whatever starts a whole of its own).

    Raises:
        Misuse: a setting has an unusable value; the message names the setting, not its value.
    """
    try:
        settings = Settings() if state is None else Settings(state=state)
    except ValidationError as error:
        faults = "; ".join(_describe_fault(detail["loc"], detail["msg"]) for detail in error.errors())
        raise Misuse(f"unusable setting: {faults} (see the settings table of README.md)") from None
    found: dict[str, Any] = {}
    if settings.clickhouse_dsn is None and (dsn := read_secret("CLICKHOUSE_DSN_FILE", settings.clickhouse_dsn_file)):
        found |= {"clickhouse_dsn": SecretStr(dsn), "clickhouse_dsn_file": None}
    if recorded:
        given = settings.model_fields_set
        found |= {name: value for name, value in read_addresses(settings.state).items() if name in RECORDED - given}
    return settings.model_copy(update=found)


load = load_settings  # its name until 0.3, by which publishers' own programs may still call it


def read_addresses(state: Path) -> dict[str, str]:
    """Return what a running ``up`` started under ``state`` and where; empty when none runs."""
    file = state / ADDRESSES
    try:
        recorded = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except NotADirectoryError:
        raise Misuse(f"{state} is a file: --state (DISRUPTIONS_STATE) names a directory") from None
    except (OSError, ValueError):
        raise Misuse(f"{file} cannot be read: stop `disruptions up`, remove the file, start it again") from None
    if not isinstance(recorded, dict):
        raise Misuse(f"{file} cannot be read: stop `disruptions up`, remove the file, start it again")
    return {name: value for name, value in recorded.items() if isinstance(value, str)}


def _find_environment_name(field: str) -> str:
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{PREFIX}{field.upper()}"


def _format_value(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _describe_fault(location: tuple[int | str, ...], fault: str) -> str:
    said = fault.removeprefix("Value error, ")
    if not location:
        return said
    name = str(location[0])
    return f"{_find_environment_name(name) if name in Settings.model_fields else name}: {said}"
