"""Who answers about published figures and the seal, by the kind of question: both are read from topics."""

from collections.abc import Callable, Mapping
from typing import Any

from infra.settings import Settings
from queries.figure_queries import FigureListQuery, PublishedFigureQuery, SealQuery
from queries.figure_reader import FigureReader
from queries.query import Query
from queries.seal_reader import SealReader
from queries.snapshot import Snapshot


def list_audit_answers(settings: Settings) -> Mapping[type[Query[Any]], Callable[[Snapshot, Any], Any]]:
    """List who answers which question on published figures and on the seal."""
    figures, seals = FigureReader(settings), SealReader(settings)
    return {
        FigureListQuery: figures.answer_list,
        PublishedFigureQuery: figures.answer_figure,
        SealQuery: seals.answer_seal,
    }
