"""A force's own list of event ids: one id a line, CSV with a column ``event_id``, or NDJSON of events."""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec

from ledger.errors import Misuse
from ledger.identity import parse_event_id
from producers.sources import CUT_OFF, DAMAGED, InputSource, open_source
from producers.texts import TextLine, find_encoding, open_text, read_lines, refuse_lost

COLUMN: Final = "event_id"
FORMS: Final = f"one id a line, CSV with a column {COLUMN}, or NDJSON of events"


class _NamedEvent(msgspec.Struct):
    event_id: str


_read_event = msgspec.json.Decoder(_NamedEvent).decode


def read_ids(path: Path) -> list[str]:
    """Read the ids of a file, or of standard input for ``-``, in their order and in small letters.

    Raises:
        Misuse: a line has no id; its number is said, and nothing that is in it.
    """
    try:
        with open_source(path) as source:
            found = [_hold_id(path, number, text) for number, text in _list_ids(path, _read_text(path, source))]
    except DAMAGED:
        raise Misuse(f"{path}: {CUT_OFF}") from None
    except csv.Error:
        raise Misuse(f"{path}: it is no CSV; give {FORMS}") from None
    if not found:
        raise Misuse(f"{path}: there is no event id in it; give {FORMS}")
    return found


def _read_text(path: Path, source: InputSource) -> Iterator[str]:
    """Read the lines; of one without an end no more than a line may have."""
    number = 1
    try:
        encoding = find_encoding(source.head)
        for line in read_lines(open_text(source.stream, encoding)):
            number = line.number
            yield _hold_line(line, encoding)
    except Misuse as error:
        raise Misuse(f"{path} line {number}: {error}; give {FORMS}") from None


def _hold_line(line: TextLine, encoding: str) -> str:
    if not line.whole:
        raise Misuse("it is longer than any event")
    refuse_lost(line.text, encoding)
    return line.text


def _list_ids(path: Path, lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    """List what should be an id, each with the number of its line."""
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip().startswith("{"):
        yield from _list_named(path, chain([first], lines))
    elif parse_event_id(first.strip()) is not None:
        yield from ((number, line.strip()) for number, line in enumerate(chain([first], lines), 1) if line.strip())
    else:
        yield from _list_column(path, chain([first], lines))


def _list_named(path: Path, lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield number, _read_event(line).event_id
            except msgspec.MsgspecError:
                raise Misuse(f"{path} line {number}: it is no event as JSON with an {COLUMN}") from None


def _list_column(path: Path, lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    rows = csv.DictReader(lines)
    if COLUMN not in (rows.fieldnames or ()):
        raise Misuse(f"{path} line 1: it is neither an event id nor a heading with {COLUMN}; give {FORMS}")
    for row in rows:
        yield rows.line_num, (row[COLUMN] or "").strip()


def _hold_id(path: Path, number: int, text: str) -> str:
    if parse_event_id(text) is None:
        raise Misuse(f"{path} line {number}: an event id is a UUID, written with its hyphens")
    return text.lower()
