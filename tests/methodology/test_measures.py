"""Measures: the dimensions by their fixed names, and rule 8's filters."""

import pytest

from ledger.entries import Account, ThreatAccount
from methodology import measures
from methodology.measures import COUNTED, DIMENSIONS, LEAD, SUPPORT, THREAT_COUNT, THREAT_DIMENSIONS


def test_the_dimensions_are_those_of_the_command_line():
    """The fixed names of ``--by``, in their order."""
    fixed = ["org", "region", "type", "pillar", "kind", "crime_type", "category", "standing", "month"]
    assert list(DIMENSIONS) == [one.name for one in DIMENSIONS.values()] == fixed


def test_each_dimension_reads_a_field_of_its_account():
    """Nothing is counted by what no leg carries."""
    assert {one.field for one in DIMENSIONS.values()} == set(Account._fields)
    assert {one.field for one in THREAT_DIMENSIONS.values()} < set(ThreatAccount._fields)
    assert list(THREAT_DIMENSIONS) == [one.name for one in THREAT_DIMENSIONS.values()]


def test_two_dimensions_are_made_from_a_field():
    """Region from the organisation, month from the event date; the rest are read as they are."""
    made = {one.name: (one.field, one.derived) for one in DIMENSIONS.values() if one.derived}
    assert made == {"region": ("organisation", "region"), "month": ("event_date", "month")}
    assert {one.name: one.field for one in THREAT_DIMENSIONS.values() if one.derived} == {"region": "owner"}


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
