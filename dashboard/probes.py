"""What machines ask of the process: does it live, may it be asked, what does it count? None of it waits for anybody."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from typing_extensions import TypedDict

from infra.metrics import CONTENT_TYPE, render_metrics
from queries.health_answers import PartTrouble
from queries.readiness import Troubles
from queries.store_answers import StoreAnswers


class Probe(TypedDict):
    """Whether this process lives, or may be asked."""

    status: Annotated[str, Field(description="`ok`, or `failing`.", examples=["ok"])]
    troubles: Annotated[list[PartTrouble], Field(description="Why not, and what to do; empty when it is.")]


FAILING: dict[int | str, dict[str, Any]] = {503: {"model": Probe, "description": "It does not."}}


def route_probes(answers: StoreAnswers) -> APIRouter:
    """Route liveness and readiness."""
    router = APIRouter(tags=["health"])

    @router.get("/live", responses=FAILING)
    async def read_liveness(response: Response) -> Probe:
        """Whether the process's loops turn: 503 when it should be started again."""
        return describe_probe(response, answers.judge_liveness())

    @router.get("/ready", responses=FAILING)
    async def read_readiness(response: Response) -> Probe:
        """Whether answers can be had here: 503 while the store does not answer, or the loader hangs."""
        judge = answers.judge_readiness
        return describe_probe(response, judge() if answers.watch.is_running else await run_in_threadpool(judge))

    return router


def describe_probe(response: Response, troubles: Troubles) -> Probe:
    """Describe what was found, and set the status by it."""
    response.status_code = 503 if troubles else 200
    return {"status": "failing" if troubles else "ok", "troubles": troubles}


def route_metrics(answers: StoreAnswers) -> APIRouter:
    """Route the metrics, where Prometheus expects them."""
    router = APIRouter(include_in_schema=False)
    ledger = answers.collect_metrics()

    @router.get("/metrics")
    def read_metrics() -> Response:
        """Everything that this process counts, in Prometheus's text format."""
        return Response(render_metrics(ledger), media_type=CONTENT_TYPE)

    return router
