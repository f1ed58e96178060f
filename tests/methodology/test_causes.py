"""What a move is called, by the table in methodology/RULES.md: the first that holds."""

import pytest

from methodology.causes import Cause, Move, find_cause, name_cause

NOTHING = Move(
    learnt_late=False, shift=0, happened_since=False, category=False, record=False, awaited=False, threat=False,
    own_entry=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("move", "cause"),
    [
        ({}, "ACTIVITY_CHANGED"),
        ({"own_entry": True}, "AMENDED"),
        ({"own_entry": True, "threat": True}, "THREAT_RECLASSIFIED"),
        ({"threat": True, "awaited": True}, "THREAT_KNOWN"),
        ({"threat": True, "record": True}, "AMENDED"),
        ({"record": True, "category": True}, "REASSESSED"),
        ({"category": True, "shift": -1}, "WITHDRAWN"),
        ({"shift": 1}, "ENTERED_LATE"),
        ({"shift": 1, "happened_since": True}, "HAPPENED_SINCE"),
        ({"shift": 1, "learnt_late": True}, "LEARNT_LATE"),
    ],
)
def test_the_first_cause_that_holds_is_the_cause(move, cause):
    assert find_cause(NOTHING._replace(**move)) is Cause(cause)


def test_a_cause_has_a_name_in_words():
    assert name_cause(Cause.ENTERED_LATE) == "entered late"
