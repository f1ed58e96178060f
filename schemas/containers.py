"""Avro object container files of datums that are encoded already: what lies in a topic is put there byte for byte.

fastavro writes containers of values, which it encodes again; a leaf of the log is made of the bytes as they were. The
sync marker is made of the header, so the same datums make the same file.
"""

import json
import zlib
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from typing import Any, BinaryIO, Final

from fastavro import block_reader, schemaless_reader

from ledger.longs import encode_bytes, encode_long
from schemas.definitions import Schema, parse_plain

MAGIC_BYTES: Final = b"Obj\x01"
SYNC_BYTES: Final = 16
BLOCK_BYTES: Final = 1 << 18
RAW_DEFLATE: Final = -15
CODEC: Final = "deflate"


class DatumWriter:
    """Writes one container file.

    Args:
        stream: where to; whoever opened it closes it.
        schema: by which the datums are written.
    """

    def __init__(self, stream: BinaryIO, schema: Schema) -> None:
        self._stream = stream
        header = encode_header(json.dumps(schema).encode(), CODEC)
        self._sync = sha256(header).digest()[:SYNC_BYTES]
        self._stream.write(header + self._sync)
        self._datums: list[bytes] = []
        self._size = 0

    def add_datum(self, datum: bytes) -> None:
        """Add a datum."""
        self._datums.append(datum)
        self._size += len(datum)
        if self._size >= BLOCK_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is held back, as a block."""
        if self._datums:
            packer = zlib.compressobj(wbits=RAW_DEFLATE)
            block = packer.compress(b"".join(self._datums)) + packer.flush()
            self._stream.write(encode_long(len(self._datums)) + encode_bytes(block) + self._sync)
            self._datums, self._size = [], 0


def encode_header(schema: bytes, codec: str) -> bytes:
    """Write a container's header up to its sync marker, of a schema as JSON."""
    fields = {"avro.schema": schema, "avro.codec": codec.encode()}
    written = [encode_bytes(part) for name, value in fields.items() for part in (name.encode(), value)]
    return b"".join((MAGIC_BYTES, encode_long(len(fields)), *written, encode_long(0)))


def read_datums(stream: BinaryIO) -> Iterator[tuple[bytes, Any]]:
    """Read the datums of a container file: each one's bytes, and its value by the schema that wrote it."""
    blocks = block_reader(stream)
    schema = parse_plain(json.loads(blocks.metadata["avro.schema"]))
    for block in blocks:
        raw = BytesIO(block.bytes_.getvalue())
        for _ in range(block.num_records):
            start = raw.tell()
            value = schemaless_reader(raw, schema, None)
            yield raw.getbuffer()[start : raw.tell()].tobytes(), value
