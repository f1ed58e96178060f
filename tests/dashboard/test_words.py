"""What symbols are called on pages, and the addresses that pages are linked by."""

from datetime import date
from enum import StrEnum

import pytest

from dashboard.links import link_organisation, link_records, link_region
from dashboard.regions import list_slugs
from dashboard.rendering import count_things
from dashboard.view import View
from dashboard.words import STANDING_SENTENCES, SYMBOLS, name_symbol
from ledger import vocabulary
from ledger.organisations import ORGANISATIONS, UNKNOWN_REGION, list_regions
from methodology.assessed import UNKNOWN
from methodology.dimensions import DIMENSIONS, THREAT_DIMENSIONS

YEAR = View(start=date(2021, 7, 1), end=date(2022, 6, 30))
VOCABULARIES = [
    one for one in vars(vocabulary).values() if isinstance(one, type) and one.__module__ == "ledger.vocabulary"
]


@pytest.mark.parametrize("vocabulary_", VOCABULARIES)
def test_every_symbol_of_every_vocabulary_has_a_name_of_its_own(vocabulary_: type[StrEnum]) -> None:
    """One that is added is missed here; a name in capitals is a symbol that nobody named."""
    symbols = {one.value for one in vocabulary_}
    names = [found for found in SYMBOLS.values() if symbols <= set(found)]
    assert names, f"name the symbols of {vocabulary_.__name__} in dashboard/words.py"
    for found in names:
        assert len(set(found.values())) == len(found)
        assert not [one for one in found.values() if one.isupper() or "_" in one]


def test_every_dimension_whose_values_are_symbols_has_names() -> None:
    """A month and a tier are shown as they stand."""
    assert {*DIMENSIONS, *THREAT_DIMENSIONS} - set(SYMBOLS) == {"month", "tier"}
    assert name_symbol("month", "2022-06") == "2022-06"


def test_what_is_not_known_is_named_in_every_dimension_that_has_it() -> None:
    """Rule 16: unknown is a row."""
    assert [name_symbol(one, UNKNOWN) for one in ("kind", "crime_type")] == ["Unknown", "Unknown"]
    assert name_symbol("region", UNKNOWN_REGION) == "Unknown"


def test_each_standing_is_explained_in_a_sentence() -> None:
    """Every one of them."""
    assert set(STANDING_SENTENCES) == set(vocabulary.Standing)
    assert all(one.endswith(".") for one in STANDING_SENTENCES.values())


def test_a_link_to_records_keeps_the_view_and_says_the_filters() -> None:
    """As the page of records takes them."""
    link = link_records(YEAR, org="kent", pillar="PURSUE")
    assert link == "/records?from=2021-07-01&to=2022-06-30&org=kent&pillar=PURSUE"


def test_regions_and_organisations_are_linked_by_slug_and_code() -> None:
    """What is not known has no page."""
    assert link_region(YEAR, "North East") == "/regions/north-east?from=2021-07-01&to=2022-06-30"
    assert link_organisation(YEAR, "kent") == "/organisations/kent?from=2021-07-01&to=2022-06-30"
    assert link_region(YEAR, UNKNOWN_REGION) is None
    assert link_organisation(YEAR, "nowhere") is None


def test_every_region_has_a_slug_that_an_address_can_hold() -> None:
    """And all are others."""
    assert set(list_slugs().values()) == set(list_regions())
    assert len(ORGANISATIONS) == 56
    assert all(one.replace("-", "").isascii() and one.replace("-", "").isalpha() for one in list_slugs())


def test_one_thing_is_no_plural() -> None:
    """Thousands are grouped as in every number."""
    assert [count_things(count, "event") for count in (0, 1, 1204)] == ["0 events", "1 event", "1,204 events"]
