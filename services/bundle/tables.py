"""The figures that a bundle has of its own: what is counted, in the shape of figures that are published."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from audit.figure_sums import FigureSums
from ledger.facts import Millis
from ledger.instants import LATEST, count_days
from ledger.vocabulary import DisruptionType, FigureSubject, Standing
from methodology.measures import MEASURE
from methodology.standards import FIRST_DAY
from schemas.figures import PublishedFigure, compute_figure_id
from schemas.judged import name_software
from services.bundle.outputs import BundlePeriod

TABLE_NAME: Final = "figures/table.json"
NOTE: Final = "the bundle's own"
DISRUPTIONS_BY: Final[tuple[tuple[str, ...], ...]] = (
    (), ("org",), ("region",), ("pillar",), ("kind",), ("crime_type",), ("category",), ("month",), ("org", "pillar"),
)  # fmt: skip
THREATS_BY: Final[tuple[tuple[str, ...], ...]] = ((), ("org",), ("kind",), ("crime_type",))


class BundleInstants(NamedTuple):
    """As at, and as known at, which instants a bundle's figures stand."""

    as_at: Millis
    known_at: Millis


def list_questions(period: BundlePeriod | None, instants: BundleInstants) -> Iterator[PublishedFigure]:
    """List the bundle's figures without their cells: lead and support apart, and threats where all entries are held."""
    first, last = period or (FIRST_DAY, count_days(LATEST))
    empty = PublishedFigure(
        figure_id="",
        subject=FigureSubject.DISRUPTIONS,
        measure=MEASURE,
        first_day=first,
        last_day=last,
        as_at=instants.as_at,
        known_at=instants.known_at,
        organisation=None,
        type=None,
        standing=Standing.COUNTED,
        by=(),
        cells=(),
        positions=(),
        note=NOTE,
        published_by=NOTE,
        published_at=instants.known_at,
        software=name_software(),
    )
    for kind in (DisruptionType.LEAD, DisruptionType.SUPPORT):
        for by in DISRUPTIONS_BY:
            yield empty._replace(type=kind.value, by=by)
        yield empty._replace(type=kind.value, standing=None, by=("standing",))
    if period is None:
        threats = empty._replace(subject=FigureSubject.THREATS, first_day=None, last_day=None, standing=None)
        for by in THREATS_BY:
            yield threats._replace(by=by)


def fill_figures(figures: Iterable[PublishedFigure], sums: FigureSums, positions: tuple[int, ...]) -> Iterator[Any]:
    """Fill the figures with their cells, and give each as ``soc.figures`` would hold it."""
    for empty in figures:
        figure = empty._replace(cells=sums.sum_figure(empty), positions=positions)
        figure = figure._replace(figure_id=compute_figure_id(figure))
        yield figure._asdict() | {"cells": [cell._asdict() for cell in figure.cells]}
