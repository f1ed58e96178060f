"""Dimensions, by their fixed names."""

from ledger.entries import Account, ThreatAccount
from methodology.dimensions import DIMENSIONS, THREAT_DIMENSIONS


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
