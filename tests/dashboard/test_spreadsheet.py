"""Cells of a spreadsheet: whatever somebody wrote into a reference, no program that opens the file works it out."""

import pytest

from dashboard.spreadsheet import neutralise_cell


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
                                  "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}", "\t", "\r"])  # fmt: skip
def test_a_text_that_a_spreadsheet_would_work_out_has_an_apostrophe(sign: str) -> None:
    """Behind blanks too; the wide signs are taken for the others where East Asian text is set up."""
    assert neutralise_cell(f"{sign}1+1") == f"'{sign}1+1"
    assert neutralise_cell(f"  {sign}1+1") == f"'  {sign}1+1"


@pytest.mark.parametrize("value", ["KENT/2022/1", "1-2", "", -3, 0.5, None])
def test_any_other_cell_is_as_it_is(value: object) -> None:
    """Numbers are below nothing: a difference of -3 stays one."""
    assert neutralise_cell(value) == value
