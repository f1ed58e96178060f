"""Published figures as readers ask for them: the records of ``soc.figures``, and beside one what the store says."""

from collections.abc import Callable
from typing import Any, Final, cast

from audit.certificate import find_proved
from audit.figure_questions import can_be_asked
from audit.figures import is_measure_known
from audit.published_figures import FigureLog, LoggedFigure, read_figures
from infra.settings import Settings
from ledger.errors import Misuse
from ledger.instants import format_millis, make_date
from queries import balances
from queries.answer import Answer
from queries.answers import BalanceAnswer
from queries.balance_queries import ExtractQuery, ThreatQuery
from queries.figure_answers import FigureListAnswer, FigureRecord, PublishedFigureAnswer
from queries.figure_queries import FigureListQuery, PublishedFigureQuery
from queries.figure_question import list_cells, repeat_question
from queries.plain import format_balance, key_by_text
from queries.query import Query
from queries.snapshot import Snapshot
from queries.topic_reading import ANSWER_SECONDS, FIGURES_READ, TopicReading
from schemas.figures import FigureCell, PublishedFigure, compute_figure_id
from schemas.registry import resolve_ids

TOLD: Final = (
    "figure_id",
    "subject",
    "measure",
    "organisation",
    "type",
    "standing",
    "note",
    "published_by",
    "software",
)
_ASKED: Final[dict[type[Query[BalanceAnswer]], Callable[[Snapshot, Any], Answer]]] = {
    ExtractQuery: balances.answer_extract,
    ThreatQuery: balances.answer_threats,
}


class FigureReader:
    """Reads the topic when it is asked. Safe to use from several threads: who asks meanwhile waits for one reading."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reading = TopicReading(FIGURES_READ, self._read_log)

    def answer_list(self, _: Snapshot, query: FigureListQuery) -> FigureListAnswer:
        """Answer with a page of them, newest first. Raises WrongField, Unavailable."""
        log = self._reading.take_reading()
        newest = sorted(log.figures, key=lambda one: (one.appended_at, one.partition, one.offset), reverse=True)
        places = [(one.partition, one.offset) for one in newest]
        if query.after is not None and query.after not in places:
            raise PublishedFigureQuery(partition=query.after[0], offset=query.after[1]).refuse_absent()
        begins = 0 if query.after is None else places.index(query.after) + 1
        shown = newest[begins : begins + query.limit]
        more = begins + len(shown) < len(newest)
        return {
            "rows": [describe_logged(one) for one in shown],
            "total": len(newest),
            "gone": sum(log.gone.values()),
            "next": f"{shown[-1].partition}:{shown[-1].offset}" if more else None,
        }

    def answer_figure(self, snapshot: Snapshot, query: PublishedFigureQuery) -> PublishedFigureAnswer:
        """Answer with one, beside what the store says. Raises WrongField: none lies there; Unavailable."""
        place = query.partition, query.offset
        figures = self._reading.take_reading().figures
        logged = next((one for one in figures if (one.partition, one.offset) == place), None)
        if logged is None:
            raise query.refuse_absent()
        figure = logged.figure
        then, now = (None if figure is None else _ask_again(snapshot, figure, live=live) for live in (False, True))
        id_holds = figure is not None and compute_figure_id(figure) == figure.figure_id
        return {
            "figure": describe_logged(logged),
            "cells": [] if figure is None else _lay_beside(figure, then, now),
            "id_holds": id_holds,
            "agrees": figure is not None and then is not None and list_cells(figure.by, then) == figure.cells,
            "complete": then is not None and then["complete"],
            "proved_at": find_proved(self._settings.state, logged.name_record()) if id_holds else None,
            "position": key_by_text(snapshot.position),
        }

    def _read_log(self) -> FigureLog:
        return read_figures(self._settings, resolve_ids(self._settings), ANSWER_SECONDS)


def describe_logged(logged: LoggedFigure) -> FigureRecord:
    """Describe a record of ``soc.figures`` as JSON has it; all but its place is None where it is no figure."""
    figure = logged.figure
    place = {"partition": logged.partition, "offset": logged.offset}
    appended = {"appended_at": format_millis(logged.appended_at)}
    days = {"from": figure and figure.first_day, "to": figure and figure.last_day}
    found = (
        place
        | appended
        | {name: getattr(figure, name, None) for name in TOLD}
        | {name: None if day is None else make_date(day).isoformat() for name, day in days.items()}
        | {name: figure and format_millis(getattr(figure, name)) for name in ("as_at", "known_at", "published_at")}
        | {"by": list(figure.by) if figure else [], "published": sum_cells(figure and figure.cells)}
        | {"cell_count": len(figure.cells) if figure else 0}
        | {"positions": key_by_text(dict(enumerate(figure.positions))) if figure else {}}
    )
    return cast(FigureRecord, found)


def sum_cells(cells: tuple[FigureCell, ...] | None) -> int | None:
    """Sum the cells of a figure."""
    return None if cells is None else sum(cell.n for cell in cells)


def _ask_again(snapshot: Snapshot, figure: PublishedFigure, *, live: bool) -> BalanceAnswer | None:
    """Ask a figure's question of the store; None where this software does not have its definitions or its words."""
    if not (is_measure_known(figure) and can_be_asked(figure)):
        return None
    question = repeat_question(figure, live=live)
    try:
        query = question.kind.parse_fields(**question.written)
    except Misuse:  # what it was asked by is not on any list: nobody published it by this software
        return None
    return format_balance(_ASKED[question.kind](snapshot, query))


def _lay_beside(figure: PublishedFigure, then: BalanceAnswer | None, now: BalanceAnswer | None) -> list[dict[str, Any]]:
    """Lay the cells that were published beside those of the store, in the order of their values."""
    said = {cell.values: cell.n for cell in figure.cells}
    beside = [
        None if one is None else {cell.values: cell.n for cell in list_cells(figure.by, one)} for one in (then, now)
    ]
    cells = sorted(said.keys() | {values for one in beside if one for values in one})
    return [
        dict(zip(figure.by, values, strict=True))
        | {"n": said.get(values, 0)}
        | {name: None if one is None else one.get(values, 0) for name, one in zip(("then", "now"), beside, strict=True)}
        for values in cells
    ]
