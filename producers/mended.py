"""Mended events: lines that the rejections desk handed out, each with the position of the rejection that it answers.

``answers``, ``refused`` and ``rejected_event_id`` are the desk's; what is left of a line is an event as ``publish``
takes it, under an id of its own (``schemas.answered``).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ledger.errors import Misuse
from ledger.facts import Fact
from producers.drafts import Draft, Header
from producers.files import RefusedRow
from producers.lines import TOO_LONG
from producers.records import ReadableRow
from producers.repeats import refuse_repeated
from producers.rows import NOT_JSON, read_json
from producers.sources import CUT_OFF, DAMAGED, open_source
from producers.texts import TextLine, find_encoding, open_text, read_lines, write_utf_8
from schemas.answered import ANSWERS

OF_THE_DESK: Final = ("answers", "refused", "rejected_event_id")
NOT_AN_EVENT: Final = "it could not be read as an event: send it anew from its source, and take the line out"
NO_ANSWER: Final = "answers: it is missing; leave it as the rejections desk wrote it, or send the event by `publish`"
NO_REJECTED_ID: Final = "rejected_event_id: it is missing; leave it as the rejections desk wrote it"
SAME_ID: Final = (
    "event_id: it is that of the rejected event, whose content it names for ever; "
    "leave the id that the rejections desk wrote, or give the event a new one"
)
_PLACE: Final = re.compile(r"(0|[1-9]\d{0,8}):(0|[1-9]\d{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True)
class MendedRow(ReadableRow):
    """A mended event; ``answers`` is the position of the rejected one."""

    answers: str

    def list_headers(self, fact: Fact) -> list[Header]:
        """List the headers of its message: those of any event, and which rejection it answers."""
        return [*Draft.list_headers(self, fact), (ANSWERS, self.answers.encode())]


def read_mended(path: Path) -> Iterator[MendedRow | RefusedRow]:
    """Read the lines of a file, in their order.

    Raises:
        Misuse: the file cannot be read, or is damaged, or is no text.
    """
    try:
        with open_source(path) as source:
            encoding = find_encoding(source.head)
            for line in read_lines(open_text(source.stream, encoding)):
                if line.text.strip():
                    yield _read_row(path, line, encoding)
    except DAMAGED:
        raise Misuse(f"{path}: {CUT_OFF}") from None
    except OSError as error:
        raise Misuse(f"{path}: it cannot be read ({error.strerror}); give the NDJSON of the rejections desk") from None
    except Misuse as fault:
        raise Misuse(f"{path}: {fault}") from None


def _read_row(path: Path, line: TextLine, encoding: str) -> MendedRow | RefusedRow:
    if not line.whole:
        return RefusedRow(str(path), line.number, TOO_LONG)
    try:
        return read_mended_line(write_utf_8(line.text, encoding), line.number)
    except Misuse as fault:
        return RefusedRow(str(path), line.number, str(fault))


def read_mended_line(line: bytes, number: int) -> MendedRow:
    """Read one line. Raises Misuse."""
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise Misuse(NOT_JSON) from None
    if not isinstance(found, dict):
        raise Misuse(NOT_JSON)
    refuse_repeated(line)
    if "note" in found:
        raise Misuse(NOT_AN_EVENT)
    answers = found.get("answers")
    if not isinstance(answers, str) or not _PLACE.fullmatch(answers):
        raise Misuse(NO_ANSWER)
    hold_new_id(found)
    event = {name: value for name, value in found.items() if name not in OF_THE_DESK}
    draft = read_json(json.dumps(event).encode(), lambda _: None)
    return MendedRow(draft.fact, draft.numbered, number, answers)


def hold_new_id(found: Mapping[str, Any]) -> None:
    """Hold a mended event to an id of its own. Raises Misuse."""
    rejected, own = found.get("rejected_event_id"), found.get("event_id")
    if not isinstance(rejected, str):
        raise Misuse(NO_REJECTED_ID)
    if isinstance(own, str) and own.lower() == rejected.lower():
        raise Misuse(SAME_ID)
