"""Questions about what was published for ever, and about the seal on the ledger."""

from dataclasses import dataclass
from typing import ClassVar, Final, Self

from queries.errors import WrongField
from queries.figure_answers import FigureListAnswer, PublishedFigureAnswer, SealAnswer
from queries.keyset import parse_position
from queries.query import Query, WrittenFields
from queries.record_queries import PlaceQuery

FIGURES_MOST: Final = 1_000
FIGURES_USUALLY: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureListQuery(Query[FigureListAnswer]):
    """The figures that were published, newest first.

    Args:
        after: the place in ``soc.figures`` of the last one that was listed before; None begins.
    """

    PATH: ClassVar[str] = "figures"

    after: tuple[int, int] | None = None
    limit: int = FIGURES_USUALLY

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        after = fields.take_text("after")
        limit = fields.take_whole("limit", FIGURES_MOST, FIGURES_USUALLY)
        return cls(after=None if after is None else parse_position(after, "after"), limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigureQuery(PlaceQuery[PublishedFigureAnswer]):
    """One record of ``soc.figures``, by its place: an id alone may stand in several records."""

    PATH: ClassVar[str] = "figures"

    def refuse_absent(self) -> WrongField:
        """Return the error of a place at which nothing lies."""
        return WrongField(
            "offset", f"no figure lies at {self.partition}:{self.offset} of soc.figures; /figures lists all of them"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SealQuery(Query[SealAnswer]):
    """How far the ledger is sealed, by whom, and who cosigned it."""

    PATH: ClassVar[str] = "seal"
