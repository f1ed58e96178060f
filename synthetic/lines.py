"""Events as NDJSON: one a line, ``record`` first, ISO dates and instants."""

from collections.abc import Iterable
from typing import BinaryIO

import msgspec

from ledger.events import Event
from synthetic.mistakes import PlannedEvent

LINES_A_WRITE = 2_000


def write_year(sent: Iterable[PlannedEvent], out: BinaryIO) -> int:
    """Write every event sent, in order; return how many."""
    encoder = msgspec.json.Encoder()
    lines: list[bytes] = []
    written = 0
    for item in sent:
        lines.append(encode_line(encoder, item.event))
        if len(lines) == LINES_A_WRITE:
            out.write(b"".join(lines))
            written += len(lines)
            lines.clear()
    out.write(b"".join(lines))
    return written + len(lines)


def encode_line(encoder: msgspec.json.Encoder, event: Event) -> bytes:
    """Encode one event with its newline."""
    return encoder.encode(event) + b"\n"
