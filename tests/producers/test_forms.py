"""What a file is, found by its first bytes, then by its name; NDJSON, and JSON that is not."""

import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from ledger.errors import Misuse
from producers.reading import ReadOptions
from producers.sources import STDIN
from tests.producers.rows_of_files import Told, make_cells, make_lines, make_record, make_text

LINES = make_lines([make_record(1), make_record(2)])
TABLE = make_text([make_cells(1), make_cells(2)])
CUT = "the compressed file is damaged or cut off here: nothing after this was read"


class Pipe(io.RawIOBase):
    """Bytes that are read once, a few at a time."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as the io module calls it
        some, self._content = self._content[: min(7, len(buffer))], self._content[min(7, len(buffer)) :]
        buffer[: len(some)] = some
        return len(some)


def read_told(tmp_path: Path, content: bytes | str, name: str = "f", wanted: ReadOptions | None = None) -> Told:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Told(path, wanted)


@pytest.mark.parametrize("name", ["f", "f.txt", "f.csv", "f.ndjson", "f.gz", "f.unknown"])
@pytest.mark.parametrize("content", [LINES, TABLE])
def test_a_file_is_known_by_its_content(tmp_path: Path, name: str, content: str) -> None:
    """Whatever it is called; but a table is not looked for in a file that is called NDJSON."""
    made = read_told(tmp_path, content, name)
    if content == TABLE and name == "f.ndjson":
        assert made.reasons[0] == (1, "not a line of JSON in UTF-8: one whole record a line")
    else:
        assert [fact.disruption_id for fact in made.facts] == ["D-1", "D-2"]


@pytest.mark.parametrize("content", [LINES, TABLE, TABLE.replace(",", "\t")])
@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_is_anything_too(monkeypatch: pytest.MonkeyPatch, content: str, packed: bool) -> None:
    """Read once, whatever has to be read twice."""
    sent = gzip.compress(content.encode()) if packed else content.encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Pipe(sent))))
    made = Told(STDIN)
    assert [fact.disruption_id for fact in made.facts] == ["D-1", "D-2"]
    assert ("the file was unpacked by gzip" in made.taken) == packed


def test_closed_standard_input_is_the_callers_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has none then."""
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(Misuse, match="standard input is closed"):
        Told(STDIN)


def test_a_form_may_be_said(tmp_path: Path) -> None:
    """Against the name, and against the content."""
    assert read_told(tmp_path, TABLE, "f.ndjson", ReadOptions("csv")).numbers == [2, 3]
    assert read_told(tmp_path, TABLE, "f", ReadOptions("tsv")).numbers == [2, 3]
    assert len(read_told(tmp_path, TABLE, "f.csv", ReadOptions("ndjson")).reasons) == 3
    assert read_told(tmp_path, TABLE, "f.csv", ReadOptions("xlsx")).numbers == []


def test_a_packed_file_that_is_cut_off_says_where(tmp_path: Path) -> None:
    """Of lines and of tables; the whole rows before are sent, none is half."""
    many = make_lines(make_record(number) for number in range(1, 2001)).encode()
    packed = gzip.compress(many)
    made = read_told(tmp_path, packed[: len(packed) // 2])
    assert made.numbers == list(range(1, len(made.numbers) + 1))
    assert made.reasons == [(len(made.numbers) + 1, CUT)]
    garbled = bytearray(packed)
    garbled[-8:-4] = b"\0\0\0\0"
    assert read_told(tmp_path, bytes(garbled)).reasons[-1][1] == CUT
    table = gzip.compress(make_text(make_cells(number) for number in range(1, 2001)).encode())
    made = read_told(tmp_path, table[: len(table) // 2])
    assert made.ended == list(range(made.ended[0], made.ended[0] + len(made.ended)))
    assert made.reasons[-1][1] == CUT


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (json.dumps([make_record(1), make_record(2)]).replace("}, {", "},\n {"), "a JSON array"),
        (json.dumps([make_record(1), make_record(2)], indent=2), "a JSON array"),
        (json.dumps(make_record(1), indent=2), "a JSON record over several lines"),
        (json.dumps(make_record(1)).replace(', "version"', ',\n "version"'), "a JSON record over several lines"),
    ],
)
def test_one_json_document_is_refused_in_one_sentence(tmp_path: Path, content: str, said: str) -> None:
    """Not line by line."""
    made = read_told(tmp_path, content, "f.json")
    ((number, reason),) = made.reasons
    assert (number, made.facts) == (1, [])
    assert reason.startswith(said)
    assert reason.endswith("; nothing of this file was sent")


def test_commas_between_records_refuse_their_lines(tmp_path: Path) -> None:
    """The last one has none."""
    made = read_told(tmp_path, LINES.replace("}\n", "},\n", 1))
    assert (made.numbers, made.reasons) == ([2], [(1, "not a line of JSON in UTF-8: one whole record a line")])


def test_a_sheet_of_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    """Not passed over."""
    assert read_told(tmp_path, TABLE, "f.csv", ReadOptions(sheet="s")).reasons == [
        (1, "no workbook, so it has no sheets; leave --sheet away")
    ]


def test_an_array_that_is_a_line_is_a_row(tmp_path: Path) -> None:
    """The others are read."""
    made = read_told(tmp_path, f"{json.dumps([make_record(1)])}\n{LINES}")
    assert made.numbers == [2, 3]
    assert made.reasons == [
        (1, "a JSON array: write one record a line, with no brackets around them and no commas between them")
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (json.dumps(make_record(1))[:-1] + ', "category": "MAJOR"}', "category: stands twice; take one out"),
        (json.dumps(make_record(1))[:-1] + ', "catego\\u0072y": "MAJOR"}', "category: stands twice; take one out"),
        (json.dumps(make_record(1))[:-1] + ', "tags": [{"a": 1, "a": 2}]}', "tags: str expected, not object"),
        ('{"tags": ' + "[" * 100_000 + "1", "not a line of JSON in UTF-8: one whole record a line"),
        ('{"reason": "' + "x" * 1_000_000 + '"}', "the line is longer than 1,000,000 characters"),
    ],
)  # fmt: skip
def test_a_line_that_says_two_things_or_too_much_is_refused(tmp_path: Path, line: str, said: str) -> None:
    """The next one is read."""
    made = read_told(tmp_path, f"{line}\n{LINES}")
    assert (made.reasons, made.numbers) == ([(1, said)], [2, 3])


@pytest.mark.parametrize("reason", ['a "category": "MAJOR"', 'x": "y", "x": "', ": ", '", "', "\\"])
def test_text_that_looks_like_keys_is_text(tmp_path: Path, reason: str) -> None:
    """Quotes and colons within a value."""
    assert read_told(tmp_path, make_lines([make_record(1, reason=reason)])).facts[0].reason == reason


def test_lines_in_utf_16_are_read(tmp_path: Path) -> None:
    """As some shells write a redirected output; a byte that is lost refuses its row."""
    made = read_told(tmp_path, LINES.encode("utf-16"), "f.ndjson")
    assert (made.numbers, made.taken) == ([1, 2], ["text was read as UTF-16"])
    lost = make_lines([make_record(1, reason="-")]).encode("utf-16").replace(b'-\0"', b'\0\xdc"')
    assert read_told(tmp_path, lost).reasons == [(1, "not whole UTF-16: save the file as CSV UTF-8")]


def test_other_documents_are_named(tmp_path: Path) -> None:
    """A PDF, and bytes that are nothing."""
    assert read_told(tmp_path, b"%PDF-1.7 and so on").reasons[0][1].startswith("a PDF")
    assert read_told(tmp_path, b"\0" * 100).reasons[0][1].startswith("neither text in UTF-8 nor a workbook")
