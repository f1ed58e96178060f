"""The list of organisations, against Appendix 1 of the inspection reports, written out by hand."""

from collections import Counter
from itertools import pairwise

import pytest

from ledger import organisations
from ledger.organisations import (
    AGENCIES,
    FORCES,
    ORGANISATIONS,
    ROCUS,
    RegionMembership,
    find_organisation,
    find_region,
    find_region_in,
)

JULY_2022 = 19_174


def test_the_list_holds_forty_three_territorial_forces_and_british_transport_police():
    """43 and one special force."""
    assert Counter(one.kind.value for one in FORCES) == {"TERRITORIAL_FORCE": 43, "SPECIAL_FORCE": 1}


def test_nine_regions_have_a_unit_and_london_has_none():
    """ "Ten regions, nine regional organised crime units (London has none)"."""
    with_unit = {find_region(one.code, JULY_2022) for one in ROCUS}
    all_regions = {find_region(one.code, JULY_2022) for one in FORCES}
    assert (len(ROCUS), len(with_unit), len(all_regions)) == (9, 9, 10)
    assert all_regions - with_unit == {"London"}


def test_a_unit_serves_the_region_that_its_forces_are_in():
    """Every region's name is spelled one way."""
    assert {find_region(one.code, JULY_2022) for one in ROCUS} <= {find_region(one.code, JULY_2022) for one in FORCES}


def test_the_agencies_are_national():
    """The agencies' region is ``National``."""
    assert [one.code for one in AGENCIES] == ["nca", "hmrc", "immigration-enforcement"]
    assert {find_region(one.code, JULY_2022) for one in AGENCIES} == {"National"}


def test_each_code_and_each_area_is_one_organisation():
    """Codes are unique; 43 police-force areas, each of one territorial force."""
    assert len({one.code for one in ORGANISATIONS}) == len(ORGANISATIONS) == 56
    areas = [one.ons_code for one in ORGANISATIONS if one.ons_code]
    assert len(set(areas)) == len(areas) == 43
    assert all(one.ons_code for one in FORCES if one.kind == "TERRITORIAL_FORCE")


@pytest.mark.parametrize(
    ("code", "kind", "ons_code", "region"),
    [
        ("metropolitan", "TERRITORIAL_FORCE", "E23000001", "London"),
        ("city-of-london", "TERRITORIAL_FORCE", "E23000034", "London"),
        ("btp", "SPECIAL_FORCE", None, "London"),
        ("north-wales", "TERRITORIAL_FORCE", "W15000001", "North West"),
        ("kent", "TERRITORIAL_FORCE", "E23000032", "Eastern"),
        ("rocu-tarian", "ROCU", None, "Southern Wales"),
        ("hmrc", "AGENCY", None, "National"),
    ],
)
def test_an_organisation_is_found_by_its_code(code, kind, ons_code, region):
    """Rows of the appendix that are easily got wrong."""
    found = find_organisation(code)
    assert (found.kind, found.ons_code, find_region(code, JULY_2022)) == (kind, ons_code, region)


def test_an_unknown_code_is_none_and_its_region_unknown():
    """Rule 16: unknown is a row."""
    assert find_organisation("atlantis") is None
    assert find_region("atlantis", JULY_2022) == "UNKNOWN"


def test_membership_is_dated_by_its_first_day_and_the_day_after_its_last():
    """A force that moves leaves earlier figures where they were."""
    spells = (RegionMembership("East", 10, 20), RegionMembership("West", 20))
    assert [find_region_in(spells, day) for day in (9, 10, 19, 20, 99)] == ["UNKNOWN", "East", "East", "West", "West"]


def test_no_organisation_is_in_two_regions_on_one_day():
    """Memberships of an organisation follow one another."""
    for one in ORGANISATIONS:
        for earlier, later in pairwise(one.memberships):
            assert earlier.until is not None
            assert earlier.until <= later.since


def test_every_region_is_listed_once_and_forces_first():
    """Ten regions and the agencies'."""
    assert len(organisations.list_regions()) == len(set(organisations.list_regions())) == 11
    assert organisations.list_regions()[-1] == "National"
