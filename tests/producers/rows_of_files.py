"""Files as people have them, for the tests of reading: records, tables of text, workbooks, and what is read of them."""

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from producers.delivery import Receipt
from producers.files import PublishSummary, RefusedRow, publish_files
from producers.reading import ReadOptions
from producers.records import ReadableRow

COLUMNS = [
    *("record", "event_id", "change", "disruption_id", "version", "threat_id", "recorded_by", "type", "pillar"),
    *("category", "event_date", "entered_at", "actor", "tags", "reason"),
]


def make_record(number: int, **said: Any) -> dict[str, Any]:
    """Kent's disruption D-``number`` as a record of NDJSON."""
    return {
        "record": "DisruptionEvent",
        "event_id": f"0190b0f0-0000-7000-8000-{number:012d}",
        "change": "RECORDED",
        "disruption_id": f"D-{number}",
        "version": 1,
        "threat_id": f"T-{number}",
        "recorded_by": "kent",
        "type": "LEAD",
        "pillar": "PURSUE",
        "category": "MINOR",
        "event_date": "2022-07-01",
        "entered_at": "2022-07-02",
        "actor": "a1",
    } | said


def make_assessment(number: int, **said: Any) -> dict[str, Any]:
    """Kent's assessment of an OCG as a record of NDJSON."""
    return {
        "record": "ThreatEvent",
        "event_id": f"0190b0f0-0001-7000-8000-{number:012d}",
        "threat_id": f"T-{number}",
        "version": 1,
        "owner": "kent",
        "kind": "OCG",
        "crime_type": "DRUGS",
        "assessment_type": "TACTICAL",
        "moderation_status": "MODERATED",
        "soc": True,
        "tier": 3,
        "phase": "Active",
        "assessed_on": "2022-05-03",
        "entered_at": "2022-05-03",
        "actor": "a1",
    } | said


def make_cells(number: int, **said: Any) -> list[str]:
    """The same as cells under ``COLUMNS``."""
    record = make_record(number, **said)
    return [str(record.get(name, "")) for name in COLUMNS]


def make_text(rows: Iterable[list[str]], delimiter: str = ",", header: list[str] | None = None) -> str:
    """A table of text, its cells as they are."""
    lines = [delimiter.join(header or COLUMNS), *(delimiter.join(row) for row in rows)]
    return "".join(f"{line}\r\n" for line in lines)


def make_lines(rows: Iterable[dict[str, Any]]) -> str:
    """NDJSON."""
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def make_workbook(rows: Iterable[list[Any]], header: list[str] | None = None, **others: list[list[Any]]) -> bytes:
    """A workbook of a sheet ``events``, and others by their names."""
    book = Workbook()
    sheets = {"events": [COLUMNS if header is None else header, *rows]} | others
    for title, content in sheets.items():
        sheet = book.create_sheet(title)
        for row in content:
            sheet.append(row)
    del book["Sheet"]
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


class Told:
    """What became of a file: numbers of the rows sent, their facts, the refused rows, and what was taken."""

    def __init__(self, path: Path, wanted: ReadOptions | None = None) -> None:
        self.facts: list[Any] = []
        self.numbers: list[int] = []
        self.summary = publish_files([path], self, wanted=wanted, summary=PublishSummary())  # type: ignore[arg-type]  # it takes rows

    def publish_many(self, events: Iterable[ReadableRow], **_: Any) -> Any:
        """Take all, as a publisher."""
        for row in events:
            self.facts.append(row.fact)
            self.numbers.append(row.number)
        return Receipt(len(self.numbers), len(self.numbers))

    @property
    def refused(self) -> list[RefusedRow]:
        """Refused rows in their order."""
        return self.summary.refused

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """First row and reason of each refusal."""
        return [(row.number, row.reason) for row in self.refused]

    @property
    def taken(self) -> list[str]:
        """What was taken, without the file's name."""
        return [sentence.partition(": ")[2] for sentence in self.summary.taken]

    @property
    def ended(self) -> list[int]:
        """The number of every row that was sent or refused, sorted."""
        refused = [number for row in self.refused for number in range(row.number, row.number + row.rows)]
        return sorted([*self.numbers, *refused])
