"""Alerts as they lie in ``soc.alerts``: one record for each that was raised or cleared."""

from io import BytesIO
from typing import NamedTuple

from fastavro import schemaless_reader, schemaless_writer

from ledger.facts import Millis
from ledger.instants import LATEST, make_instant
from ledger.vocabulary import AlertKind, AlertState
from schemas.definitions import ALERT, parse_plain, read_plain
from schemas.hazards import is_hazardous
from schemas.registry import SchemaIds
from schemas.wire import FRAME_BYTES, MAGIC, make_prefix


class Alert(NamedTuple):
    """One alert that was raised or cleared; the fields are those of ``Alert.avsc``."""

    kind: AlertKind
    subject: str
    state: AlertState
    at: Millis
    value: float
    bound: float
    sentence: str
    remedy: str
    software: str


def encode_alert(alert: Alert, ids: SchemaIds) -> bytes:
    """Encode it, framed. Raises Unavailable: the registry does not answer."""
    stream = BytesIO(make_prefix(ids.find_id(ALERT)))
    stream.seek(0, 2)
    schemaless_writer(stream, read_plain(ALERT), alert._asdict())
    return stream.getvalue()


def decode_alert(value: bytes | None, ids: SchemaIds) -> Alert | None:
    """Decode one; None where the bytes are none: somebody else wrote them.

    Raises:
        Unavailable: the registry does not answer.
    """
    if value is None or len(value) <= FRAME_BYTES or value[0] != MAGIC:
        return None
    writer = ids.find_writer(int.from_bytes(value[1:FRAME_BYTES], "big"))
    try:
        if writer is None or is_hazardous(writer):
            return None
        found = schemaless_reader(BytesIO(value[FRAME_BYTES:]), parse_plain(writer), read_plain(ALERT))
        alert = Alert(**found | {"kind": AlertKind(found["kind"]), "state": AlertState(found["state"])})
        return alert if make_instant(alert.at).date() <= LATEST else None
    except MemoryError:  # this process's want, for which nobody is blamed
        raise
    except Exception:  # bytes from outside: whatever they make the decoder raise, they are no alert
        return None
