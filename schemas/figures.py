"""Figures as they lie in ``soc.figures``: one record for each that somebody published.

A figure's id is the SHA-256 of what it says: the same figure published again is the same, and a repeat is harmless.
Where the store stood when it was read, when it was published and by which software are no part of that.
"""

import json
from hashlib import sha256
from io import BytesIO
from typing import Any, Final, NamedTuple

from fastavro import schemaless_reader, schemaless_writer

from ledger.facts import Day, Millis
from ledger.instants import EARLIEST, LATEST, make_date, make_instant
from ledger.vocabulary import FigureSubject
from schemas.definitions import FIGURE, parse_plain, read_plain
from schemas.hazards import is_hazardous
from schemas.registry import SchemaIds
from schemas.wire import FRAME_BYTES, MAGIC, make_prefix

NOT_SAID: Final = frozenset({"figure_id", "positions", "published_at", "software"})
"""Fields that are no part of what a figure says."""


class FigureCell(NamedTuple):
    """One cell of a figure: its value of each dimension, and how many."""

    values: tuple[str, ...]
    n: int


class PublishedFigure(NamedTuple):
    """One published figure; the fields are those of ``Figure.avsc``."""

    figure_id: str
    subject: FigureSubject
    measure: str
    first_day: Day | None
    last_day: Day | None
    as_at: Millis
    known_at: Millis
    organisation: str | None
    type: str | None
    standing: str | None
    by: tuple[str, ...]
    cells: tuple[FigureCell, ...]
    positions: tuple[int, ...]
    note: str
    published_by: str
    published_at: Millis
    software: str


def compute_figure_id(figure: PublishedFigure) -> str:
    """Compute the id of what a figure says: SHA-256, in hexadecimal, of its fields as JSON.

    The fields in the order of their names, without spaces, in ASCII; days and instants as the numbers they are on the
    wire, a cell as the list of its values and its number.
    """
    said = {name: value for name, value in figure._asdict().items() if name not in NOT_SAID}
    spelled = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(spelled.encode()).hexdigest()


def encode_figure(figure: PublishedFigure, ids: SchemaIds) -> bytes:
    """Encode it, framed. Raises Unavailable: the registry does not answer."""
    stream = BytesIO(make_prefix(ids.find_id(FIGURE)))
    stream.seek(0, 2)
    cells = [cell._asdict() for cell in figure.cells]
    schemaless_writer(stream, read_plain(FIGURE), figure._asdict() | {"cells": cells})
    return stream.getvalue()


def decode_figure(value: bytes | None, ids: SchemaIds) -> PublishedFigure | None:
    """Decode one; None where the bytes are none: somebody else wrote them.

    The log counts by it which records are sealed: what it takes for a figure, and what not, never changes.

    Raises:
        Unavailable: the registry does not answer.
    """
    if value is None or len(value) <= FRAME_BYTES or value[0] != MAGIC:
        return None
    writer = ids.find_writer(int.from_bytes(value[1:FRAME_BYTES], "big"))
    return None if writer is None else decode_figure_datum(value[FRAME_BYTES:], writer)


def decode_figure_datum(datum: bytes, writer: Any) -> PublishedFigure | None:
    """Decode one without its frame, by the schema that wrote it; None where the bytes are none."""
    try:
        if is_hazardous(writer):
            return None
        stream = BytesIO(datum)
        found = schemaless_reader(stream, parse_plain(writer), read_plain(FIGURE))
        return None if stream.read(1) else _hold_figure(_make_figure(found))
    except MemoryError:  # this process's want, for which nobody is blamed
        raise
    except Exception:  # bytes from outside: whatever they make the decoder raise, they are no figure
        return None


def _make_figure(found: Any) -> PublishedFigure:
    lists = {
        "by": tuple(found["by"]),
        "cells": tuple(FigureCell(tuple(cell["values"]), cell["n"]) for cell in found["cells"]),
        "positions": tuple(found["positions"]),
    }
    return PublishedFigure(**found | lists | {"subject": FigureSubject(found["subject"])})


def _hold_figure(figure: PublishedFigure) -> PublishedFigure | None:
    """Hold that its instants and days are in the calendar, and that each cell has a value of every dimension."""
    instants = (figure.as_at, figure.known_at, figure.published_at)
    days = [make_instant(one).date() for one in instants]
    if figure.subject is FigureSubject.DISRUPTIONS:
        days += [make_date(one) for one in (figure.first_day, figure.last_day) if one is not None]
    in_calendar = all(EARLIEST <= day <= LATEST for day in days)
    has_period = figure.first_day is not None and figure.last_day is not None
    is_shaped = all(len(cell.values) == len(figure.by) for cell in figure.cells)
    fits = has_period == (figure.subject is FigureSubject.DISRUPTIONS)
    return figure if in_calendar and fits and is_shaped else None
