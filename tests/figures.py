"""Published figures for tests: say what matters, the rest is an ordinary count of lead disruptions by organisation."""

from typing import Any

from ledger.vocabulary import FigureSubject
from schemas.figures import FigureCell, PublishedFigure
from tests.facts import JUNE_1_2022, NOON

MISASKED: tuple[dict[str, Any], ...] = (
    {"type": "lead"},
    {"type": None},
    {"standing": "Counted"},
    {"organisation": "Metropolitan Police"},
    {"by": ("org", "org")},
)
"""What no figure may ask: a word on no list, lead added to support, a dimension twice."""


def make_published_figure(**said: Any) -> PublishedFigure:
    """One lead disruption of the Metropolitan Police of 1 June 2022 or before, a second after that day's noon."""
    fields: dict[str, Any] = {
        "figure_id": "", "subject": FigureSubject.DISRUPTIONS, "measure": "2026.1", "first_day": JUNE_1_2022 - 300,
        "last_day": JUNE_1_2022, "as_at": NOON + 1_000, "known_at": NOON + 1_000, "organisation": None, "type": "LEAD",
        "standing": "COUNTED", "by": ("org",), "cells": (FigureCell(("metropolitan",), 1),), "positions": (),
        "note": "", "published_by": "", "published_at": 0, "software": "",
    }  # fmt: skip
    return PublishedFigure(**fields | said)
