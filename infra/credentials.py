"""Secrets and where they go: read from files of their own, never from an address, never shown."""

from pathlib import Path
from urllib.parse import urlsplit

from ledger.errors import Misuse


def read_secret(environment: str, file: Path | None) -> str | None:
    """Return the stripped content of a secret's file, or None where no file is named.

    Raises:
        Misuse: the file cannot be read or is empty; the message names the setting and the path, never the content.
    """
    if file is None:
        return None
    try:
        content = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Misuse(f"{environment} names {file}, which cannot be read: check the path and its permissions") from None
    if not content:
        raise Misuse(f"{environment} names {file}, which is empty: put the secret there, alone")
    return content


def hold_address(name: str, url: str) -> None:
    """Hold that ``url`` is one of http or https, without a user in it. Raises Misuse naming the setting."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise Misuse(f"{name} is not of the form https://host:port/path")
    if parts.username is not None or parts.password is not None:
        raise Misuse(f"{name} has a user in it: put user:password into the file of SCHEMA_REGISTRY_USER_INFO_FILE")
