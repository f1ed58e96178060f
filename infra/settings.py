"""The one place that reads the environment. Importing this module reads nothing; ``load`` does."""

import json
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ledger.errors import Misuse

ADDRESSES = "addresses.json"  # what `up` started and where, under the state directory


class Settings(BaseSettings):
    """Every setting of every part, with its default for a laptop. Environment names are in upper case."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    state: Path = Field(default=Path(".state"), validation_alias=AliasChoices("state", "DISRUPTIONS_STATE"))
    kafka_bootstrap_servers: str | None = None
    kafka_security_protocol: str = "PLAINTEXT"
    kafka_sasl_mechanism: str | None = None
    kafka_sasl_username: str | None = None
    kafka_sasl_password_file: Path | None = None
    kafka_ssl_ca_location: Path | None = None
    schema_registry_url: str | None = None
    clickhouse_dsn: SecretStr | None = None
    clickhouse_cluster: str | None = None
    read_api: str | None = None
    partitions: int = Field(default=12, ge=1, validation_alias=AliasChoices("partitions", "DISRUPTIONS_PARTITIONS"))
    session_timeout_seconds: float = Field(
        default=6.0,
        ge=1.0,
        validation_alias=AliasChoices("session_timeout_seconds", "DISRUPTIONS_SESSION_TIMEOUT_SECONDS"),
    )

    def kafka(self) -> dict[str, str | int | float | bool]:
        """Connection options of every librdkafka client (bootstrap, security); callers add their own."""
        if self.kafka_bootstrap_servers is None:
            raise Misuse(
                "no broker: set KAFKA_BOOTSTRAP_SERVERS, or start the local whole with "
                f"`disruptions up --state {self.state}`"
            )
        options: dict[str, str | int | float | bool] = {
            "bootstrap.servers": self.kafka_bootstrap_servers,
            "security.protocol": self.kafka_security_protocol,
        }
        if self.kafka_sasl_mechanism:
            options["sasl.mechanism"] = self.kafka_sasl_mechanism
        if self.kafka_sasl_username:
            options["sasl.username"] = self.kafka_sasl_username
        if self.kafka_sasl_password_file:
            options["sasl.password"] = self.kafka_sasl_password_file.read_text().strip()
        if self.kafka_ssl_ca_location:
            options["ssl.ca.location"] = str(self.kafka_ssl_ca_location)
        return options


def load(state: Path | None = None) -> Settings:
    """Settings from the environment; addresses of a running ``up`` under the state directory fill what it leaves unset.

    Raises:
        Misuse: a setting has an unusable value; the message names the setting, not its value.
    """
    try:
        settings = Settings() if state is None else Settings(state=state)
    except ValidationError as error:
        names = ", ".join(".".join(map(str, detail["loc"])) for detail in error.errors())
        raise Misuse(f"unusable setting: {names}; see the settings table of README.md") from None
    recorded = settings.state / ADDRESSES
    if not recorded.exists():
        return settings
    found = {k: v for k, v in json.loads(recorded.read_text()).items() if getattr(settings, k, 0) is None}
    return settings.model_copy(update=found)
