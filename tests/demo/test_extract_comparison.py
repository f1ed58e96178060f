"""The demo shows the ledger's own comparison, and says when it does not add up."""

from demo.extract_comparison import LONDON, ExtractDifference, compare_extracts, draw_difference
from queries.api_client import ApiClient
from tests.dashboard.conftest import address, loader, published, settings, store
from tests.demo.test_progress_screen import list_drawn

__all__ = ["address", "loader", "published", "settings", "store"]

CELLS = {
    "metropolitan": {"then": 7_712, "now": 8_021, "causes": {"ENTERED_LATE": 320, "WITHDRAWN": -11}},
    "btp": {"then": 3, "now": 4, "causes": {"ENTERED_LATE": 1}},
    "city-of-london": {"then": 5, "now": 5, "causes": {}},
}


def test_a_difference_adds_up_or_says_that_it_does_not() -> None:
    """First extraction and causes are the second, for each organisation."""
    assert ExtractDifference(CELLS).adds_up
    assert not ExtractDifference(CELLS | {"btp": {"then": 3, "now": 3, "causes": {"ENTERED_LATE": 1}}}).adds_up


def test_the_table_leads_from_one_extraction_to_the_other() -> None:
    """Both figures, and the causes between them."""
    lines = list_drawn(draw_difference(ExtractDifference(CELLS)))
    assert [line.split() for line in lines if line][2:] == [
        ["as", "at", "4", "July", "2022", "7,712", "3", "5"],
        ["entered", "late", "+320", "+1"],
        ["withdrawn", "-11"],
        ["as", "at", "31", "January", "2023", "8,021", "4", "5"],
    ]


def test_london_is_asked_of_the_ledger(address: str) -> None:
    """One of the Metropolitan Police in the year, and nothing came to it or left it since 4 July 2022."""
    found = compare_extracts(ApiClient(address))
    assert list(found.cells) == list(LONDON)
    assert (found.cells["metropolitan"]["then"], found.cells["metropolitan"]["now"]) == (1, 1)
    assert found.adds_up
    assert found.example is None
