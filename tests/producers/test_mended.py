"""Mended lines of the refusals desk: which are events again, and what is said of those that are not."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import Misuse
from producers.drafts import make_headers
from producers.files import RefusedRow
from producers.mended import MendedRow, read_mended
from tests.live.cli_events import make_disruption

EVENT = make_disruption(12, "D-2", "2022-03-02", "2022-03-03")
REJECTED = "0000002a-0000-4000-8000-00000000abcd"
DESK = {
    "answers": "0:12",
    "refused": "SUPPORT_BY_FORCE: A force records lead disruptions only.",
    "rejected_event_id": REJECTED,
}


def read_lines(path: Path, *lines: str) -> list[MendedRow | RefusedRow]:
    """Read lines as a file of them is read."""
    path.write_text("\n".join(lines))
    return list(read_mended(path))


def test_a_mended_line_is_an_event_that_names_the_refusal_it_answers(tmp_path: Path) -> None:
    """In a header of its own, beside those of any event; empty lines are passed over, and counted."""
    (row,) = read_lines(tmp_path / "mended", "", json.dumps(EVENT | DESK))
    assert isinstance(row, MendedRow)
    assert (row.number, row.numbered, row.fact.disruption_id) == (2, True, "D-2")
    assert row.list_headers(row.fact) == [*make_headers(row.fact), ("ce_answers", b"0:12")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (EVENT, "answers: it is missing"),
        (EVENT | DESK | {"answers": "0:-1"}, "answers: it is missing"),
        (DESK | {"note": "It cannot be read", "value": "AA=="}, "send it anew from its source"),
        (EVENT | {"answers": "0:12"}, "rejected_event_id: it is missing"),
        (EVENT | DESK | {"event_id": REJECTED}, "event_id: it is that of the rejected event"),
        (EVENT | DESK | {"event_id": REJECTED.upper()}, "event_id: it is that of the rejected event"),
        (EVENT | DESK | {"pillar": "PURSIE"}, "pillar: not one of PURSUE"),
        (EVENT | DESK | {"colour": "red"}, "colour"),
        ([1], "not a line of JSON"),
    ],
)
def test_what_is_no_mended_event_is_told_by_its_row(tmp_path: Path, line: Any, says: str) -> None:
    """With the remedy, and no value of the record."""
    good, bad = read_lines(tmp_path / "mended", json.dumps(EVENT | DESK), json.dumps(line))
    assert isinstance(good, MendedRow)
    assert isinstance(bad, RefusedRow)
    assert (bad.number, says in bad.reason, "PURSIE" in bad.reason) == (2, True, False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_in_the_encoding_that_it_states(tmp_path: Path, encoding: str) -> None:
    """As `publish` reads one, and the last line with or without an end."""
    line = json.dumps(EVENT | DESK | {"reason": "Tŷ"}, ensure_ascii=False)
    (tmp_path / "mended").write_bytes(f"{line}\n{line}".encode(encoding))
    rows = list(read_mended(tmp_path / "mended"))
    assert [(row.number, isinstance(row, MendedRow) and row.fact.reason) for row in rows] == [(1, "Tŷ"), (2, "Tŷ")]


def test_a_file_that_is_not_there_is_misuse(tmp_path: Path) -> None:
    """It names the path."""
    with pytest.raises(Misuse, match="nothing-there: it cannot be read"):
        list(read_mended(tmp_path / "nothing-there"))


def test_a_packed_file_that_was_cut_off_is_misuse(tmp_path: Path) -> None:
    """It is no fault of the software's."""
    (tmp_path / "mended.gz").write_bytes(gzip.compress(json.dumps(EVENT | DESK).encode())[:-6])
    with pytest.raises(Misuse, match=r"mended\.gz: the compressed file is damaged or cut off"):
        list(read_mended(tmp_path / "mended.gz"))


def test_a_file_without_lines_is_no_reason_to_fill_the_memory(tmp_path: Path) -> None:
    """A line that is longer than any event is refused by its number; what is no text, at its first bytes."""
    long, good = read_lines(tmp_path / "mended", "x" * 3_000_000, json.dumps(EVENT | DESK))
    assert isinstance(good, MendedRow)
    assert isinstance(long, RefusedRow)
    assert (long.number, long.reason) == (1, "the line is longer than 1,000,000 characters")
    with pytest.raises(Misuse, match="/dev/zero: neither text in UTF-8 nor a workbook"):
        list(read_mended(Path("/dev/zero")))
