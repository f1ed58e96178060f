"""Standards: dated data that covers every day once."""

from datetime import date
from itertools import pairwise

import pytest

from ledger.vocabulary import OrganisationKind
from methodology import standards
from methodology.standards import STANDARDS, find_standard

EPOCH = date(1970, 1, 1)


def test_the_standards_follow_one_another_without_a_gap():
    """Newest first; the last day of one is the day before the first of the next, and the newest is still in force."""
    assert STANDARDS[0].until is None
    assert STANDARDS[-1].since == 0
    for newer, older in pairwise(STANDARDS):
        assert older.until == newer.since


@pytest.mark.parametrize("standard", STANDARDS)
def test_a_standard_is_in_force_from_its_first_day_to_its_last(standard):
    """Both edges."""
    assert find_standard(standard.since) is standard
    assert find_standard(10**6 if standard.until is None else standard.until - 1) is standard
    assert standard.citation.endswith(".")


def test_the_earliest_standard_judges_what_lies_before_it():
    """Not reached: admission refuses a date before 1970."""
    assert find_standard(-1) is STANDARDS[-1]


def test_every_kind_is_permitted_from_the_first_of_july_2023():
    """Rule 4, its day."""
    day = (date(2023, 7, 1) - EPOCH).days
    assert day == standards.JULY_2023
    assert find_standard(day - 1).permitted_kinds == {"OCG"}
    assert find_standard(day).permitted_kinds == {"OCG", "PRIORITY_INDIVIDUAL", "VULNERABILITY"}


@pytest.mark.parametrize("standard", STANDARDS)
def test_rules_1_5_and_6_hold_on_every_day_so_far(standard):
    """What each kind of recorder may record, one pillar an activity, three categories counted."""
    assert standard.permitted_types == {
        OrganisationKind.TERRITORIAL_FORCE: {"LEAD"},
        OrganisationKind.SPECIAL_FORCE: {"LEAD"},
        OrganisationKind.ROCU: {"LEAD", "SUPPORT"},
        OrganisationKind.AGENCY: {"LEAD", "SUPPORT"},
    }
    assert standard.one_pillar_per_activity
    assert standard.counted_categories == {"MAJOR", "MODERATE", "MINOR"}


def test_the_tolerance_is_five_minutes():
    """RULES.md, A14."""
    assert standards.FUTURE_TOLERANCE_MILLIS == 300_000
