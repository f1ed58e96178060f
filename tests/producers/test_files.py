"""Rows of NDJSON and CSV: what is sent, and what is refused with its row number and a reason without its value."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import Misuse
from ledger.facts import DisruptionFact, ThreatFact
from producers.files import RefusedRow, publish_files, read_rows
from producers.records import ReadableRow
from schemas.codec import Codec
from schemas.registry import pin_ids
from tests.producers.rows_of_files import make_assessment, make_record

DISRUPTION = make_record(
    1,
    event_id="0190b0f0-0000-7000-8000-000000000001",
    source_sequence=4,
    entered_at="2022-07-01T10:30:00.250+01:00",
    tags=["prison", "county lines"],
)
THREAT = make_assessment(
    1,
    event_id="0190b0f0-0000-7000-8000-000000000002",
    assessed_on="2022-06-30",
    entered_at="2022-07-01T09:30:00Z",
)


@pytest.fixture
def ndjson(tmp_path: Path) -> Callable[..., Path]:
    """``ndjson({...}, "raw line")``: a file of these lines."""

    def write_file(*rows: Any, name: str = "events.ndjson") -> Path:
        path = tmp_path / name
        path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
        return path

    return write_file


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """``table("header", "row")``: a CSV file of these lines."""

    def write_file(*lines: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "events.csv"
        path.write_bytes("\r\n".join(lines).encode(encoding))
        return path

    return write_file


def find_reason(path: Path) -> str:
    """Why the only row was refused; never with a value of the row."""
    (row,) = read_rows(path)
    assert isinstance(row, RefusedRow)
    return row.reason


def test_a_line_of_json_is_a_fact(ndjson: Any) -> None:
    """Dates are days; an instant is milliseconds whatever its zone; a field left out is null or its default."""
    (row, threat) = read_rows(ndjson(DISRUPTION, THREAT))
    assert isinstance(row, ReadableRow)
    assert isinstance(row.fact, DisruptionFact)
    assert (row.number, row.numbered, row.fact.event_date, row.fact.entered_at) == (1, True, 19174, 1656667800250)
    assert (row.fact.tags, row.fact.plan_ref, row.fact.entry_route) == (["prison", "county lines"], None, "DIRECT")
    assert isinstance(threat, ReadableRow)
    assert isinstance(threat.fact, ThreatFact)
    assert (threat.number, threat.numbered, threat.fact.assessed_on, threat.fact.soc) == (2, False, 19173, True)


def test_a_table_holds_the_same_rows(table: Any, ndjson: Any) -> None:
    """Empty cells are null, tags are parted by semicolons, columns of the other record stay empty."""
    columns = [*DISRUPTION, *[name for name in THREAT if name not in DISRUPTION], "reason"]

    def write_cells(record: dict[str, Any]) -> str:
        texts = {"tags": "; ".join(record.get("tags", [])), "soc": str(record.get("soc", "")).upper()}
        return ",".join(str(texts.get(name, record.get(name, ""))) for name in columns)

    drawn = list(
        read_rows(table(",".join(columns), write_cells(DISRUPTION), "", write_cells(THREAT), encoding="utf-8-sig"))
    )
    plain = list(read_rows(ndjson(DISRUPTION, THREAT)))
    assert [row.fact for row in drawn if isinstance(row, ReadableRow)] == [
        row.fact for row in plain if isinstance(row, ReadableRow)
    ]
    assert [row.number for row in drawn] == [2, 4]


@pytest.mark.parametrize(
    ("text", "millis"),
    [("2022-07-01", 1656716399999), ("2022-01-01", 1641081599999), ("2022-07-01T00:00:00Z", 1656633600000)],
)
def test_a_date_where_an_instant_is_wanted_is_the_end_of_that_day_in_the_united_kingdom(
    ndjson: Any, text: str, millis: int
) -> None:
    """23:59:59.999 of British Summer Time in July, of Greenwich Mean Time in January."""
    (row,) = read_rows(ndjson({**DISRUPTION, "entered_at": text}))
    assert isinstance(row, ReadableRow)
    assert row.fact.entered_at == millis


@pytest.mark.parametrize(
    "odd",
    [
        {"recorded_by": "narnia"},
        {"version": 7, "change": "WITHDRAWN"},
        {"event_id": "not a uuid"},
        {"pillar": "UNRECOGNISED"},
        {"type": "SUPPORT", "benefits": None},
        {"event_date": "2052-01-01"},
        {"disruption_id": "", "threat_id": ""},
    ],
)
def test_whatever_encodes_is_sent_and_judged_by_intake(ndjson: Any, odd: dict[str, Any]) -> None:
    """One place judges: no rule of admission is repeated here."""
    (row,) = read_rows(ndjson({**DISRUPTION, **odd}))
    assert isinstance(row, ReadableRow)
    assert Codec(pin_ids()).encode_fact(row.fact)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pillar": "PERSUADE"}, "pillar: not one of PURSUE, PREVENT, PROTECT, PREPARE"),
        ({"pilar": "PURSUE"}, "pilar: not a field of this record; mend its name or take it out"),
        ({"ACME Ltd": "PURSUE"}, "a field: not a field of this record; mend its name or take it out"),
        ({"version": "one"}, "version: int expected, not str"),
        ({"version": 2**31}, "version: too large a number"),
        ({"source_sequence": 2**63}, "source_sequence: too large a number"),
        ({"threat_id": None}, "threat_id: str expected, not null"),
        ({"tags": "prison"}, "tags: array expected, not str"),
        ({"event_date": "01/07/2022"}, "event_date: not a date such as 2022-07-01"),
        ({"entered_at": "2022-07-01T10:30:00"}, "entered_at: no time zone; add Z or an offset such as +01:00"),
        ({"entered_at": "soon"}, "entered_at: not an ISO 8601 instant, such as 2022-07-01T09:30:00+01:00"),
        ({"record": "Disruption"}, "record: say which it is, DisruptionEvent or ThreatEvent"),
    ],
)
def test_what_cannot_be_encoded_is_refused_with_its_field_and_the_remedy(
    ndjson: Any, change: dict[str, Any], said: str
) -> None:
    """The reason never repeats the value."""
    assert find_reason(ndjson({**DISRUPTION, **change})) == said


def test_a_missing_field_is_named(ndjson: Any) -> None:
    """The record's type too."""
    for name, said in (("actor", "actor: missing; give it"), ("record", "record: missing; give it")):
        assert find_reason(ndjson({k: v for k, v in DISRUPTION.items() if k != name})) == said


@pytest.mark.parametrize("line", ["{bad", "[1, 2]", '"text"', '{"record": "DisruptionEvent", "actor": "\\ud800"}'])
def test_a_line_that_is_no_record_is_refused(ndjson: Any, line: str) -> None:
    """And the next one is read."""
    bad, good = read_rows(ndjson(line, "", DISRUPTION))
    assert isinstance(bad, RefusedRow)
    assert (bad.number, good.number) == (1, 3)


def test_bytes_that_are_not_utf8_refuse_their_row_only(tmp_path: Path) -> None:
    """As a spreadsheet saved in a Windows code page has them."""
    for name, content, said in (
        ("a.ndjson", b'{"record": "Thr\xe9at"}\n', "not a line of JSON in UTF-8: one whole record a line"),
        (
            "a.csv",
            b"record,actor\r\nThreatEvent,Ren\xe9\r\n",
            "not UTF-8, perhaps Windows-1252: save the file as CSV UTF-8",
        ),
    ):
        (tmp_path / name).write_bytes(content)
        assert find_reason(tmp_path / name) == said


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("event_id,actor", "1,a"), "record: no such column; the first row names the columns"),
        (("record,actor", "ThreatEvent,a,b"), "more cells than columns: quote a cell that has a comma"),
        (("record,actor", 'ThreatEvent,"a"b'), "not a row of CSV: see its quotes"),
        (("record,actr", "ThreatEvent,a"), "actr: not a field of this record; mend its name or take it out"),
        (("record,soc", "ThreatEvent,perhaps"), "soc: bool expected, not str"),
    ],
)
def test_a_table_that_is_not_one_is_refused_by_row(table: Any, lines: tuple[str, ...], said: str) -> None:
    """What a spreadsheet does to a file."""
    (row,) = read_rows(table(*lines))
    assert isinstance(row, RefusedRow)
    assert row.reason == said or "missing" in row.reason


def test_a_file_that_is_not_there_is_the_callers_mistake(tmp_path: Path) -> None:
    """With its path, as the caller gave it."""
    with pytest.raises(Misuse, match=r"gone\.ndjson: No such file"):
        list(read_rows(tmp_path / "gone.ndjson"))


def test_files_are_published_in_order_and_summed_up(ndjson: Any, kept: Any) -> None:
    """Refused by the file, refused by the publisher, sent: each is counted once, and progress is told."""
    first = ndjson(DISRUPTION, "{bad", {**DISRUPTION, "disruption_id": "D-2"}, name="first.ndjson")
    second = ndjson(
        {**DISRUPTION, "disruption_id": "D-3"}, {**DISRUPTION, "disruption_id": "D-4"}, name="second.ndjson"
    )
    publisher, seen, told = kept("D-3"), [], []
    summary = publish_files([first, second], publisher, lambda so_far: seen.append(so_far.sent), on_refused=told.append)
    assert [draft.fact.disruption_id for draft in publisher.drafts] == ["D-1", "D-2", "D-4"]
    assert (summary.sent, summary.refused_count) == (3, 2)
    assert (
        summary.refused
        == told
        == [
            RefusedRow(str(first), 2, "not a line of JSON in UTF-8: one whole record a line"),
            RefusedRow(str(second), 1, "the broker refused the event"),
        ]
    )
    assert seen
