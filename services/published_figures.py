"""Published figures, with what the store says beside them: of the same instants, and now."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from audit.figure_questions import can_be_asked
from audit.figures import is_measure_known
from audit.published_figures import LoggedFigure, read_figures
from infra.settings import Settings
from queries.client import Client
from queries.figure_question import list_cells, repeat_question
from queries.figure_reader import describe_logged, sum_cells
from queries.topic_reading import FIGURES_READ, name_unread
from queries.waiting import CALL_TIMEOUT_SECONDS
from schemas.figures import FigureCell, PublishedFigure
from schemas.registry import resolve_ids
from services.figures import ask_figure


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
        sums = {"then": sum_cells(self.then), "now": sum_cells(self.now)}
        return describe_logged(self.logged) | {"agrees": self.agrees} | sums


def list_published(settings: Settings, client: Client) -> Iterator[ComparedFigure]:
    """List what was published, in order, and ask the store beside each.

    Raises:
        Unavailable: the broker, the registry or the store did not answer.
    """
    with name_unread(FIGURES_READ):
        figures = read_figures(settings, resolve_ids(settings), CALL_TIMEOUT_SECONDS).figures
    for logged in figures:
        figure = logged.figure
        if figure is None or not is_measure_known(figure) or not can_be_asked(figure):
            yield ComparedFigure(logged)
        else:
            then, now = (_ask_again(client, figure, live=live) for live in (False, True))
            yield ComparedFigure(logged, then, now)


def _ask_again(client: Client, figure: PublishedFigure, *, live: bool) -> tuple[FigureCell, ...]:
    """Ask a figure's question again: of its instants, or now."""
    question = repeat_question(figure, live=live)
    return list_cells(question.list_dimensions(), ask_figure(client, question))
