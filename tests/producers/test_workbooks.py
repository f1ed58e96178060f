"""Workbooks: the rows of one sheet, dates as dates, numbers as they are, and nothing that the sheet made up."""

import datetime as dt
import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from producers import workbooks
from producers.reading import ReadOptions
from tests.producers.rows_of_files import COLUMNS, Told, make_cells, make_workbook

Write = Callable[..., Told]
AT_MIDNIGHT = dt.datetime(2022, 6, 15)  # noqa: DTZ001  # what a sheet shows with a time of day has no zone
DAMAGED = "no workbook that can be read, or a damaged one: save it again as .xlsx, or as CSV UTF-8"


@pytest.fixture
def book(tmp_path: Path) -> Write:
    """``book(content, name="f.xlsx", sheet="events")``: what becomes of a workbook."""

    def write_book(content: bytes, name: str = "f.xlsx", sheet: str | None = None) -> Told:
        path = tmp_path / name
        path.write_bytes(content)
        return Told(path, ReadOptions(sheet=sheet))

    return write_book


def list_cells(number: int, **said: Any) -> list[Any]:
    """A row with these values as they are."""
    return [said.get(name, cell or None) for name, cell in zip(COLUMNS, make_cells(number), strict=True)]


def test_a_workbook_is_read_by_its_first_bytes(book: Write) -> None:
    """Whatever it is called; packed by gzip too."""
    content = make_workbook([list_cells(1), [None] * 15, list_cells(2)])
    for name in ("f.xlsx", "f.csv", "f"):
        told = book(content, name)
        assert ([fact.disruption_id for fact in told.facts], told.numbers) == (["D-1", "D-2"], [2, 4])
    assert book(gzip.compress(content), "f.xlsx.gz").taken == ["the file was unpacked by gzip"]


def test_dates_and_numbers_are_those_of_the_sheet(book: Write) -> None:
    """14 June 2022 is day 19157; entered at the end of 15 June in London; 1.0 is 1, 381 a reference."""
    row = list_cells(
        1, event_date=dt.date(2022, 6, 14), entered_at=dt.date(2022, 6, 15), version=1.0, disruption_id=381
    )
    content = make_workbook([row])
    fact = book(content).facts[0]
    assert (fact.event_date, fact.version, fact.disruption_id) == (19157, 1, "381")


def test_a_truth_value_is_one(book: Write) -> None:
    """``soc`` of a threat."""
    header = ["record", "event_id", "threat_id", "version", "owner", "kind", "crime_type", "assessment_type"]
    header += ["moderation_status", "soc", "tier", "phase", "assessed_on", "entered_at", "actor"]
    row = ["ThreatEvent", "0190b0f0-0000-7000-8000-000000000009", "T-1", 1, "kent", "OCG", "DRUGS", "TACTICAL"]
    row += ["MODERATED", True, 3, "Active", dt.date(2022, 6, 14), "2022-06-15", "a1"]
    assert book(make_workbook([row], header=header)).facts[0].soc is True


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"reason": "=1+1"}, "reason: a formula; put its value in its place"),
        ({"threat_id": 12345678901234567890}, "threat_id: a number that the spreadsheet has rounded; write it as text"),
        ({"event_date": dt.time(9, 5)}, "event_date: a time without a date"),
        ({"entered_at": AT_MIDNIGHT}, "entered_at: no time zone; add Z or an offset such as +01:00"),
        ({"entered_at": AT_MIDNIGHT.replace(hour=9)}, "entered_at: no time zone; add Z or an offset such as +01:00"),
        ({"threat_id": "#N/A"}, "threat_id: an error of the spreadsheet; put a value in its place"),
    ],
)
def test_what_the_sheet_made_up_is_refused(book: Write, said: dict[str, Any], reason: str) -> None:
    """By row and column; the next row is sent."""
    told = book(make_workbook([list_cells(1, **said), list_cells(2)]))
    assert (told.reasons, told.numbers) == ([(2, reason)], [3])


def test_text_that_begins_as_a_formula_does_is_text(book: Write) -> None:
    """A plus, a minus and an at sign are no formula in a workbook."""
    for text in ("+44", "-2", "@SUM(A1)"):
        assert book(make_workbook([list_cells(1, reason=text)])).facts[0].reason == text


def test_of_several_sheets_with_rows_one_must_be_named(book: Write) -> None:
    """An empty one does not count."""
    content = make_workbook([list_cells(1)], other=[COLUMNS, list_cells(2)], empty=[])
    assert book(content).reasons == [(1, "2 sheets with rows: name one with --sheet")]
    assert book(content, sheet="other").facts[0].disruption_id == "D-2"
    assert book(content, sheet="third").reasons == [(1, "no sheet of that name; see --sheet")]
    told = book(make_workbook([list_cells(1)], empty=[]))
    assert (told.numbers, told.taken) == ([2], ["of the workbook's sheets the only one with rows was read"])
    assert book(make_workbook([], header=[])).reasons == [(1, "no sheet with rows")]


def test_the_header_is_found_and_held_as_in_a_table_of_text(book: Write) -> None:
    """A title above it, a column twice, no header at all."""
    titled = make_workbook([COLUMNS, list_cells(1)], header=["Disruptions of week 14"])
    assert book(titled).taken == ["the columns are named in row 2; what stands above was passed over"]
    twice = make_workbook([[*list_cells(1), "MAJOR"]], header=[*COLUMNS, "category"])
    assert book(twice).reasons == [(1, "category: the column stands twice; take one out")]
    assert book(make_workbook([["b"]], header=["a"])).reasons == [
        (1, "record: no such column; the first row names the columns")
    ]


def test_a_damaged_workbook_is_refused(book: Write, tmp_path: Path) -> None:
    """Cut short, no workbook, or a sheet that breaks off."""
    content = make_workbook([list_cells(1)])
    assert book(content[: len(content) // 2]).reasons == [(1, DAMAGED)]
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("a.csv", "record")
    assert Told(tmp_path / "other.zip").reasons == [(1, DAMAGED)]
    old = book(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 20)
    assert old.reasons == [(1, "an old .xls workbook, or one with a password: save it as .xlsx, or as CSV UTF-8")]


def test_a_sheet_that_breaks_off_says_where(tmp_path: Path) -> None:
    """The rows before are sent."""
    whole = tmp_path / "whole.xlsx"
    whole.write_bytes(make_workbook([list_cells(number) for number in range(1, 201)]))
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(tmp_path / "cut.xlsx", "w") as cut:
        for name in parts.namelist():
            part = parts.read(name)
            cut.writestr(name, part[: len(part) // 2] if "sheet1" in name else part)
    told = Told(tmp_path / "cut.xlsx")
    assert told.numbers == list(range(2, len(told.numbers) + 2))
    assert 20 < len(told.numbers) < 200
    (last,) = told.reasons
    assert last == (told.numbers[-1] + 1, f"{DAMAGED}; nothing after row {told.numbers[-1]} was read")


def test_a_workbook_that_unpacks_to_too_much_is_refused(book: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any of it is unpacked."""
    monkeypatch.setattr(workbooks, "UNPACKED_BYTES_MAX", 1000)
    assert book(make_workbook([list_cells(1)])).reasons == [
        (1, "the workbook unpacks to over a gigabyte: save the sheet as CSV UTF-8")
    ]
