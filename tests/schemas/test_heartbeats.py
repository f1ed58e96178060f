"""Heartbeats on the wire."""

import pytest

from ledger.errors import Rejected
from ledger.heartbeats import Heartbeat
from schemas.codec import Codec
from schemas.definitions import HEARTBEAT, read_definition
from schemas.registry import pin_ids
from tests.facts import make_disruption

CODEC = Codec(pin_ids())


@pytest.mark.parametrize(
    "said", [Heartbeat("kent", 5120, 1_657_195_200_000, 60, "Athena"), Heartbeat("kent", None, 1_657_195_200_000)]
)
def test_a_heartbeat_is_read_as_it_was_written(said: Heartbeat) -> None:
    """Null where nothing is said."""
    assert CODEC.decode_heartbeat(CODEC.encode_heartbeat(said)) == said


def test_a_heartbeat_has_the_fields_of_its_schema() -> None:
    """In no order, as it is made by their names."""
    assert {field["name"] for field in read_definition(HEARTBEAT)["fields"]} == set(Heartbeat._fields)


def test_what_is_no_heartbeat_is_refused_and_a_heartbeat_is_no_event() -> None:
    """Garbage, nothing, an event; and a heartbeat among events."""
    event = CODEC.encode_fact(make_disruption())
    for value in (None, b"", b"\x00garbage", event, CODEC.encode_heartbeat(Heartbeat("kent", 1, 1))[:-1]):
        with pytest.raises(Rejected):
            CODEC.decode_heartbeat(value)
    with pytest.raises(Rejected, match="not an event"):
        CODEC.decode(CODEC.encode_heartbeat(Heartbeat("kent", 1, 1)))
