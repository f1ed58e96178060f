"""Many who look at one page at once: its requests take turns, and who waited stands on the next one's moment."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from starlette.types import Message

from dashboard.api import build_api
from dashboard.page_turns import PageTurns
from dashboard.places import compose_place
from infra.settings import Settings
from queries.snapshot import Snapshot
from sinks.store import Store
from tests.dashboard.conftest import Known
from tests.patience import PATIENCE_SECONDS

PAGE = "/?from=2021-07-01&to=2022-06-30"
REFUSAL = ["partition", "offset", "previous_offset", "ledger_time", "code", "message"]


class HeldPages:
    """The national page, each time once it is let, and the moments on which it stood."""

    def __init__(self) -> None:
        self.may, self.moments = threading.Semaphore(0), list[Snapshot]()

    def hold_page(self, page: Any) -> None:
        """Hold one that is about to be drawn."""
        self.moments.append(page.snapshot)
        assert self.may.acquire(timeout=PATIENCE_SECONDS)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldPages]:
    """National pages are drawn when the test lets them."""
    found = HeldPages()

    def compose_when_let(page: Any, place: dict[str, str]) -> Any:
        found.hold_page(page)
        return compose_place(page, place)

    monkeypatch.setattr("dashboard.pages.national.compose_place", compose_when_let)
    yield found
    found.may.release(100)


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> PageTurns:
    """The turns of the pages."""
    found = PageTurns()
    monkeypatch.setattr("dashboard.api.PageTurns", lambda: found)
    return found


@pytest.fixture
def api(settings: Settings, store: Store, turns: PageTurns) -> FastAPI:  # noqa: ARG001  (patches what is served)
    """The pages over the rows of ``conftest``."""
    return build_api(settings, store, published=Known())


async def await_truth(what: Callable[[], bool]) -> None:
    """Return once it is true."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not what():  # noqa: ASYNC110  (threads tell this loop nothing)
            await asyncio.sleep(0.01)


def write_one(store: Store) -> None:
    """Write one refusal more: the store has moved."""
    found = store.query("SELECT max(offset) AS at, max(ledger_time) AS learnt FROM rejected WHERE partition = 0")[0]
    row = [0, found["at"] + 1, found["at"], found["learnt"], "MISROUTED", "Key it by its threat."]
    store.insert_rows("rejected", REFUSAL, [row])


def test_all_who_waited_stand_on_one_moment_that_holds_what_came_meanwhile(
    api: FastAPI, store: Store, held: HeldPages, turns: PageTurns
) -> None:
    """Nine look: the first at what was there, and the eight who came after a write at the next moment, all of them.

    What is written while the first of the eight is drawn is in none of them.
    """

    async def look_together() -> list[Response]:
        async with AsyncClient(transport=ASGITransport(api), base_url="http://localhost") as client:
            first = asyncio.create_task(client.get(PAGE))
            await await_truth(lambda: len(held.moments) == 1)
            write_one(store)
            others = [asyncio.create_task(client.get(PAGE)) for _ in range(8)]
            await await_truth(lambda: turns._turns[PAGE].asking == 9)
            assert len(held.moments) == 1, "they wait, and in no thread"
            held.may.release()
            await await_truth(lambda: len(held.moments) == 2)
            write_one(store)
            held.may.release(8)
            return await asyncio.gather(first, *others)

    found = asyncio.run(look_together())
    assert [one.status_code for one in found] == [200] * 9
    first, *others = held.moments
    assert [one is others[0] for one in others] == [True] * 8
    assert others[0].position[0] == first.position[0] + 1
    assert turns._turns == {}


def test_another_page_waits_for_nobody(api: FastAPI, held: HeldPages) -> None:
    """Nor does the same of another period."""

    async def look_elsewhere() -> list[int]:
        async with AsyncClient(transport=ASGITransport(api), base_url="http://localhost") as client:
            slow = asyncio.create_task(client.get(PAGE))
            await await_truth(lambda: len(held.moments) == 1)
            other = await client.get("/threats")
            year = asyncio.create_task(client.get("/?from=2020-07-01&to=2021-06-30"))
            await await_truth(lambda: len(held.moments) == 2)
            held.may.release(2)
            return [other.status_code, *(one.status_code for one in await asyncio.gather(slow, year))]

    assert asyncio.run(look_elsewhere()) == [200] * 3


def test_a_turn_is_over_before_anything_goes_out(api: FastAPI, held: HeldPages) -> None:
    """Who does not take an answer keeps nobody from the same page; nor does a page that fails."""
    held.may.release(100)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "query_string": PAGE.partition("?")[2].encode(),
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
        "root_path": "",
        "state": {},
    }

    async def receive_nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def look_twice() -> int:
        stuck, taken = asyncio.Event(), asyncio.Event()

        async def send_late(_: Message) -> None:
            stuck.set()
            await taken.wait()

        slow = asyncio.create_task(api(scope, receive_nothing, send_late))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await stuck.wait()
            async with AsyncClient(transport=ASGITransport(api), base_url="http://localhost") as client:
                assert (await client.get(f"{PAGE}&org=nobody")).status_code == 400
                found = await client.get(PAGE)
        taken.set()
        await slow
        return found.status_code

    assert asyncio.run(look_twice()) == 200
