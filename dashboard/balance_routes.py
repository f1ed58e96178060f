"""What is counted, over the read API."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from dashboard.parameters import By, Format, FromDay, Instant, Org, ToDay, Type
from dashboard.representations import EXTRACTIONS, TABLES, describe_forms, send_balance
from ledger.vocabulary import Standing as StandingValue
from queries.answers import ChangeAnswer, MovementAnswer, PublicAnswer
from queries.balance_queries import SECONDS_USUALLY, ChangeQuery, CountQuery, ExtractQuery, MovementQuery, ThreatQuery
from queries.choices import ALL
from queries.public_release import PublicQuery
from queries.store_answers import StoreAnswers

STANDINGS: Final = {"enum": [*map(str, StandingValue), ALL]}
Standing = Annotated[
    str | None,
    Query(description="`COUNTED` (unless asked), another standing, or `all`.", json_schema_extra=STANDINGS),
]
Since = Annotated[
    str, Query(description="A cursor of an earlier answer; `none` begins.", examples=["7f3a90c1@0:1204,1:1187"])
]
Seconds = Annotated[str, Query(description="How far back, in whole seconds.", examples=["300"])]
FileFormat = Annotated[
    str | None, Query(description="`json` (unless asked), `csv` or `parquet`; or by `Accept`.", examples=["parquet"])
]


def route_balances(answers: StoreAnswers) -> APIRouter:
    """Route what is counted."""
    router = APIRouter(tags=["balances"])
    tables, extractions = describe_forms(TABLES), describe_forms(EXTRACTIONS)

    @router.get("/counts", response_model=CountQuery.find_answer(), responses=tables)
    async def counts(
        request: Request, by: By = None, org: Org = None, type: Type = None, format: Format = None
    ) -> Response:
        """Live balances of the disruptions that count."""
        query = CountQuery.parse_fields(by=by, org=org, type=type)
        return await send_balance(request, answers, query, format)

    @router.get("/extract", response_model=ExtractQuery.find_answer(), responses=extractions)
    async def extract(  # noqa: PLR0913, PLR0917  (the command line's options)
        request: Request,
        from_: FromDay,
        to: ToDay,
        as_at: Instant = None,
        known_at: Instant = None,
        by: By = None,
        type: Type = None,
        standing: Standing = None,
        org: Org = None,
        format: FileFormat = None,
    ) -> Response:
        """The disruptions of a period, as at an instant: the same answer for ever once complete."""
        query = ExtractQuery.parse_fields(
            from_=from_, to=to, as_at=as_at, known_at=known_at, by=by, type=type, standing=standing, org=org
        )
        return await send_balance(request, answers, query, format, EXTRACTIONS)

    @router.get("/public")
    def release(
        from_: FromDay, to: ToDay, as_at: Instant = None, known_at: Instant = None, by: By = None
    ) -> PublicAnswer:
        """Lead disruptions of a public year for release: small cells, and what would give them away, are null."""
        query = PublicQuery.parse_fields(from_=from_, to=to, as_at=as_at, known_at=known_at, by=by)
        return answers.answer_query(query)

    @router.get("/threats", response_model=ThreatQuery.find_answer(), responses=tables)
    async def threats(  # noqa: PLR0913, PLR0917  (as above)
        request: Request,
        as_at: Instant = None,
        known_at: Instant = None,
        by: By = None,
        org: Org = None,
        format: Format = None,
    ) -> Response:
        """The threat count of rule 8."""
        query = ThreatQuery.parse_fields(as_at=as_at, known_at=known_at, by=by, org=org)
        return await send_balance(request, answers, query, format)

    return router


def route_movement(answers: StoreAnswers) -> APIRouter:
    """Route what moved of that."""
    router = APIRouter(tags=["balances"])

    @router.get("/movement")
    def movement(
        seconds: Seconds = str(SECONDS_USUALLY), by: By = None, org: Org = None, type: Type = None
    ) -> MovementAnswer:
        """What the last seconds' entries changed in the counted balances."""
        return answers.answer_query(MovementQuery.parse_fields(seconds=seconds, by=by, org=org, type=type))

    @router.get("/changes")
    def list_changes(since: Since, by: By = None, org: Org = None, type: Type = None) -> ChangeAnswer:
        """List the live balances that are others than at a cursor, as they are now, and the cursor to go on from."""
        return answers.answer_query(ChangeQuery.parse_fields(since=since, by=by, org=org, type=type))

    return router
