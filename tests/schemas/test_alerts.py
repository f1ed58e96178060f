"""An alert reads back as it was written; whatever else lies in its topic is none."""

from typing import Any

import pytest

from ledger.longs import encode_long
from ledger.vocabulary import AlertKind, AlertState
from schemas.alerts import Alert, decode_alert, encode_alert
from schemas.definitions import ALERT as ALERT_NAME
from schemas.definitions import read_definition
from schemas.registry import PinnedIds, pin_ids

ALERT = Alert(AlertKind.BEHIND, "the ledger", AlertState.RAISED, 1, 130.5, 120.0, "Behind.", "Look.", "us 1")
WRITTEN = encode_alert(ALERT, pin_ids())


def test_an_alert_reads_back_as_it_was_written() -> None:
    """All its fields."""
    assert decode_alert(WRITTEN, pin_ids()) == ALERT


FOREVER = encode_alert(ALERT._replace(at=2**60), pin_ids())


@pytest.mark.parametrize(
    "value",
    [None, b"", b"\x00", b"garbage", WRITTEN[:5], WRITTEN[:20], b"\x00\x00\x00\x00\x07" + WRITTEN[5:], FOREVER],
    ids=["null", "empty", "one byte", "text", "a frame alone", "cut", "of an unknown schema", "beyond every calendar"],
)
def test_what_is_no_alert_is_passed_over(value: bytes | None) -> None:
    """Nobody is to be able to stop alerts by writing into their topic."""
    assert decode_alert(value, pin_ids()) is None


@pytest.mark.parametrize(
    ("extra", "written"),
    [([{"name": "many", "type": {"type": "array", "items": "null"}}], encode_long(2**50)), ([None], b"")],
    ids=["an array of nothing, without end", "no schema at all"],
)
def test_what_a_registry_holds_beside_ours_stops_no_reader(extra: list[Any], written: bytes) -> None:
    """Whoever may register a schema may name it in an alert."""
    definition = read_definition(ALERT_NAME)
    ids = PinnedIds({}, {7: {**definition, "fields": [*definition["fields"], *extra]}})
    assert decode_alert(b"\x00\x00\x00\x00\x07" + WRITTEN[5:] + written, ids) is None
