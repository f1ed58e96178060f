"""The read API, ``/v1``, and the pages, over one store, for loopback.

Store calls are synchronous and run in the framework's thread pool, because every endpoint is a plain function.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.middleware.trustedhost import TrustedHostMiddleware

from access.reads import ReadLog
from dashboard import problem_details
from dashboard.arrival_routes import route_arrivals
from dashboard.audit_routes import route_audit
from dashboard.balance_routes import route_balances, route_movement
from dashboard.compare_routes import route_comparison
from dashboard.description import describe_api
from dashboard.feed_routes import route_feeds
from dashboard.live_hub import LiveHub
from dashboard.live_stream import route_events
from dashboard.middleware import LOOPBACK_NAMES, ReadMiddleware
from dashboard.page_turns import PageTurns
from dashboard.pages.alerts import route_alerts
from dashboard.pages.audit import route_audit_page
from dashboard.pages.compare import route_compare
from dashboard.pages.disruption import route_disruption
from dashboard.pages.entry import route_entry
from dashboard.pages.feeds import route_feed_pages
from dashboard.pages.national import route_national
from dashboard.pages.organisation import route_organisation
from dashboard.pages.organisations import route_organisations
from dashboard.pages.published import route_published
from dashboard.pages.rates import route_rates_page
from dashboard.pages.reconcile import route_reconcile_page
from dashboard.pages.records import route_listed
from dashboard.pages.refusals import route_desk
from dashboard.pages.region import route_region
from dashboard.pages.rules import route_rules
from dashboard.pages.signals import route_signal_pages
from dashboard.pages.status import route_status
from dashboard.pages.threat import route_threat
from dashboard.pages.threats import route_threats
from dashboard.parameters import hold_parameters
from dashboard.probes import route_metrics, route_probes
from dashboard.rate_routes import route_rates
from dashboard.rebuild_routes import NEXT_PATH, NextReads, route_rebuild
from dashboard.reconcile_routes import route_reconciling
from dashboard.record_routes import route_listing, route_threat_list
from dashboard.rejection_routes import EventId, Recorder, route_rejections
from dashboard.signal_routes import route_signals
from dashboard.site import Site, serve_assets
from infra.settings import Settings
from queries.alerts import LISTED_MOST as ALERTS_MOST
from queries.alerts import LISTED_USUALLY as ALERTS_USUALLY
from queries.alerts import AlertQuery
from queries.health_answers import (
    AlertAnswer,
    HealthAnswer,
    InvariantAnswer,
    LoadedAgainAnswer,
    PositionAnswer,
    UnloadableAnswer,
)
from queries.published import Published
from queries.rebuild_host import RebuildHost
from queries.record_answers import RejectionAnswer, StoryAnswer
from queries.record_queries import (
    LISTED_MOST,
    LISTED_USUALLY,
    PARTITION_LAST,
    DisruptionQuery,
    HealthQuery,
    InvariantQuery,
    PositionQuery,
    RejectionQuery,
    StoredRowsQuery,
    UnloadableQuery,
)
from queries.store_answers import StoreAnswers
from queries.stored import LAST_OFFSET
from queries.watch import Watch
from sinks.loader_health import LoaderHealth
from sinks.store import Store

Partition = Annotated[int | None, Query(ge=0, le=PARTITION_LAST, description="One partition of `soc.published`.")]
Offset = Annotated[int | None, Query(ge=0, le=LAST_OFFSET, description="Bounds of source offsets, both included.")]
Code = Annotated[str | None, Query(description="Rejections of this code alone.", examples=["MISROUTED"])]
Packed = Annotated[bool, Query(description="All rows of a range as one Avro object container file, uncoded.")]
ThreatId = Annotated[str | None, Query(description="Rows of this threat alone.", examples=["kent-t0001"])]
AfterPosition = Annotated[str | None, Query(description="Position of the last one listed before.", examples=["0:12"])]
Limit = Annotated[
    str | None, Query(description=f"How many to list, {LISTED_USUALLY:,} unless asked; {LISTED_MOST:,} at most.")
]
AlertLimit = Annotated[
    str | None, Query(description=f"How many to list, {ALERTS_USUALLY} unless asked; {ALERTS_MOST:,} at most.")
]
Reference = Annotated[
    str, Query(description="A disruption's reference, whatever is in it.", examples=["KENT/2022/381"])
]

LoaderState = Callable[[], LoaderHealth]


def build_api(
    settings: Settings,
    store: Store,
    loader_state: LoaderState | None = None,
    published: Published | None = None,
    watch: Watch | None = None,
) -> FastAPI:
    """Build the application over one open store; ``loader_state`` tells of this process's loader, where it has one."""
    return build_api_of(settings, StoreAnswers(settings, store, published, watch, loader_state))


def build_api_of(settings: Settings, answers: StoreAnswers, host: RebuildHost | None = None) -> FastAPI:
    """Build the application of who answers; ``host`` builds the tables anew, where this process can."""
    api = FastAPI(
        title="Disruption Ledger read API",
        version="1",
        description="Balances, extractions and the records behind them. Lead and support are never added.",
        openapi_url=None,  # an endpoint as every other, below
        docs_url=None,
        redoc_url=None,
    )
    api.add_middleware(TrustedHostMiddleware, allowed_hosts=list(LOOPBACK_NAMES))
    api.add_middleware(ReadMiddleware, reads=ReadLog(settings.state))  # outermost: of all that leaves
    more = [route_probes(answers), route_events(LiveHub(answers)), route_rebuild(host), route_description(api)]
    include_questions(api, answers, more)
    api.mount(NEXT_PATH, NextReads(host, build_next))
    api.include_router(route_metrics(answers))
    serve_assets(api)
    turns = Depends(PageTurns().take_turn, scope="function")  # over before anything goes out, however slowly that is
    for page in route_pages(Site(answers)):
        api.include_router(page, include_in_schema=False, dependencies=[turns])
    return api


def build_next(answers: StoreAnswers) -> FastAPI:
    """Build the application of a generation that is being built: its questions, within the one that guards it."""
    api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    include_questions(api, answers, [])
    return api


def include_questions(api: FastAPI, answers: StoreAnswers, more: list[APIRouter]) -> None:
    """Include every question under ``/v1``, and ``more``; errors leave as problem documents or pages."""
    problem_details.install_handlers(api)
    api.state.invariants = answers.watch.invariants  # for pages of errors, which ask nothing
    for router in (
        route_balances(answers),
        route_movement(answers),
        route_comparison(answers),
        route_rates(answers),
        route_records(answers),
        route_listing(answers),
        route_threat_list(answers),
        route_rejections(answers),
        route_feeds(answers),
        route_reconciling(answers),
        route_arrivals(answers),
        route_signals(answers),
        route_audit(answers),
        route_health(answers),
        *more,
    ):
        api.include_router(
            router, prefix="/v1", responses=problem_details.RESPONSES, dependencies=[Depends(hold_parameters)]
        )


def route_pages(site: Site) -> list[APIRouter]:
    """Route the pages."""
    return [
        route_national(site),
        route_region(site),
        route_organisations(site),
        route_organisation(site),
        route_rates_page(site),
        route_compare(site),
        route_listed(site),
        route_disruption(site),
        route_entry(site),
        route_threats(site),
        route_threat(site),
        route_desk(site),
        route_alerts(site),
        route_status(site),
        route_feed_pages(site),
        route_signal_pages(site),
        route_reconcile_page(site),
        route_published(site),
        route_audit_page(site),
        route_rules(site),
    ]


def route_records(answers: StoreAnswers) -> APIRouter:
    """Route what stands behind a count."""
    router = APIRouter(tags=["records"])

    @router.get("/rejected")
    def rejected(
        code: Code = None,
        limit: Limit = None,
        org: Recorder = None,
        event_id: EventId = None,
        after: AfterPosition = None,
    ) -> RejectionAnswer:
        """The events that intake rejected, with their codes and what to do, and how many there are."""
        asked = {"code": code, "limit": limit, "org": org, "event_id": event_id, "after": after}
        return answers.answer_query(RejectionQuery.parse_fields(**asked))

    @router.get("/unloadable")
    def unloadable() -> UnloadableAnswer:
        """Records of the output topics that the store did not take: garbage, or a fault to be mended."""
        return answers.answer_query(UnloadableQuery())

    @router.post("/unloadable/load-again")
    def load_again(x_reader: Annotated[str, Header(min_length=1)]) -> LoadedAgainAnswer:  # noqa: ARG001  (no page of another site can send it)
        """Try every one of them once more."""
        return answers.load_again()

    @router.get("/disruptions")
    def disruption(disruption_id: Reference) -> StoryAnswer:
        """One disruption's story: its entries, their postings and positions. Takes any reference."""
        return answers.answer_query(DisruptionQuery.parse_fields(disruption_id=disruption_id))

    @router.get("/disruptions/{disruption_id:path}")
    def disruption_by_path(disruption_id: str) -> StoryAnswer:
        """The same, for references that an address can hold: `..` is not one, as clients take it for a step."""
        return answers.answer_query(DisruptionQuery.parse_fields(disruption_id=disruption_id))

    @router.get("/stored/{table}", response_class=StreamingResponse)
    def stored(  # noqa: PLR0913, PLR0917  (each is a parameter of the address)
        table: str,
        partition: Partition = None,
        threat_id: ThreatId = None,
        first: Offset = None,
        last: Offset = None,
        packed: Packed = False,
    ) -> Response:
        """Stored rows of `entries`, `postings`, `threat_postings`, `rejected` or `closings`, one JSON object a line."""
        query = StoredRowsQuery(
            table=table, partition=partition, threat_id=threat_id, first=first, last=last, packed=packed
        )
        if packed:
            return Response(answers.read_packed(query), media_type="application/avro")
        lines = answers.read_lines(query)
        return StreamingResponse(lines, media_type="application/x-ndjson")

    return router


def route_health(answers: StoreAnswers) -> APIRouter:
    """Route how far, and how well."""
    router = APIRouter(tags=["health"])

    @router.get("/positions")
    def positions() -> PositionAnswer:
        """How far the store has come, beside how far has been published."""
        return answers.answer_query(PositionQuery())

    @router.get("/invariants")
    def invariants() -> InvariantAnswer:
        """What must hold of everything that is served, whether it does, and where it does not."""
        return answers.answer_query(InvariantQuery())

    @router.get("/alerts")
    def list_alerts(limit: AlertLimit = None) -> AlertAnswer:
        """List the alerts that stand, and the last that were raised or cleared, each with what to do."""
        return answers.answer_query(AlertQuery.parse_fields(limit=limit))

    @router.get("/health", responses={503: {"model": HealthAnswer}})
    async def read_health(response: Response) -> HealthAnswer:
        """`degraded` when anything is the matter (200), or the loader has stopped (503); `troubles` say what to do.

        It waits for nobody, so that a service whose broker hangs, or which has many slow questions, still answers.
        """
        asked = HealthQuery()
        quick = answers.watch.is_running
        found = answers.answer_query(asked) if quick else await run_in_threadpool(answers.answer_query, asked)
        response.status_code = 503 if found["loader"] == "stopped" else 200
        return found

    return router


def route_description(api: FastAPI) -> APIRouter:
    """Route what can be asked, for programs."""
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    def openapi() -> Any:
        """This API as OpenAPI describes one."""
        return describe_api(api)

    return router
