"""Stray quotes: the rows that they swallow are named, and the others are sent."""

from pathlib import Path

import pytest

from tests.producers.rows_of_files import Told, make_cells, make_text


def read_told(tmp_path: Path, text: str) -> Told:
    path = tmp_path / "f.csv"
    path.write_bytes(text.encode())
    return Told(path)


def make_table(*reasons: str) -> str:
    """Rows 2, 3, … with these texts, as they are, under ``reason``."""
    return make_text(make_cells(number, reason=reason) for number, reason in enumerate(reasons, 1))


def test_a_quote_that_is_never_closed_names_the_rows_that_it_swallows(tmp_path: Path) -> None:
    """All to the end; those before it are sent."""
    told = read_told(tmp_path, make_table("", '"never closed', "", ""))
    assert (told.numbers, told.ended) == ([2], [2, 3, 4, 5])
    assert [(row.number, row.last, row.reason) for row in told.refused] == [
        (3, 5, "not sent, as the quote opened in row 3 is never closed")
    ]


def test_of_3000_rows_none_is_left_unnamed(tmp_path: Path) -> None:
    """However far the quote reaches: no part of what it swallowed is sent."""
    told = read_told(tmp_path, make_table("", '"never closed', *[""] * 2998))
    assert (told.numbers, told.ended) == ([2], list(range(2, 3002)))
    assert told.reasons == [(3, "not sent, as the quote opened in row 3 is not closed within 100,000 characters")]


@pytest.mark.parametrize("closing", ['closed"', '"closed", too"', '"and again"'])
def test_a_quote_that_another_stray_one_closes_names_the_rows_between(tmp_path: Path, closing: str) -> None:
    """Although the first of these would be one whole row with a long reason."""
    told = read_told(tmp_path, make_table("", '"opened', "", closing, ""))
    assert (told.numbers, told.ended) == ([2, 6], [2, 3, 4, 5, 6])
    assert told.reasons == [(3, "not sent, as the quote opened in row 3 is closed only in row 5")]


def test_a_reason_of_several_lines_is_one_row(tmp_path: Path) -> None:
    """With commas and doubled quotes in it."""
    told = read_told(tmp_path, make_table('"first, line\r\nsecond ""line"", with a comma\r\n\r\nlast"', ""))
    assert (told.numbers, told.reasons) == ([2, 3], [])
    assert told.facts[0].reason == 'first, line\r\nsecond "line", with a comma\r\n\r\nlast'


def test_a_bad_quote_refuses_its_row_alone(tmp_path: Path) -> None:
    """The next ones are read."""
    told = read_told(tmp_path, make_table('"a"b', ""))
    assert (told.reasons, told.numbers) == ([(2, "not a row of CSV: see its quotes")], [3])


def test_a_row_that_is_far_too_long_is_refused_alone(tmp_path: Path) -> None:
    """Also one beyond what is read at a time."""
    for length in (100_001, 1_000_000, 2_500_000):
        told = read_told(tmp_path, make_table("x" * length, ""))
        assert (told.reasons, told.numbers) == ([(2, "the row is longer than 100,000 characters")], [3])


def test_a_row_that_is_cut_off_at_the_end_is_refused(tmp_path: Path) -> None:
    """Short of a cell and without line end: what stands last may be a part of what it was."""
    whole = make_table("", "")
    told = read_told(tmp_path, whole[: whole.rindex(",a1,") + 2])
    assert told.reasons == [(3, "fewer cells than columns, and no line end: the file seems to be cut off here")]
    assert read_told(tmp_path, whole.rstrip()).numbers == [2, 3]


def test_a_row_may_leave_out_its_last_empty_cells(tmp_path: Path) -> None:
    """As Excel does when a column is empty over many rows."""
    assert read_told(tmp_path, make_table("", "").replace(",a1,,\r", ",a1\r")).numbers == [2, 3]
