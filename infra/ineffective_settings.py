"""No setting does nothing: one that could have no effect beside the others is refused at start, with a sentence.

A value is never shown: it may be a secret in the wrong place.
"""

from collections.abc import Mapping
from typing import Any, Final

# What librdkafka and aiokafka both do with a name and a password; of the rest (GSSAPI, OAUTHBEARER) neither is tried.
MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")

PROTOCOL: Final = "KAFKA_SECURITY_PROTOCOL"
ACCOUNT: Final = ("KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD_FILE")
CERTIFICATES: Final = ("KAFKA_SSL_CA_LOCATION", "KAFKA_SSL_CERTIFICATE_LOCATION", "KAFKA_SSL_KEY_LOCATION")
TOGETHER: Final = (
    ("KAFKA_SSL_CERTIFICATE_LOCATION", "KAFKA_SSL_KEY_LOCATION"),
    ("KAFKA_SSL_KEY_LOCATION", "KAFKA_SSL_CERTIFICATE_LOCATION"),
    ("SCHEMA_REGISTRY_USER_INFO_FILE", "SCHEMA_REGISTRY_URL"),
    ("DISRUPTIONS_ALERT_WEBHOOK", "DISRUPTIONS_ALERT_WEBHOOK_SECRET_FILE"),
    ("DISRUPTIONS_ALERT_WEBHOOK_SECRET_FILE", "DISRUPTIONS_ALERT_WEBHOOK"),
)
Values = Mapping[str, Any]


def choose_one(text: str, choices: tuple[str, ...]) -> str:
    """Return ``text`` as one of ``choices``, in whatever case it was written. Raises ValueError naming them."""
    found = text.strip().upper()
    if found not in choices:
        raise ValueError(f"one of {', '.join(choices)}; no other works for every client here")
    return found


def refuse_ineffective(values: Values) -> None:
    """Hold that everything set has an effect beside the rest, and that nothing needed beside it is missing.

    Args:
        values: by environment name; None where it is not set.

    Raises:
        ValueError: names the settings and the remedy.
    """
    _hold_security(values)
    for name, needed in TOGETHER:
        if values[name] is not None and values[needed] is None:
            raise ValueError(f"{name} does nothing without {needed}: set both or neither")
    if values["CLICKHOUSE_DSN"] is not None and values["CLICKHOUSE_DSN_FILE"] is not None:
        raise ValueError("CLICKHOUSE_DSN and CLICKHOUSE_DSN_FILE are both set: keep one")
    if values["CLICKHOUSE_CLUSTER"] is not None and not (values["CLICKHOUSE_DSN"] or values["CLICKHOUSE_DSN_FILE"]):
        raise ValueError("CLICKHOUSE_CLUSTER does nothing without a server: set CLICKHOUSE_DSN too")


def _hold_security(values: Values) -> None:
    protocol = values[PROTOCOL]
    sasl, tls = protocol.startswith("SASL"), protocol.endswith("SSL")
    missing = [name for name in ACCOUNT if values[name] is None] if sasl else []
    if missing:
        raise ValueError(f"{PROTOCOL}={protocol} needs {' and '.join(missing)} too")
    idle = [*([] if sasl else ACCOUNT), *([] if tls else CERTIFICATES)]
    for name in idle:
        if values[name] is not None:
            wanted = "SASL_SSL" if name in ACCOUNT else "SSL or SASL_SSL"
            raise ValueError(f"{name} does nothing with {PROTOCOL}={protocol}: set {wanted}, or leave {name} away")
