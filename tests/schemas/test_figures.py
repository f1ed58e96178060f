"""A published figure reads back as it was written; whatever else lies in its topic is none."""

import json
from hashlib import sha256
from typing import Any

import pytest

from ledger.vocabulary import FigureSubject
from schemas.figures import FigureCell, PublishedFigure, compute_figure_id, decode_figure, encode_figure
from schemas.registry import pin_ids

FIGURE = PublishedFigure(
    figure_id="f",
    subject=FigureSubject.DISRUPTIONS,
    measure="2026.1",
    first_day=18_809,
    last_day=19_173,
    as_at=1_656_975_599_999,
    known_at=1_656_975_600_000,
    organisation="metropolitan",
    type="LEAD",
    standing="COUNTED",
    by=("pillar",),
    cells=(FigureCell(("PURSUE",), 6_256), FigureCell(("PROTECT",), 802)),
    positions=(12, 0, 9),
    note="Table 2, é",
    published_by="hmicfrs",
    published_at=1_656_979_200_000,
    software="us 1",
)
WRITTEN = encode_figure(FIGURE, pin_ids())


def test_a_figure_reads_back_as_it_was_written() -> None:
    """All its fields; so does one of threats, which has no period."""
    assert decode_figure(WRITTEN, pin_ids()) == FIGURE
    threats = FIGURE._replace(subject=FigureSubject.THREATS, first_day=None, last_day=None, type=None, standing=None)
    assert decode_figure(encode_figure(threats, pin_ids()), pin_ids()) == threats


@pytest.mark.parametrize(
    "changes",
    [
        {"as_at": 2**60},
        {"first_day": 10**6},
        {"first_day": None},
        {"subject": FigureSubject.THREATS},
        {"by": ("pillar", "org")},
    ],
    ids=["beyond every calendar", "a day beyond", "no period", "threats of a period", "cells of other dimensions"],
)
def test_a_figure_that_makes_no_sense_is_none(changes: dict[str, Any]) -> None:
    """Whoever wrote it does not write figures."""
    assert decode_figure(encode_figure(FIGURE._replace(**changes), pin_ids()), pin_ids()) is None


@pytest.mark.parametrize(
    "value",
    [None, b"", b"\x00", b"garbage", WRITTEN[:5], WRITTEN[:40], WRITTEN + b"x", b"\x00\x00\x00\x00\x07" + WRITTEN[5:]],
    ids=["null", "empty", "one byte", "text", "a frame alone", "cut", "with more behind it", "of an unknown schema"],
)
def test_what_is_no_figure_is_told_apart(value: bytes | None) -> None:
    """Nobody is to be able to stop a replay by writing into the topic."""
    assert decode_figure(value, pin_ids()) is None


def test_the_id_is_that_of_what_the_figure_says() -> None:
    """Written out by hand; where the store stood, when and by which software it was published are no part of it."""
    said = {
        "as_at": 1_656_975_599_999,
        "by": ["pillar"],
        "cells": [[["PURSUE"], 6_256], [["PROTECT"], 802]],
        "first_day": 18_809,
        "known_at": 1_656_975_600_000,
        "last_day": 19_173,
        "measure": "2026.1",
        "note": "Table 2, é",
        "organisation": "metropolitan",
        "published_by": "hmicfrs",
        "standing": "COUNTED",
        "subject": "DISRUPTIONS",
        "type": "LEAD",
    }
    expected = sha256(json.dumps(said, separators=(",", ":")).encode("ascii")).hexdigest()
    assert compute_figure_id(FIGURE) == expected
    assert compute_figure_id(FIGURE._replace(positions=(), published_at=0, software="", figure_id="")) == expected


@pytest.mark.parametrize("name", PublishedFigure._fields)
def test_every_other_field_moves_the_id(name: str) -> None:
    """A figure that says something else is another figure."""
    changed: dict[str, Any] = {name: "another"}
    moved = compute_figure_id(FIGURE._replace(**changed)) != compute_figure_id(FIGURE)
    assert moved == (name not in {"figure_id", "positions", "published_at", "software"})
