"""What a published figure was asked by, as it is written, so that the same question can be asked again."""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.instants import format_millis, make_date
from ledger.vocabulary import FigureSubject
from queries.answers import BalanceAnswer
from queries.balance_queries import ExtractQuery, ThreatQuery
from queries.choices import ALL
from queries.query import Query
from schemas.figures import FigureCell, PublishedFigure


class FigureQuestion(NamedTuple):
    """What a figure is asked by, as it was written: the fields of ``extract``, or of ``threats``."""

    subject: FigureSubject
    written: dict[str, str | None]

    @property
    def kind(self) -> type[Query[BalanceAnswer]]:
        """The question that is asked."""
        return ThreatQuery if self.subject is FigureSubject.THREATS else ExtractQuery

    def list_dimensions(self) -> tuple[str, ...]:
        """List the dimensions, once each."""
        return tuple(dict.fromkeys(name.strip() for name in (self.written.get("by") or "").split(",") if name))


def repeat_question(figure: PublishedFigure, *, live: bool) -> FigureQuestion:
    """Repeat the question of a figure: as at, and as known at, its instants, or as of now."""
    instants = {"as_at": figure.as_at, "known_at": figure.known_at}
    written = {name: None if live else format_millis(millis) for name, millis in instants.items()}
    written |= {"by": ",".join(figure.by) or None, "org": figure.organisation}
    if figure.first_day is not None and figure.last_day is not None:
        days = {"from_": make_date(figure.first_day).isoformat(), "to": make_date(figure.last_day).isoformat()}
        written |= days | {"type": figure.type and figure.type.lower(), "standing": figure.standing or ALL}
    return FigureQuestion(FigureSubject(figure.subject), written)


def list_cells(by: Sequence[str], answer: BalanceAnswer) -> tuple[FigureCell, ...]:
    """List the cells of an answer, in the order of their values."""
    rows = answer["rows"]
    return tuple(sorted(FigureCell(tuple(str(row[name]) for name in by), int(row["n"])) for row in rows))
