"""Live movement: the store is read once for each change, and what it says is encoded once, for all who watch.

While anybody watches, three things go on in the server's loop, none of which waits for another:

1. the store is followed: in process a write wakes it, with a server it is asked every ``ASK_SECONDS`` where it is;
2. health, alerts and completeness are looked at, which takes long where the broker does not answer;
3. a heartbeat goes out every ``BEAT_SECONDS``, with what is known by then.

Of one who watches nothing is kept but the position that was sent last. Who is slow finds the events since then joined
to one, as long as ``EVENTS_KEPT`` reach back to it, and is otherwise answered from the store: nobody has a queue.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from functools import partial
from itertools import dropwhile
from typing import Final

import anyio
import anyio.to_thread
import structlog

from dashboard.live_events import RETRY_MILLISECONDS, LiveEvent, encode_beat, encode_reset, join_events
from dashboard.live_reading import LiveReading
from ledger.errors import Misuse, Unavailable
from queries.answer import read_clock
from queries.cursor import format_cursor, parse_cursor
from queries.snapshot import Snapshot
from queries.store_answers import StoreAnswers

GATHER_SECONDS: Final = 0.03  # one batch is several writes
ASK_SECONDS: Final = 0.25
RETRY_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 2.0
BEAT_SECONDS: Final = 2.0
EVENTS_KEPT: Final = 64
MESSAGES_KEPT: Final = 64  # of one position, by where they begin: whoever watches chooses that
THREADS_MOST: Final = 4  # two follow and look; the others are for who has fallen far behind
RETRY: Final = f"retry: {RETRY_MILLISECONDS}\n\n".encode()
_log = structlog.get_logger("dashboard.live_hub")


class LiveHub:
    """The hub of one read API. Used from the server's loop alone."""

    def __init__(self, answers: StoreAnswers) -> None:
        self._answers = answers
        self._watching = 0
        self._task: asyncio.Task[None] | None = None
        self._news, self._written = asyncio.Event(), asyncio.Event()
        self._beat, self._beats = b"", 0
        self._forget_all()

    async def send_messages(self, since: str | None) -> AsyncGenerator[bytes]:
        """Send what changes after a cursor, or from now on, until its reader leaves or following ends."""
        yield RETRY
        with self._join_watchers() as task:
            at, beats = since, self._beats
            while not task.done():
                news = self._news  # before it is looked whether there is any
                if self._snapshot is not None and at != self._cursor:
                    try:
                        at, message = await self._find_message(self._snapshot, at)
                    except Unavailable:  # its reader comes again
                        return
                    yield message
                elif beats != self._beats:
                    beats = self._beats
                    yield self._beat
                else:
                    await news.wait()

    @contextlib.contextmanager
    def _join_watchers(self) -> Iterator[asyncio.Task[None]]:
        """Follow the store from the first who watches until the last has left."""
        if self._task is None or self._task.done():
            self._forget_all()
            self._task = asyncio.get_running_loop().create_task(self._run())
            self._task.add_done_callback(self._note_end)
        self._watching += 1
        try:
            yield self._task
        finally:
            self._watching -= 1
            if not self._watching and self._task is not None:
                self._task.cancel()
                self._task = None

    def _forget_all(self) -> None:
        self._reading = LiveReading(self._answers)
        self._taken, self._looked = asyncio.Event(), asyncio.Event()
        self._snapshot: Snapshot | None = None
        self._cursor: str | None = None
        self._events: deque[LiveEvent] = deque(maxlen=EVENTS_KEPT)
        self._encoded: dict[str, bytes] = {}  # to the newest position, by where it begins

    def _note_end(self, task: asyncio.Task[None]) -> None:
        """Let all who watch go where following failed: they come again, and it begins anew."""
        if not task.cancelled() and task.exception() is not None:  # a defect of ours
            _log.error("live movement failed", exc_info=task.exception())
        self._tell_watchers()

    def _tell_watchers(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _run(self) -> None:
        loop, threads = asyncio.get_running_loop(), anyio.CapacityLimiter(THREADS_MOST)
        self._aside = partial(anyio.to_thread.run_sync, limiter=threads, abandon_on_cancel=True)

        def note_write() -> None:
            with contextlib.suppress(RuntimeError):  # the server has ended meanwhile
                loop.call_soon_threadsafe(self._written.set)

        with self._answers.hear_writes(note_write):
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow_store())
                group.create_task(self._look_around())
                group.create_task(self._send_beats())

    async def _follow_store(self) -> None:
        while True:
            self._written.clear()
            try:
                await self._advance_snapshot()
            except Unavailable:  # health says so
                await asyncio.sleep(RETRY_SECONDS)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._written.wait(), None if self._answers.hears_all else ASK_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)

    async def _advance_snapshot(self) -> None:
        """Read what changed since the last moment, and tell all. Raises Unavailable."""
        before, snapshot = self._snapshot, await self._aside(self._reading.take_snapshot)
        if before is not None and before.position == snapshot.position:
            return
        event = None
        if before is not None:
            with contextlib.suppress(Misuse):  # it is being filled again: a reset goes to each whose cursor is ahead
                event = await self._aside(self._reading.read_changes, snapshot, before.cursor)
        self._snapshot, self._cursor, self._encoded = snapshot, format_cursor(snapshot.cursor), {}
        if event is None:
            self._events.clear()
        else:
            self._events.append(event)
        self._taken.set()
        self._tell_watchers()

    async def _look_around(self) -> None:
        while True:
            await self._aside(self._reading.read_health)
            with contextlib.suppress(Unavailable):  # the store is away, as health says
                await self._aside(self._reading.read_alerts)
                await self._aside(self._reading.read_completeness)
            self._looked.set()
            await asyncio.sleep(LOOK_SECONDS)

    async def _send_beats(self) -> None:
        await self._taken.wait()
        with contextlib.suppress(TimeoutError):  # the first with what was found, where that takes no longer
            await asyncio.wait_for(self._looked.wait(), BEAT_SECONDS)
        while self._snapshot is not None:
            self._beat = encode_beat(self._reading.compose_state(self._snapshot), read_clock())
            self._beats += 1
            self._tell_watchers()
            await asyncio.sleep(BEAT_SECONDS)

    async def _find_message(self, snapshot: Snapshot, at: str | None) -> tuple[str, bytes]:
        """Find what takes a reader from its position to this moment's: that position, and the message."""
        cursor, encoded = format_cursor(snapshot.cursor), self._encoded  # others by the time that it has been read
        key = cursor if at is None else at
        message = encoded.get(key)
        if message is None:
            message = encoded[key] = await self._encode_message(snapshot, cursor, at)
            if len(encoded) > MESSAGES_KEPT:  # the oldest goes: it is made again for whoever asks
                del encoded[next(iter(encoded))]
        return cursor, message

    async def _encode_message(self, snapshot: Snapshot, cursor: str, at: str | None) -> bytes:
        state = self._reading.compose_state(snapshot)
        if at is None:
            return LiveEvent(since=cursor, cursor=cursor, rows=[]).encode_message(state, read_clock())
        try:
            event = self._join_kept(at) or await self._read_aside(snapshot, at)
        except Misuse as error:
            return encode_reset(str(error), state, read_clock())
        return event.encode_message(state, read_clock())

    def _join_kept(self, at: str) -> LiveEvent | None:
        """Join the events since a position; None where they do not reach back to it."""
        since = list(dropwhile(lambda event: event.since != at, self._events))
        return join_events(since) if since else None

    async def _read_aside(self, snapshot: Snapshot, at: str) -> LiveEvent:
        return await self._aside(self._reading.read_changes, snapshot, parse_cursor(at, "since"))
