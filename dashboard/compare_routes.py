"""Then beside now, over the read API: cells with their causes, and the disruptions that a cause is made of."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from dashboard.parameters import By, Format, FromDay, ToDay, Value
from dashboard.representations import TABLES, describe_forms
from dashboard.table_files import send_table, tabulate_comparison, tabulate_moves
from queries.compare_queries import MOVES_MOST, MOVES_USUALLY, CompareQuery, MoveQuery
from queries.store_answers import StoreAnswers

Both = Annotated[str | None, Query(description="Of both clocks: an instant with a zone, or a date: its end in London.")]
Clock = Annotated[str | None, Query(description="The same of one clock, apart.")]
Cause = Annotated[str | None, Query(description="One cause.", examples=["ENTERED_LATE"])]
Most = Annotated[
    str | None, Query(description=f"How many to list: {MOVES_USUALLY} unless asked, {MOVES_MOST:,} at most.")
]


def route_comparison(answers: StoreAnswers) -> APIRouter:
    """Route then beside now."""
    router, tables = APIRouter(tags=["balances"]), describe_forms(TABLES)

    @router.get("/compare", response_model=CompareQuery.find_answer(), responses=tables)
    def compare(  # noqa: PLR0913, PLR0917  (the command line's options)
        request: Request,
        from_: FromDay,
        to: ToDay,
        then: Both = None,
        then_as_at: Clock = None,
        then_known_at: Clock = None,
        now: Both = None,
        now_as_at: Clock = None,
        now_known_at: Clock = None,
        by: By = None,
        type: Value = None,
        org: Value = None,
        region: Value = None,
        format: Format = None,
    ) -> Response:
        """Then beside now, and the causes of the difference, which sum to it in every cell."""
        states = {"then": then, "then_as_at": then_as_at, "then_known_at": then_known_at}
        states |= {"now": now, "now_as_at": now_as_at, "now_known_at": now_known_at}
        query = CompareQuery.parse_fields(from_=from_, to=to, by=by, type=type, org=org, region=region, **states)
        answer = answers.answer_query(query)
        return send_table(request, answer, format, lambda: tabulate_comparison(query, answer))

    @router.get("/compare/moves", response_model=MoveQuery.find_answer(), responses=tables)
    def list_moves(  # noqa: PLR0913, PLR0917  (the fields of a cell)
        request: Request,
        from_: FromDay,
        to: ToDay,
        then: Both = None,
        then_as_at: Clock = None,
        then_known_at: Clock = None,
        now: Both = None,
        now_as_at: Clock = None,
        now_known_at: Clock = None,
        cause: Cause = None,
        org: Value = None,
        region: Value = None,
        type: Value = None,
        pillar: Value = None,
        kind: Value = None,
        crime_type: Value = None,
        category: Value = None,
        month: Value = None,
        limit: Most = None,
        format: Format = None,
    ) -> Response:
        """The disruptions that a difference is made of: what came into the count of a cell, and what left it."""
        states = {"then": then, "then_as_at": then_as_at, "then_known_at": then_known_at}
        states |= {"now": now, "now_as_at": now_as_at, "now_known_at": now_known_at}
        account = {"org": org, "region": region, "type": type, "pillar": pillar, "category": category}
        threat = {"kind": kind, "crime_type": crime_type, "month": month, "cause": cause, "limit": limit}
        query = MoveQuery.parse_fields(from_=from_, to=to, **account, **threat, **states)
        answer = answers.answer_query(query)
        return send_table(request, answer, format, lambda: tabulate_moves(query, answer))

    return router
