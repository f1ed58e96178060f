"""A rebuild of the stored tables, over the read API: where it is, what is asked of it, and what is built, to look at.

Under ``/v1/next`` lies the read API of the generation that is being built, with the addresses of the other one: so it
is compared, and looked at, by whatever asks that.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, Field
from starlette.types import ASGIApp, Receive, Scope, Send

from access.reads import decode_reader
from dashboard.problem_details import build_problem
from queries.rebuild_answer import NEXT, NOBODY_BUILDS, RATE_MOST, REBUILD, RebuildAnswer
from queries.rebuild_host import RebuildHost, hold_host
from queries.store_answers import StoreAnswers

NEXT_PATH: Final = f"/v1/{NEXT}"
Reader = Annotated[str, Header(min_length=1, description="Who asks, as the log of reads is told it.")]
Rate = Annotated[int, Query(ge=0, le=RATE_MOST, description="Records a second at most; 0: as fast as it goes.")]


class SwitchAsked(BaseModel):
    """What a switch is asked for with."""

    certificate: dict[str, Any] = Field(description="Of a replay of the whole ledger against what is being built.")
    approved: str = Field(
        "",
        pattern="^([0-9a-f]{64})?$",
        description="SHA-256 of its differences, where they are approved; empty: it has none.",
    )


def route_rebuild(host: RebuildHost | None) -> APIRouter:
    """Route what is asked of a rebuild; every POST needs ``X-Reader``, which no page of another site can send."""
    router = APIRouter(tags=["health"], prefix=f"/{REBUILD}")

    @router.get("")
    def read_rebuild() -> RebuildAnswer:
        """Which generation of the stored tables is shown, which is being built, and how far it is."""
        return hold_host(host).read_state()

    @router.post("/begin")
    def begin_rebuild(x_reader: Reader, rate: Rate = 0) -> RebuildAnswer:  # noqa: ARG001  (no page of another site can send it)
        """Build the next generation from the topics, or go on with it."""
        return hold_host(host).begin_rebuild(rate)

    @router.post("/switch")
    def switch_tables(x_reader: Reader, asked: SwitchAsked) -> RebuildAnswer:
        """Show what was built, from now on, to everybody: where it holds the rows that a replay certified."""
        return hold_host(host).switch_tables(asked.certificate, asked.approved, decode_reader(x_reader))

    @router.post("/cancel")
    def cancel_rebuild(x_reader: Reader) -> RebuildAnswer:  # noqa: ARG001  (as above)
        """Build no more, and drop what was built."""
        return hold_host(host).cancel_rebuild()

    @router.post("/drop-old")
    def drop_previous(x_reader: Reader) -> RebuildAnswer:  # noqa: ARG001  (as above)
        """Drop the generation that was shown before."""
        return hold_host(host).drop_previous()

    return router


class NextReads:
    """The read API of the generation that is being built, while there is one."""

    def __init__(self, host: RebuildHost | None, build: Callable[[StoreAnswers], ASGIApp]) -> None:
        self._host = host
        self._build = build
        self._made: tuple[StoreAnswers, ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on to it."""
        await self._find_api()(scope, receive, send)

    def _find_api(self) -> ASGIApp:
        answers = self._host.find_next() if self._host is not None else None
        if answers is None:
            self._made = None
            return build_problem(404, NOBODY_BUILDS)
        if self._made is None or self._made[0] is not answers:
            self._made = answers, self._build(answers)
        return self._made[1]
