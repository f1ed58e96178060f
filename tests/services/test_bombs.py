"""Bundles that would cost who checks them a machine, or that two readers read differently: refused at little cost."""

import io
import json
import zlib
from pathlib import Path
from typing import Any

import fastavro
import pytest

from schemas.containers import encode_header
from tests.services import bundled
from tests.services.conftest import Verify
from tests.services.test_tampering import edit_lines

SYNC = bytes(16)


def pack_number(number: int) -> bytes:
    """A number as Avro has it."""
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, "long", number)
    return stream.getvalue()


def pack_block(schema: Any, block: bytes) -> bytes:
    """A container with one value in a deflated block."""
    deflate = zlib.compressobj(wbits=-15)
    packed = deflate.compress(block) + deflate.flush()
    header = encode_header(json.dumps(schema).encode(), "deflate")
    return header + SYNC + pack_number(1) + pack_number(len(packed)) + packed + SYNC


def double_records(levels: int) -> Any:
    """A schema of records of two of the next, each without a byte: two to the power of its levels values."""
    found: Any = {"type": "record", "name": "R0", "fields": []}
    for level in range(1, levels + 1):
        fields = [{"name": "a", "type": found}, {"name": "b", "type": f"R{level - 1}"}]
        found = {"type": "record", "name": f"R{level}", "fields": fields}
    return found


@pytest.mark.parametrize(
    ("schema", "block"),
    [
        (double_records(20), b"\x00"),
        ({"type": "array", "items": "null"}, pack_number(1_000_001) + bytes(1_000_002)),
    ],
)
def test_a_few_bytes_that_say_a_million_values_are_refused(
    bundle: Path, verify: Verify, schema: Any, block: bytes
) -> None:
    """Neither memory nor time goes into them."""
    (bundle / "figures/9.bomb.avro").write_bytes(pack_block(schema, block))
    bundled.rewrite_manifest(bundle)
    assert verify(bundle)["fault"] == "figures/9.bomb.avro: it is not written as in a bundle (ValueError)"


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (encode_header(b'"null"', "zstandard"), "KeyError"),
        (
            encode_header(b'"null"', "null")[:-1] + b"\x02" + b"\x16avro.schema" + b"\x0c" + b'"long"' + b"\x00",
            "ValueError",
        ),
    ],
)
def test_a_header_that_readers_read_differently_is_refused(
    bundle: Path, verify: Verify, header: bytes, error: str
) -> None:
    """A codec that this program does not have, a schema that stands twice."""
    (bundle / "entries/0.bomb.avro").write_bytes(header + SYNC)
    bundled.rewrite_manifest(bundle)
    assert verify(bundle)["fault"] == f"entries/0.bomb.avro: it is not written as in a bundle ({error})"


def test_a_note_of_very_many_signatures_is_refused(bundle: Path, verify: Verify) -> None:
    """Each that is right costs its arithmetic: 101 are not read, as in the ledger's own software."""

    def repeat_signature(line: dict[str, Any]) -> dict[str, Any]:
        text, _, signatures = line["note"].partition("\n\n")
        return line | {"note": f"{text}\n\n" + signatures.splitlines(keepends=True)[0] * 101}

    edit_lines(bundle / "checkpoints.ndjson", 0, repeat_signature)
    bundled.rewrite_manifest(bundle)
    assert verify(bundle)["fault"] == "checkpoints.ndjson, line 1: it is not written as a signed note"
