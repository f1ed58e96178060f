"""Bounds of the fields: what is as long as it may be passes, and one character more is named."""

import pytest

from ledger.bounds import describe_bound, find_too_long
from tests.methodology.facts import state_disruption, state_threat

DISRUPTIONS = [
    "event_id",
    "disruption_id",
    "threat_id",
    "recorded_by",
    "benefits",
    "activity_ref",
    "plan_ref",
    "actor",
    "source_system",
]


def test_what_keeps_to_every_bound_passes():
    """All references at 200 characters of four bytes, a reason of 4,000, 50 tags of 100."""
    full = {"reason": "r" * 4000, "tags": ["t" * 100] * 50}
    assert find_too_long(state_disruption(**dict.fromkeys(DISRUPTIONS, "\U0001f600" * 200), **full)) is None
    names = ["event_id", "threat_id", "owner", "actor", "source_system", "phase"]
    assert find_too_long(state_threat(**dict.fromkeys(names, "x" * 200), **full)) is None
    assert find_too_long(state_disruption()) is None
    assert find_too_long(state_threat()) is None


@pytest.mark.parametrize("name", DISRUPTIONS)
def test_a_reference_of_201_characters_is_named(name):
    """The others are short."""
    assert find_too_long(state_disruption(**{name: "x" * 201})) == name


@pytest.mark.parametrize("name", ["event_id", "threat_id", "owner", "actor", "source_system", "phase"])
def test_a_field_of_a_threat_of_201_characters_is_named(name):
    """Phase has the bound of a reference, and is none."""
    assert find_too_long(state_threat(**{name: "x" * 201})) == name


@pytest.mark.parametrize(
    ("said", "name"),
    [({"reason": "r" * 4001}, "reason"), ({"tags": ["t"] * 51}, "tags"), ({"tags": ["short", "t" * 101]}, "tags")],
)
def test_a_long_reason_and_too_many_or_too_long_tags_are_named(said, name):
    """In both events."""
    assert find_too_long(state_disruption(**said)) == name
    assert find_too_long(state_threat(**said)) == name


def test_a_bound_is_said_in_words():
    """For whoever has to keep to it."""
    assert describe_bound("threat_id") == "at most 200 characters"
    assert describe_bound("phase") == "at most 200 characters"
    assert describe_bound("reason") == "at most 4,000 characters"
    assert describe_bound("tags") == "at most 50 of at most 100 characters each"
