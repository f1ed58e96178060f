"""Runs of stored positions, and how a statement asks for them."""

from collections.abc import Iterable
from typing import NamedTuple


class PositionSpan(NamedTuple):
    """Positions of one partition, from ``start`` to before ``end``."""

    partition: int
    start: int
    end: int


def select_spans(spans: Iterable[PositionSpan]) -> str:
    """Select what lies in any of these: numbers of our own; the primary key finds them."""
    return " OR ".join(
        f"(partition = {int(one.partition)} AND offset >= {int(one.start)} AND offset < {int(one.end)})"
        for one in spans
    )
