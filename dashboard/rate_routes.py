"""The endpoint of rates."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from dashboard.parameters import Format, FromDay, Instant, Org, ToDay
from dashboard.representations import TABLES, describe_forms
from dashboard.table_files import send_table, tabulate_rates
from queries.rate_query import RateQuery
from queries.store_answers import StoreAnswers

Region = Annotated[str | None, Query(description="The organisations of one region.", examples=["London"])]
Pillar = Annotated[str | None, Query(description="Of this pillar alone.", examples=["PURSUE"])]
Kind = Annotated[str | None, Query(description="Against this kind of threat alone.", examples=["OCG"])]
CrimeType = Annotated[str | None, Query(description="Of this crime type alone.", examples=["DRUGS"])]


def route_rates(answers: StoreAnswers) -> APIRouter:
    """Route what is counted a week."""
    router = APIRouter(tags=["balances"])

    @router.get("/rates", response_model=RateQuery.find_answer(), responses=describe_forms(TABLES))
    def rates(  # noqa: PLR0913, PLR0917  (the command line's options)
        request: Request,
        from_: FromDay,
        to: ToDay,
        org: Org = None,
        region: Region = None,
        pillar: Pillar = None,
        kind: Kind = None,
        crime_type: CrimeType = None,
        as_at: Instant = None,
        known_at: Instant = None,
        format: Format = None,
    ) -> Response:
        """Lead disruptions a week and per 100 active threats: process limits, and what is still to come."""
        whom = {"org": org, "region": region, "pillar": pillar, "kind": kind, "crime_type": crime_type}
        query = RateQuery.parse_fields(from_=from_, to=to, as_at=as_at, known_at=known_at, **whom)
        answer = answers.answer_query(query)
        return send_table(request, answer, format, lambda: tabulate_rates(query, answer))

    return router
