"""Published figures, with what the store says beside them: of the same instants, and now."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from audit.figure_questions import can_be_asked
from audit.figures import is_measure_known
from audit.published_figures import LoggedFigure, read_figures
from infra.settings import Settings
from ledger.instants import format_instant, make_date, make_instant
from ledger.vocabulary import FigureSubject
from queries.choices import ALL
from queries.client import Client
from schemas.figures import FigureCell, PublishedFigure
from schemas.registry import resolve_ids
from services.figures import FigureQuestion, ask_figure, list_cells


class ComparedFigure(NamedTuple):
    """A record of ``soc.figures`` with the store's word.

    Attributes:
        logged: the record.
        then: the cells of its question as at, and as known at, its instants; None where it cannot be asked here.
        now: those of the same question now; None likewise.
    """

    logged: LoggedFigure
    then: tuple[FigureCell, ...] | None = None
    now: tuple[FigureCell, ...] | None = None

    @property
    def agrees(self) -> bool:
        """Whether the store says what was published."""
        return self.logged.figure is not None and self.then == self.logged.figure.cells

    def make_row(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        figure, place = self.logged.figure, {"partition": self.logged.partition, "offset": self.logged.offset}
        if figure is None:
            return place | {"figure_id": None, "agrees": False}
        days = {"from": figure.first_day, "to": figure.last_day}
        told = ("figure_id", "subject", "measure", "organisation", "type", "standing", "note", "published_by")
        return (
            place
            | {name: getattr(figure, name) for name in told}
            | {name: None if day is None else make_date(day).isoformat() for name, day in days.items()}
            | {name: format_instant(make_instant(getattr(figure, name))) for name in ("as_at", "known_at")}
            | {"by": list(figure.by), "agrees": self.agrees}
            | {"published": _sum_cells(figure.cells), "then": _sum_cells(self.then), "now": _sum_cells(self.now)}
        )


def list_published(settings: Settings, client: Client) -> Iterator[ComparedFigure]:
    """List what was published, in order, and ask the store beside each.

    Raises:
        Unavailable: the broker, the registry or the store did not answer.
    """
    for logged in read_figures(settings, resolve_ids(settings)).figures:
        figure = logged.figure
        if figure is None or not is_measure_known(figure) or not can_be_asked(figure):
            yield ComparedFigure(logged)
        else:
            then, now = (_ask_again(client, figure, live=live) for live in (False, True))
            yield ComparedFigure(logged, then, now)


def _ask_again(client: Client, figure: PublishedFigure, *, live: bool) -> tuple[FigureCell, ...]:
    """Ask a figure's question again: of its instants, or now."""
    instants = {"as_at": figure.as_at, "known_at": figure.known_at}
    written = {name: None if live else format_instant(make_instant(millis)) for name, millis in instants.items()}
    written |= {"by": ",".join(figure.by) or None, "org": figure.organisation}
    if figure.first_day is not None and figure.last_day is not None:
        days = {"from_": make_date(figure.first_day).isoformat(), "to": make_date(figure.last_day).isoformat()}
        written |= days | {"type": figure.type and figure.type.lower(), "standing": figure.standing or ALL}
    question = FigureQuestion(FigureSubject(figure.subject), written)
    return list_cells(question.list_dimensions(), ask_figure(client, question))


def _sum_cells(cells: tuple[FigureCell, ...] | None) -> int | None:
    return None if cells is None else sum(cell.n for cell in cells)
