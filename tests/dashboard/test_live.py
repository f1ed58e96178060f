"""``/v1/events``: what moves reaches everyone who watches, read once; whoever was away resumes and misses nothing."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uvicorn

from dashboard import live_hub
from dashboard.api import build_api
from dashboard.http_protocol import ProblemProtocol
from dashboard.live_events import LiveEvent, LiveState, join_events
from dashboard.live_hub import LiveHub
from infra.settings import Settings
from local.ports import find_free_port
from queries.store_answers import StoreAnswers
from sinks.store import Store
from tests.dashboard.conftest import Known, make_instant
from tests.dashboard.streams import Feed, Message, read_changes, read_messages
from tests.patience import PATIENCE_SECONDS, PATIENT

WATCHERS = 50
CELL = {"pillar": "PURSUE", "kind": "OCG", "crime_type": "DRUGS"}


@pytest.fixture(scope="module")
def feed(store: Store, published: Known) -> Feed:
    """What writes to the store under the server."""
    return Feed(store, published)


@pytest.fixture
def statements(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that the engine is asked."""
    asked: list[str] = []
    query = store.query

    def note_query(sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return query(sql, *rest)

    monkeypatch.setattr(store, "query", note_query)
    return asked


def test_what_is_written_arrives_with_lead_and_support_apart(client: httpx.Client, feed: Feed) -> None:
    """One lead disruption of kent, then one support disruption; each event's id is the position that it reaches."""
    with client.stream("GET", "/events", timeout=PATIENCE_SECONDS) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        changes = read_changes(response.iter_lines())
        opening = next(changes)
        assert (opening.data["lead"], opening.data["support"]) == ([], [])
        feed.count_one("kent")
        lead = next(changes)
        assert lead.data["lead"] == [{"org": "kent", **CELL, "n": 1, "moved": 1}]
        assert lead.data["support"] == []
        assert (lead.data["since"], lead.id) == (opening.id, f"e3b0c442@0:{feed.offset},1:2")
        feed.count_one("rocu-tarian", "SUPPORT")
        support = next(changes)
        assert support.data["lead"] == []
        assert support.data["support"] == [{"org": "rocu-tarian", **CELL, "n": 1, "moved": 1}]
        assert support.data["newest"] == "2022-07-07T13:00:00.000Z"


def test_a_heartbeat_says_how_far_it_is_complete_and_has_no_id(client: httpx.Client) -> None:
    """All that is published is stored."""
    with client.stream("GET", "/events", timeout=PATIENCE_SECONDS) as response:
        beats = (one for one in read_messages(response.iter_lines()) if one.event == "heartbeat")
        first = next(beats)
        assert first.id is None
        said = {name: first.data[name] for name in ("behind", "troubles", "alerts", "lag")}
        assert said == {"behind": False, "troubles": 0, "alerts": 0, "lag": 0}
        assert first.data["complete_through"] > first.data["newest"]


def test_however_many_watch_a_change_is_read_once(address: str, feed: Feed, statements: list[str]) -> None:
    """Fifty watch: two sums of postings, what moved and what there is now, as for one."""

    async def watch_one(client: httpx.AsyncClient, opened: Callable[[], None]) -> Message:
        async with client.stream("GET", f"{address}/v1/events") as response:
            changes = read_async(response.aiter_lines())
            await anext(changes)
            opened()
            return await anext(changes)

    async def watch_all() -> list[Message]:
        ready, everyone = asyncio.Semaphore(0), httpx.Limits(max_connections=WATCHERS)
        async with httpx.AsyncClient(trust_env=False, limits=everyone, timeout=PATIENCE_SECONDS) as client:
            watching = [asyncio.create_task(watch_one(client, ready.release)) for _ in range(WATCHERS)]
            for _ in watching:
                await ready.acquire()
            statements.clear()
            await asyncio.to_thread(feed.count_one, "essex")
            return await asyncio.gather(*watching)

    messages = asyncio.run(watch_all())
    assert len(messages) == WATCHERS
    assert {tuple(row["org"] for row in one.data["lead"]) for one in messages} == {("essex",)}
    assert len([one for one in statements if "GROUP BY d0" in one]) == 2


async def read_async(lines: AsyncIterator[str]) -> AsyncIterator[Message]:
    """The messages of a stream without heartbeats."""
    held: list[str] = []
    async for line in lines:
        held.append(line)
        if not line:
            for message in read_changes(held):
                yield message
            held = []


def test_whoever_resumes_from_the_last_id_misses_nothing(client: httpx.Client, feed: Feed) -> None:
    """Read one event, be away for two changes, resume: what moved, summed from the beginning, is the live count."""
    counted: Counter[str] = Counter()
    last = "none"
    for _ in range(4):
        with client.stream("GET", "/events", headers={"Last-Event-ID": last}, timeout=PATIENCE_SECONDS) as response:
            message = next(read_changes(response.iter_lines()))
        assert (message.event, message.data["since"]) == ("changes", last)
        for row in message.data["lead"]:
            counted[row["org"]] += row["moved"]
        last = message.id or ""
        feed.count_one("kent")
        feed.count_one("avon-and-somerset")
    with client.stream("GET", "/events", params={"since": last}, timeout=PATIENCE_SECONDS) as response:
        for row in next(read_changes(response.iter_lines())).data["lead"]:
            counted[row["org"]] += row["moved"]
    live = client.get("/counts", params={"by": "org"}).json()["rows"]
    assert live == [{"org": org, "n": n} for org, n in sorted(counted.items())]


@pytest.mark.parametrize("last", ["e3b0c442@0:99999,1:2", "e3b0c442@7:0", "00000000@0:1,1:1", "0:1,1:1", "yesterday"])
def test_a_last_id_of_another_ledger_is_answered_by_a_reset(client: httpx.Client, last: str) -> None:
    """A browser would give up for good at an error: it is told, and goes on from the id of the reset."""
    with client.stream("GET", "/events", headers={"Last-Event-ID": last}, timeout=PATIENCE_SECONDS) as response:
        reset = next(read_changes(response.iter_lines()))
    assert (reset.event, reset.id) == ("reset", reset.data["cursor"])
    assert reset.data["detail"].startswith("since: ")


def test_a_cursor_in_the_address_that_is_none_is_a_problem(client: httpx.Client) -> None:
    """Whoever wrote it can mend it."""
    refused = client.get("/events", params={"since": "yesterday"})
    assert (refused.status_code, refused.json()["field"]) == (400, "since")


def test_a_stream_is_logged_when_it_opens(client: httpx.Client, settings: Settings) -> None:
    """Not when it ends."""
    file = settings.state / "logs" / "reads.log"
    before = file.read_text().count('"question": "events"')
    with client.stream("GET", "/events") as response:
        assert file.read_text().count('"question": "events"') == before + 1
        next(response.iter_lines())
    assert file.read_text().count('"question": "events"') == before + 1


@pytest.mark.parametrize("kept", [3, 2])
def test_who_reads_slowly_is_sent_all_that_changed_as_one_event(  # noqa: PLR0917 - what a hub stands on
    settings: Settings, store: Store, published: Known, feed: Feed, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It misses three events, and one goes from its position to the newest: joined, or read where fewer are kept."""
    monkeypatch.setattr(live_hub, "EVENTS_KEPT", kept)

    async def read_slowly() -> bytes:
        hub = LiveHub(StoreAnswers(settings, store, published))
        slow, quick = hub.send_messages(None), hub.send_messages(None)
        for one in (slow, quick):
            await take_changes(one)
        for _ in range(3):
            await asyncio.to_thread(feed.count_one, "surrey")
            await take_changes(quick)
        found = await take_changes(slow)
        await slow.aclose()
        await quick.aclose()
        return found

    before = feed.offset
    (message,) = read_messages(asyncio.run(read_slowly()).decode().split("\n"))
    assert (message.data["since"], message.id) == (f"e3b0c442@0:{before},1:2", f"e3b0c442@0:{before + 3},1:2")
    assert [(row["org"], row["moved"]) for row in message.data["lead"]] == [("surrey", 3)]


def test_what_is_kept_is_bounded_however_many_positions_are_resumed_from(
    settings: Settings, store: Store, published: Known, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two messages at most are kept of a position: the third is read, and the first read again by who comes back."""
    monkeypatch.setattr(live_hub, "MESSAGES_KEPT", 2)

    async def resume_often() -> list[int]:
        hub, kept = LiveHub(StoreAnswers(settings, store, published)), []
        watcher = hub.send_messages(None)
        await take_changes(watcher)
        for offset in (0, 1, 2, 0):
            late = hub.send_messages(f"e3b0c442@0:{offset},1:2")
            message = await take_changes(late)
            assert f'"since":"e3b0c442@0:{offset},1:2"'.encode() in message
            kept.append(len(hub._encoded))  # nobody outside can see it
            await late.aclose()
        await watcher.aclose()
        return kept

    feed.count_one("surrey")
    assert max(asyncio.run(resume_often())) == 2


async def take_changes(stream: AsyncIterator[bytes]) -> bytes:
    """The next message of changes."""
    async for message in stream:
        if b"event: changes" in message:
            return message
    raise AssertionError("the stream has ended")


def test_open_streams_do_not_hold_up_a_server_that_ends(settings: Settings, store: Store, published: Known) -> None:
    """Ten are open and take nothing; the server, which nobody gave a time for answers in flight, ends for all that."""
    port = find_free_port()
    config = uvicorn.Config(
        build_api(settings, store, None, published), port=port, http=ProblemProtocol, log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", **PATIENT) as client:
        streams = [client.stream("GET", "/v1/events") for _ in range(10)]
        for one in streams:
            one.__enter__()
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


def test_figures_are_behind_beyond_the_margin_and_where_nobody_can_tell() -> None:
    """Complete at best through five seconds ago: fifteen are in order, sixteen are not."""

    def is_behind(seconds: int | None) -> bool:
        through = None if seconds is None else make_instant(7) - timedelta(seconds=seconds)
        known: dict[str, Any] = {"newest": None, "troubles": 0, "alerts": 0, "lag": 0}
        state = LiveState(cursor="0:4", complete_through=through, margin=timedelta(seconds=5), **known)
        return state.is_behind(make_instant(7))

    assert [is_behind(15), is_behind(16), is_behind(None)] == [False, True, True]


def test_events_join_by_cell_and_what_came_back_is_gone() -> None:
    """Kent +1 then +2, essex +1 then -1."""

    def make_changed(since: str, cursor: str, *cells: tuple[str, int, int]) -> LiveEvent:
        rows: list[dict[str, str | int]] = [
            {"org": org, **CELL, "type": "LEAD", "n": n, "moved": moved} for org, n, moved in cells
        ]
        return LiveEvent(since=since, cursor=cursor, rows=rows)

    joined = join_events(
        [
            make_changed("0:1", "0:2", ("kent", 5, 1), ("essex", 8, 1)),
            make_changed("0:2", "0:4", ("kent", 7, 2), ("essex", 7, -1)),
        ]
    )
    assert (joined.since, joined.cursor) == ("0:1", "0:4")
    assert [(row["org"], row["n"], row["moved"]) for row in joined.rows] == [("kent", 7, 3)]
