"""Measures: what a count filters by."""

import pytest

from methodology import measures
from methodology.measures import COUNTED, LEAD, SUPPORT, THREAT_COUNT


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ({}, True),
        ({"assessment_type": "THEMATIC"}, False),
        ({"moderation_status": "UNMODERATED"}, False),
        ({"moderation_status": "REJECTED"}, False),
        ({"soc": False}, False),
        ({"tier": 5}, False),
        ({"tier": 4}, True),
        ({"closed": True}, False),
    ],
)
def test_the_threat_count_is_tactical_moderated_soc_not_tier_5_and_not_closed(said, counts):
    """Rule 8."""
    fields = {"assessment_type": "TACTICAL", "moderation_status": "MODERATED", "soc": True, "tier": 1, "closed": False}
    assert holds_true(THREAT_COUNT, fields | said) is counts
    assert {one.rule for one in THREAT_COUNT} == {"R8"}


def holds_true(conditions, fields) -> bool:
    return all((fields[one.field] == one.value) is (one.operator == "=") for one in conditions)


def test_lead_and_support_are_apart():
    """Rule 3: no account is both; rule 6 in the standing."""
    assert [holds_true([one], {"type": "LEAD"}) for one in (LEAD, SUPPORT)] == [True, False]
    assert [holds_true([one], {"type": "SUPPORT"}) for one in (LEAD, SUPPORT)] == [False, True]
    assert COUNTED == ("standing", "=", "COUNTED", "R6")
    assert (LEAD.rule, SUPPORT.rule) == ("R3", "R3")


def test_the_measure_has_a_version():
    """Every answer carries it; it changes with the definitions."""
    assert measures.MEASURE == "2026.1"
