"""Confluent framing: which schema wrote a value, and where its datum starts.

Two forms are read, as confluent-kafka's own deserializer does: a header ``__value_schema_id`` (magic 0 and a 4-byte id,
or magic 1 and a 16-byte GUID; the value is then the bare datum), or else the value's own prefix of magic 0 and a 4-byte
id. The header goes first. Only the prefix is written.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Final
from uuid import UUID

from ledger.errors import Rejected
from ledger.vocabulary import Code

SCHEMA_HEADER: Final = "__value_schema_id"
Reference = int | UUID
WireHeaders = Sequence[tuple[str, bytes | None]]

NO_SCHEMA_ID: Final = "The value does not start with a schema id; publish in the Confluent wire format."

_ID: Final = Struct(">BI")
MAGIC: Final = 0
FRAME_BYTES: Final = 5
_GUID_BYTES: Final = 17


def make_prefix(schema_id: int) -> bytes:
    """Make the five bytes that go before a datum."""
    return _ID.pack(MAGIC, schema_id)


def locate_datum(value: bytes, headers: WireHeaders) -> tuple[Reference, int]:
    """Find the writer's schema and the index where the datum starts.

    Raises:
        Rejected: UNDECODABLE, neither form is there.
    """
    for name, found in headers:
        if name == SCHEMA_HEADER and found is not None:
            return _read_header(found), 0
    if len(value) < FRAME_BYTES or value[0] != MAGIC:
        raise Rejected(Code.UNDECODABLE, NO_SCHEMA_ID)
    return int.from_bytes(value[1:5], "big"), FRAME_BYTES


def _read_header(found: bytes) -> Reference:
    if len(found) == FRAME_BYTES and found[0] == MAGIC:
        return int.from_bytes(found[1:], "big")
    if len(found) == _GUID_BYTES and found[0] == 1:
        return UUID(bytes=found[1:])
    raise Rejected(Code.UNDECODABLE, f"The header {SCHEMA_HEADER} holds neither a schema id nor a GUID.")
