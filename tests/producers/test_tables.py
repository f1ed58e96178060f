"""Tables as spreadsheets write them: what is unambiguous is taken and said, the rest refused in one sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.producers.rows_of_files import COLUMNS, Told, make_cells, make_text

Write = Callable[..., Told]


@pytest.fixture
def table(tmp_path: Path) -> Write:
    """``table(text, encoding="utf-16")``: what becomes of a CSV file of this text."""

    def write_table(text: str, encoding: str = "utf-8", name: str = "f.csv") -> Told:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return Told(path)

    return write_table


UNSEEN = "it has a character that cannot be seen, such as a tab or a line break: take it out"
ROWS = [make_cells(1), make_cells(2)]


@pytest.mark.parametrize(
    ("delimiter", "said"),
    [
        (",", []),
        (";", ["cells were parted by semicolons"]),
        ("\t", ["cells were parted by tabs"]),
        ("|", ["cells were parted by upright bars"]),
    ],
)
def test_cells_may_be_parted_otherwise(table: Write, delimiter: str, said: list[str]) -> None:
    """Both rows are sent, and it is said what parts them."""
    told = table(make_text(ROWS, delimiter))
    assert ([fact.disruption_id for fact in told.facts], told.taken) == (["D-1", "D-2"], said)


def test_a_first_row_may_state_the_separator(table: Write) -> None:
    """As Excel writes it; rows are numbered with it."""
    told = table("sep=;\r\n" + make_text(ROWS, ";"))
    assert (told.numbers, told.taken) == ([3, 4], ["cells were parted by semicolons"])
    assert table("sep=#\r\n" + make_text(ROWS, "#")).numbers == [3, 4]


def test_a_title_may_stand_above_the_names_of_the_columns(table: Write) -> None:
    """The row of the names is found, and said."""
    told = table("Disruptions of week 14,,\r\n\r\n" + make_text(ROWS))
    assert (told.numbers, told.taken) == ([4, 5], ["the columns are named in row 3; what stands above was passed over"])


def test_a_title_may_have_the_name_of_a_column_in_it(table: Write) -> None:
    """The columns are where three of them are named."""
    assert table("Record,of,disruptions\r\n" + make_text(ROWS)).numbers == [3, 4]


def test_names_of_columns_are_read_in_any_letter_case(table: Write) -> None:
    """Each is said once."""
    header = ["Record", "Event_ID", "Disruption ID", *COLUMNS[2:3], *COLUMNS[4:]]
    rows = [[row[0], row[1], row[3], row[2], *row[4:]] for row in ROWS]
    told = table(make_text(rows, header=header))
    assert [fact.disruption_id for fact in told.facts] == ["D-1", "D-2"]
    assert told.taken == [
        "the column Record was read as record",
        "the column Event_ID was read as event_id",
        "the column Disruption ID was read as disruption_id",
    ]


@pytest.mark.parametrize("again", ["category", "Category", " category "])
def test_a_column_that_stands_twice_is_refused(table: Write, again: str) -> None:
    """Neither the first nor the last wins."""
    told = table(make_text([[*row, "MAJOR"] for row in ROWS], header=[*COLUMNS, again]))
    assert (told.facts, told.reasons) == ([], [(1, "category: the column stands twice; take one out")])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_text_may_state_its_encoding(table: Write, encoding: str) -> None:
    """By the mark at its beginning."""
    told = table(make_text([make_cells(1, reason="caf\u00e9")]), encoding)
    assert told.facts[0].reason == "caf\u00e9"
    assert told.taken == ([] if encoding == "utf-8-sig" else [f"text was read as {encoding.upper()}"])


def test_windows_text_is_refused_by_row_and_named(table: Write) -> None:
    """The rows that are the same in both are sent."""
    told = table(make_text([make_cells(1, reason="caf\u00e9"), make_cells(2)]), "cp1252")
    assert told.reasons == [(2, "not UTF-8, perhaps Windows-1252: save the file as CSV UTF-8")]
    assert told.numbers == [3]


def test_utf_16_without_its_mark_is_refused_once(table: Write) -> None:
    """Nothing says which of the two it is."""
    told = table(make_text(ROWS), "utf-16-le")
    assert told.reasons == [(1, "neither text in UTF-8 nor a workbook; save it as CSV UTF-8, as .xlsx, or as NDJSON")]


def test_rows_of_blanks_are_passed_over(table: Write) -> None:
    """With spaces or without, and columns without a name or a cell too."""
    text = make_text([ROWS[0], ["  ", " ", *[""] * 13], ROWS[1]], header=[*COLUMNS, "", ""])
    told = table(text + ",,,\r\n\r\n")
    assert (told.numbers, told.reasons) == ([2, 4], [])


def test_dates_with_slashes_are_day_month_year(table: Write) -> None:
    """7 January and 14 June 2022, days 18999 and 19157 since 1970; said once."""
    rows = [make_cells(1, event_date="07/01/2022"), make_cells(2, event_date="14/6/2022", entered_at="15/06/2022")]
    told = table(make_text(rows))
    assert [fact.event_date for fact in told.facts] == [18999, 19157]
    assert told.facts[1].entered_at == 1_655_333_999_999  # the end of 15 June in London
    assert told.taken == [
        "dates with slashes in event_date were read as day/month/year",
        "dates with slashes in entered_at were read as day/month/year",
    ]


def test_one_date_that_is_month_first_makes_all_with_slashes_doubtful(table: Write) -> None:
    """Also those above it; dates of another form are sent."""
    rows = [
        make_cells(1, event_date="06/07/2022"),
        make_cells(2, event_date="06/14/2022"),
        make_cells(3),
        make_cells(4, entered_at="14/07/2022"),
    ]
    told = table(make_text(rows))
    said = "not all dates with slashes here are day/month/year; write it as 2022-07-01"
    assert told.reasons == [(2, f"event_date: {said}"), (3, f"event_date: {said}"), (5, f"entered_at: {said}")]
    assert (told.numbers, told.taken) == ([4], [])


@pytest.mark.parametrize(
    ("field", "cell", "said"),
    [
        ("event_date", "31/02/2022", "event_date: not a date such as 2022-07-01, nor 01/07/2022 for the first of July"),
        ("event_date", "01/07/22", "event_date: not a date such as 2022-07-01"),
        (
            "entered_at",
            "15/06/2022 09:05",
            "entered_at: not an ISO 8601 instant, such as 2022-07-01T09:30:00+01:00",
        ),
        ("threat_id", "1.23457E+17", "threat_id: a number that a spreadsheet has shortened; write it out, as text"),
        ("threat_id", "#N/A", "threat_id: an error of the spreadsheet; put a value in its place"),
        ("actor", "T\u200b1", f"actor: {UNSEEN}"),
        ("threat_id", "x" * 201, "threat_id: too long, at most 200 characters"),
        ("reason", "x" * 4001, "reason: too long, at most 4,000 characters"),
        ("tags", ";".join("t" * 51), "tags: too long, at most 50 of at most 100 characters each"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_meant_is_refused(table: Write, field: str, cell: str, said: str) -> None:
    """With its row, its column and the remedy; the next row is sent."""
    told = table(make_text([make_cells(1, **{field: cell}), make_cells(2)]))
    assert (told.reasons, told.numbers) == ([(2, said)], [3])


@pytest.mark.parametrize("text", ["=1+1", "+44", "-2", "@SUM(A1)", "=HYPERLINK(A1)"])
def test_a_formula_in_text_stays_text(table: Write, text: str) -> None:
    """As it stands."""
    assert table(make_text([make_cells(1, reason=text)])).facts[0].reason == text


def test_whole_numbers_with_a_point_are_whole_numbers(table: Write) -> None:
    """As a table with empty cells writes them."""
    assert table(make_text([make_cells(1, version="1.0")])).facts[0].version == 1


def test_references_are_the_same_from_every_form_of_file(table: Write) -> None:
    """Ends, Unicode's form, and a UUID's letter case."""
    odd = {"disruption_id": "\u00a0op-e\u0301 ", "event_id": "ABCDEF12-3456-4789-8ABC-DEF012345678", "actor": "A"}
    told = table(make_text([make_cells(1, **odd)]))
    fact = told.facts[0]
    assert (fact.disruption_id, fact.event_id) == ("op-\u00e9", "abcdef12-3456-4789-8abc-def012345678")
    assert fact.actor == "A"
    assert told.taken == [
        "references were made canonical: no white space at their ends, Unicode NFC, a UUID in lower case"
    ]


def test_a_table_without_a_header_is_refused_once(table: Write) -> None:
    """And one whose header is no row."""
    assert table("1,2,3\r\n" * 30).reasons == [(1, "record: no such column; the first row names the columns")]
    assert table("x" * 200_000).reasons == [(1, "not a row of CSV: see its quotes")]
    assert table('"record"x,event_id\r\n1,2\r\n').reasons == [(1, "not a row of CSV: see its quotes")]
    assert table('title\r\nrecord,"event_id"x\r\n1,2\r\n').reasons == [(2, "not a row of CSV: see its quotes")]


def test_nothing_is_nothing(table: Write) -> None:
    """An empty file, and one of empty lines."""
    for text in ("", "\r\n\r\n", "  \n"):
        told = table(text)
        assert (told.ended, told.taken) == ([], [])
