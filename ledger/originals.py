"""What a published record is known by where an output cannot carry it: the size and the digest of its bytes.

The bytes are the record's own in Kafka's format (v2), from the length of its key to its end: each length as a zigzag
varint, -1 for null; key; value; how many headers; each header's name and value. So whoever holds the log computes the
same, and no two records have the same bytes.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from ledger.bounds import HEADERS_MAX, LARGEST_ORIGINAL_BYTES
from ledger.longs import encode_long
from ledger.vocabulary import Code

Headers = Sequence[tuple[str, bytes | None]]


class Original(NamedTuple):
    """Size in bytes and SHA-256 in hexadecimal of a record; None where it was not read."""

    size: int | None
    digest: str | None


UNREAD: Final = Original(None, None)


class Misfit(NamedTuple):
    """A record of ``soc.published`` that is refused by how it is packed, whatever it may say.

    ``key``, ``value`` and ``headers`` are empty where they are not carried. ``sentence`` says more than the code does.
    """

    offset: int
    timestamp: int
    code: Code
    original: Original
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    sentence: str | None = None
    timestamp_type: int = 1
    """1: the broker's append time; 0: the publisher's."""


def find_misfit(offset: int, timestamp: int, key: bytes | None, value: bytes | None, headers: Headers) -> Misfit | None:
    """Refuse a record that was read whole and is too large to be carried; None for any other."""
    if len(headers) <= HEADERS_MAX and measure_original(key, value, headers) <= LARGEST_ORIGINAL_BYTES:
        return None
    return Misfit(offset, timestamp, Code.RECORD_TOO_LARGE, describe_original(key, value, headers))


def measure_original(key: bytes | None, value: bytes | None, headers: Headers) -> int:
    """Count the bytes of a record."""
    size = _measure_bytes(key) + _measure_bytes(value) + len(encode_long(len(headers)))
    return size + sum(_measure_bytes(name.encode()) + _measure_bytes(found) for name, found in headers)


def describe_original(key: bytes | None, value: bytes | None, headers: Headers) -> Original:
    """Count and digest the bytes of a record."""
    size, digest = 0, sha256()
    for piece in _frame_original(key, value, headers):
        size += len(piece)
        digest.update(piece)
    return Original(size, digest.hexdigest())


def _measure_bytes(found: bytes | None) -> int:
    return 1 if found is None else len(encode_long(len(found))) + len(found)


def _frame_original(key: bytes | None, value: bytes | None, headers: Headers) -> Iterator[bytes]:
    yield from _frame_bytes(key)
    yield from _frame_bytes(value)
    yield encode_long(len(headers))
    for name, found in headers:
        yield from _frame_bytes(name.encode())
        yield from _frame_bytes(found)


def _frame_bytes(found: bytes | None) -> Iterator[bytes]:
    yield encode_long(-1 if found is None else len(found))
    if found:
        yield found
