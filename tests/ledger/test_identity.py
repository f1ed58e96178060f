"""Identity of events."""

import pytest

from ledger.identity import digest_content, parse_event_id
from tests.methodology.facts import make_event_id, state_disruption, state_threat


def test_an_event_id_is_sixteen_bytes_in_either_case():
    """A UUID in its usual spelling."""
    assert parse_event_id("0000000A-0000-4000-8000-00000000000f") == bytes(
        [0, 0, 0, 10, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 15]
    )
    assert parse_event_id("0000000a-0000-4000-8000-00000000000F") == parse_event_id(
        "0000000A-0000-4000-8000-00000000000f"
    )


@pytest.mark.parametrize(
    "spelling",
    [
        "",
        "7",
        "0000000a00004000800000000000000f",
        "{000000a-0000-4000-8000-00000000000f",
        "0000000g-0000-4000-8000-00000000000f",
        "0000000a-0000-4000-8000-0000000000  ",
        "0000000a-0000-4000-8000-00000000000f0",
        "0000000a-0000-4000-8000-00000000000",
        "0000000a00-00-4000-8000-00000000000f",
        "0000000a-000040-00-8000-00000000000f",
        "0000000a-0000-400080-00-00000000000f",
        "0000000a-0000-4000-800000-0000000000",
        "--------------------------------xxxx",
    ],
)
def test_what_is_not_a_uuid_has_no_key(spelling):
    """Braces, spaces, missing or misplaced dashes, a digit too many or too few."""
    assert parse_event_id(spelling) is None


def test_the_digest_is_of_every_field():
    """Two facts share a digest only when every field is the same."""
    fact = state_disruption(event_id=make_event_id(1))
    assert digest_content(fact) == digest_content(state_disruption(event_id=make_event_id(1)))
    assert len(digest_content(fact)) == 16
    digests = {digest_content(fact)}
    for name in fact.__struct_fields__:
        value = getattr(fact, name)
        other = [*value, "x"] if isinstance(value, list) else value + 1 if isinstance(value, int) else f"{value}x"
        digests.add(digest_content(state_disruption(**{"event_id": make_event_id(1), name: other})))
    assert len(digests) == 1 + len(fact.__struct_fields__)
    assert digest_content(state_threat(event_id=make_event_id(1))) not in digests
