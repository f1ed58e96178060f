"""The runs of rows in an Avro object container file, uncoded: what the store hands out (Avro 1.12, *Object Container
Files*).
"""

from collections.abc import Sequence

import msgspec

from ledger.errors import Unavailable
from ledger.longs import decode_long

MAGIC = b"Obj\x01"
SYNC_BYTES = 16
OTHER_FORM = "the store hands its rows out in another form than this version asks for; update the service and the audit"


def read_container(data: bytes, columns: Sequence[str]) -> tuple[int, bytes]:
    """Read how many rows a file has, and their bytes.

    Raises:
        Unavailable: it is no such file, or its rows have other fields than ``columns``.
    """
    if not data:
        return 0, b""
    try:
        return _read_blocks(data, columns)
    except (IndexError, KeyError, TypeError, ValueError, msgspec.DecodeError):
        raise Unavailable(OTHER_FORM) from None


def _read_blocks(data: bytes, columns: Sequence[str]) -> tuple[int, bytes]:
    described, at = _read_head(data)
    schema = msgspec.json.decode(described[b"avro.schema"])
    if [field["name"] for field in schema["fields"]] != list(columns) or described.get(b"avro.codec") != b"null":
        raise ValueError("other fields")
    rows, runs, sync = 0, [], data[at : at + SYNC_BYTES]
    at += SYNC_BYTES
    while at < len(data):
        count, at = decode_long(data, at)
        size, at = decode_long(data, at)
        rows += count
        runs.append(data[at : at + size])
        at += size + SYNC_BYTES
        if data[at - SYNC_BYTES : at] != sync:
            raise ValueError("a block does not end")
    return rows, b"".join(runs)


def _read_head(data: bytes) -> tuple[dict[bytes, bytes], int]:
    if not data.startswith(MAGIC):
        raise ValueError("no container")
    described: dict[bytes, bytes] = {}
    pairs, at = decode_long(data, len(MAGIC))
    while pairs:
        for _ in range(pairs):
            name, at = _read_bytes(data, at)
            described[name], at = _read_bytes(data, at)
        pairs, at = decode_long(data, at)
    return described, at


def _read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = decode_long(data, at)
    return data[at : at + size], at + size
