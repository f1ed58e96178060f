"""The read API on what was published for ever, and on the seal."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from dashboard import parameters
from dashboard.representations import TABLES, describe_forms
from dashboard.table_files import send_table, tabulate_figure
from queries.figure_answers import FigureListAnswer, SealAnswer
from queries.figure_queries import FIGURES_MOST, FIGURES_USUALLY, FigureListQuery, PublishedFigureQuery, SealQuery
from queries.store_answers import StoreAnswers

AfterFigure = Annotated[str | None, Query(description="`next` of the page before.", examples=["0:12"])]
FigureLimit = Annotated[
    str | None, Query(description=f"How many to list, {FIGURES_USUALLY} unless asked; {FIGURES_MOST:,} at most.")
]


def route_audit(answers: StoreAnswers) -> APIRouter:
    """Route published figures and the seal."""
    router, tables = APIRouter(tags=["audit"]), describe_forms(TABLES)

    @router.get("/figures")
    def list_figures(after: AfterFigure = None, limit: FigureLimit = None) -> FigureListAnswer:
        """The figures that were published, newest first: whatever was published stays for ever."""
        return answers.answer_query(FigureListQuery.parse_fields(after=after, limit=limit))

    @router.get("/figures/{partition}/{offset}", response_model=PublishedFigureQuery.find_answer(), responses=tables)
    def read_published(request: Request, partition: str, offset: str, format: parameters.Format = None) -> Response:
        """One published figure by its place in `soc.figures`, each cell beside what the store says of it."""
        answer = answers.answer_query(PublishedFigureQuery.parse_fields(partition=partition, offset=offset))
        return send_table(request, answer, format, lambda: tabulate_figure(answer))

    @router.get("/seal")
    def read_seal() -> SealAnswer:
        """How far the ledger is sealed: the newest checkpoint as it is signed, and whose names are under it."""
        return answers.answer_query(SealQuery())

    return router
