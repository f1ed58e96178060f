"""Addresses of brokers in one normal form, ``host:port,host:port``: what every Kafka client reads in the same way.

People also write the listener's scheme before each (``SSL://kafka:9093``), spaces, a comma at the end, or no port.
"""

import re
from typing import Final

PROTOCOLS: Final = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
DEFAULT_PORT: Final = 9092  # as librdkafka and aiokafka have it
PORT_MOST: Final = 65_535
FORM: Final = "write host:port, parted by commas, an IPv6 address in brackets"

_ADDRESS = re.compile(
    r"(?:(?P<scheme>[A-Za-z_]+)://)?(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?/?"
)


def parse_addresses(text: str, protocol: str) -> str:
    """Return the addresses in their normal form: no scheme, no spaces, none empty, none twice, each with its port.

    Args:
        text: addresses as somebody wrote them.
        protocol: the security protocol that the settings name, one of ``PROTOCOLS``.

    Raises:
        ValueError: none is there, one is not an address, or its scheme contradicts ``protocol``; says which by its
            number and never shows it (a password may have come before the host).
    """
    written = [part.strip() for part in text.split(",") if part.strip()]
    if not written:
        raise ValueError(f"names no broker: {FORM}")
    return ",".join(dict.fromkeys(_parse_one(part, number, protocol) for number, part in enumerate(written, 1)))


def _parse_one(part: str, number: int, protocol: str) -> str:
    found = _ADDRESS.fullmatch(part)
    port = int(found["port"] or DEFAULT_PORT) if found else 0
    if found is None or not 1 <= port <= PORT_MOST:
        raise ValueError(f"address {number} is not one: {FORM}")
    _hold_scheme(found["scheme"], number, protocol)
    return f"{found['host']}:{port}"


def _hold_scheme(scheme: str | None, number: int, protocol: str) -> None:
    if scheme is None or scheme.upper() == protocol:
        return
    if scheme.upper() not in PROTOCOLS:
        raise ValueError(f"address {number} begins with a scheme that is none of {', '.join(PROTOCOLS)}: {FORM}")
    raise ValueError(
        f"address {number} says {scheme.upper()}, KAFKA_SECURITY_PROTOCOL says {protocol}: "
        f"set KAFKA_SECURITY_PROTOCOL={scheme.upper()}, or name a listener that speaks {protocol}"
    )
