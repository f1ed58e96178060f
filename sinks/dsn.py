"""The address of a ClickHouse server with its secret, as ``CLICKHOUSE_DSN`` has it; no part of it is ever shown."""

from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from ledger.errors import Misuse

FORM: Final = (
    "CLICKHOUSE_DSN is not of the form https://user:password@host:port/database; in user and password "
    "write / as %2F, # as %23, ? as %3F, @ as %40 and % as %25"
)
PARAMETERS: Final = ("ca_cert", "client_cert", "client_cert_key", "server_host_name", "verify")


def parse_dsn(dsn: str) -> dict[str, Any]:
    """Parse a DSN into arguments of ``clickhouse_connect.get_client``; no database: the user's own.

    Raises:
        Misuse: it is none; shows the form, and nothing of what was given.
    """
    parts, port = _split_parts(dsn.strip())
    database = unquote(parts.path.removeprefix("/"))
    after = parts.path + parts.query
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment or "/" in database or "@" in after:
        raise Misuse(FORM)
    named = {"username": parts.username, "password": parts.password}
    given: dict[str, Any] = {name: unquote(value) for name, value in named.items() if value}
    if port is not None:
        given["port"] = port
    if database:
        given["database"] = database
    return _read_parameters(parts.query) | given | {"interface": parts.scheme, "host": parts.hostname}


def _split_parts(dsn: str) -> tuple[SplitResult, int | None]:
    """Split parts and port. What the library says of a bad one quotes it: maybe half of a password."""
    try:
        parts = urlsplit(dsn)
        port = parts.port
    except ValueError:
        raise Misuse(FORM) from None
    return parts, port


def _read_parameters(query: str) -> dict[str, str]:
    try:
        found = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
    except ValueError:
        raise Misuse(FORM) from None
    if not found.keys() <= set(PARAMETERS):
        raise Misuse(f"CLICKHOUSE_DSN has a parameter that is none of {', '.join(PARAMETERS)}")
    return found
