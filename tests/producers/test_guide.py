"""docs/publishing.md, held to what it says."""

import re
from pathlib import Path

import pytest

from ledger.events import DisruptionEvent, ThreatEvent
from methodology.book import Book
from methodology.posting import Posted, post_event
from producers.files import read_rows
from producers.records import ReadableRow

GUIDE = Path(__file__).parent.parent.parent / "docs" / "publishing.md"


@pytest.fixture
def guide() -> str:
    """The page."""
    return GUIDE.read_text()


def test_the_events_of_the_guide_are_read_admitted_and_counted(guide: str, tmp_path: Path) -> None:
    """In the order of the page, entered at their own times: the disruption stands as COUNTED."""
    path = tmp_path / "first.ndjson"
    path.write_text("\n".join(line for line in guide.splitlines() if line.startswith('{"record"')))
    rows = [row for row in read_rows(path) if isinstance(row, ReadableRow)]
    book, standings = Book("kent-ocg-0117"), []
    for row in rows:
        posted = post_event(book, row.fact, row.fact.entered_at)
        assert isinstance(posted, Posted)
        standings += [leg.account.standing for leg in posted.legs]
    assert (len(rows), standings) == (2, ["COUNTED"])


def test_the_table_of_the_guide_names_every_field_of_both_events(guide: str) -> None:
    """And no field that there is not."""
    cells = re.findall(r"^\| (`[^|]+) \| (both|disruption|threat) \|", guide, re.MULTILINE)
    named = {name for cell, _ in cells for name in re.findall(r"`(\w+)`", cell)}
    assert named == {"record", *DisruptionEvent.__struct_fields__, *ThreatEvent.__struct_fields__}
