"""The endpoint of rates."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from dashboard.parameters import Format, FromDay, Instant, Org, ToDay
from dashboard.representations import TABLES, describe_forms
from dashboard.table_files import send_table, tabulate_rates
from queries.rate_query import RateQuery
from queries.store_answers import StoreAnswers

Region = Annotated[str | None, Query(description="The organisations of one region.", examples=["London"])]
Pillar = Annotated[str | None, Query(description="Of this pillar alone.", examples=["PURSUE"])]
Kind = Annotated[str | None, Query(description="Against this kind of threat alone.", examples=["OCG"])]
CrimeType = Annotated[str | None, Query(description="Of this crime type alone.", examples=["DRUGS"])]


class RateBody(BaseModel):
    """Lead disruptions a week, with process limits and what is still to come."""

    weeks: list[dict[str, Any]] = Field(
        description="Whole weeks, Monday to Sunday, that are over: `n` recorded; its `rate` per 100 active threats; "
        "`delay`, weeks since its end; the `share` that is in by then on average; `filling` until most is; what it is "
        "`expected` to become, with an interval; the value it is `judged` by; its limits.",
        examples=[[{"week": "2022-05-02", "n": 212, "filling": False, "share": 0.97, "expected": 218.6}]],
    )
    left_out: list[dict[str, str]] = Field(description="Days of the period that are in no week shown, and why.")
    limits: list[dict[str, Any]] = Field(description="Process limits, and the baseline that they were computed from.")
    signals: list[dict[str, str]] = Field(description="Run rules that hold, each with its weeks and a sentence.")
    total: dict[str, Any] = Field(description="The weeks together; `rate` is a week's, per 100 active threats.")
    year_before: dict[str, Any] | None = Field(description="The same weeks 52 weeks before.")
    numerator: dict[str, Any] = Field(description="Which disruptions, of which event dates, as at when (rule 14).")
    denominator: dict[str, Any] = Field(description="Which active threats, as at when (rules 8 and 14), and how many.")
    triangle: list[dict[str, Any]] = Field(
        description="The reporting triangle: of each event week, how much was in at each delay, in weeks."
    )
    delays: list[dict[str, Any]] = Field(description="Which share of a week is in at each delay, on average.")
    horizon: int | None = Field(description="The delay up to which is foreseen; null where nothing is.", examples=[45])
    method: dict[str, Any] = Field(description="The method's name, version, and constants.")
    position: dict[str, int] = Field(examples=[{"0": 1204, "1": 1187}])
    as_at: str = Field(description="The instant from which delays are measured back.")
    known_at: str = Field(description="As the ledger knew it (append time).")
    complete: bool = Field(description="Nothing can come to it: the answer is the same for ever.")
    complete_through: str | None = Field(description="Any `known_at` up to here is complete.")
    measure: str = Field(description="The measure and its version.")


def route_rates(answers: StoreAnswers) -> APIRouter:
    """Route what is counted a week."""
    router = APIRouter(tags=["balances"])

    @router.get("/rates", response_model=RateBody, responses=describe_forms(TABLES))
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
    ) -> Any:
        """Lead disruptions a week and per 100 active threats: process limits, and what is still to come."""
        whom = {"org": org, "region": region, "pillar": pillar, "kind": kind, "crime_type": crime_type}
        query = RateQuery.parse_fields(from_=from_, to=to, as_at=as_at, known_at=known_at, **whom)
        answer = answers.answer_query(query)
        return send_table(request, answer, format, lambda: tabulate_rates(query, answer))

    return router
