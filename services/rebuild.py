"""Building the tables anew beside those that are shown, and switching to them at once (docs/decisions/0029).

The order of effects of a switch:

1. What a replay certified is held against what was built (``services.switch_certificate``).
2. The parts that write to the tables that are shown are stopped; pages go on being read.
3. What was built shows every position that these show, feeds, heartbeats and alerts included; then it is stopped.
4. One row names it as the one that is shown. A process killed before is as if nothing had been asked, and one killed
   after shows it when it is started again.
5. Everybody who asks from now on is shown it; who has begun to look at a moment of the other one ends with it.
6. The parts are started over it.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import structlog

from infra.settings import Settings
from ledger.errors import LedgerError, Misuse, Unavailable
from queries.rebuild_answer import NOBODY_BUILDS, RebuildAnswer, RebuildStep
from queries.store_answers import StoreAnswers
from services.loading import LoadingParts
from services.switch_certificate import hold_certificate
from services.table_build import TableBuild
from sinks.generations import (
    GenerationState,
    begin_building,
    cancel_building,
    drop_unnamed,
    forget_previous,
    make_database,
    read_state,
    show_built,
)
from sinks.migration import end_waiting
from sinks.positions import find_stored
from sinks.role import build_aside
from sinks.store import Store

GRACE_SECONDS: Final = 10.0  # longer than a page reads one moment
_log = structlog.get_logger("services.rebuild")


class Rebuild:
    """Builds beside one store in process. Any thread may ask; one thing is done at a time.

    Args:
        parts: what writes to the tables that are shown.
        on_failure: called where nobody knows which tables are shown: the process must end, and read it anew.
    """

    def __init__(self, settings: Settings, store: Store, parts: LoadingParts, on_failure: Callable[[], None]) -> None:
        self._settings = settings
        self._store = store
        self._parts = parts
        self._on_failure = on_failure
        self._lock = threading.RLock()
        self._build: TableBuild | None = None
        self._is_closed = False
        self._switched_at = float("-inf")

    def start(self) -> None:
        """Drop what an interrupted step has left over, and go on with what was being built. Raises Unavailable."""
        with self._lock:
            self._drop_unnamed()
            self._start_build(read_state(self._store))

    def close(self) -> None:
        """Build no more in this process; the next one goes on."""
        self._is_closed = True
        with self._lock:
            self._stop_build()

    def find_next(self) -> StoreAnswers | None:
        """Find as ``RebuildHost`` says."""
        build = self._build
        return build.answers if build is not None and build.is_made else None

    def read_state(self) -> RebuildAnswer:
        """Read as ``RebuildHost`` says."""
        state, build = read_state(self._store), self._build
        done, total, pace = build.measure_progress(self._find_shown) if build is not None else (0, 0, None)
        return {
            "state": _name_state(build),
            "live": state.live,
            "building": state.building or None,
            "previous": state.previous or None,
            "done": done,
            "total": total,
            "per_second": pace and round(pace, 1),
            "seconds_left": round((total - done) / pace, 1) if pace else None,
            "rate": state.rate or None,
            "trouble": build.trouble if build is not None else None,
        }

    def begin_rebuild(self, rate: int) -> RebuildAnswer:
        """Begin as ``RebuildHost`` says."""
        with self._hold_open():
            if self._build is None or self._build.rate != rate:
                state = begin_building(self._store, rate)
                self._stop_build()
                self._start_build(state)
        return self.read_state()

    def switch_tables(self, certificate: Mapping[str, Any], approved: str, approved_by: str) -> RebuildAnswer:
        """Switch as ``RebuildHost`` says; the order is this module's."""
        with self._hold_open():
            build = self._hold_build(certificate, approved)
            self._parts.stop()
            try:
                build.await_cover(self._store)
                self._stop_build()
                build.finish_feeds(self._store)
                show_built(self._store, approved, approved_by)
            finally:
                self._show_named()
        return self.read_state()

    def cancel_rebuild(self) -> RebuildAnswer:
        """Cancel as ``RebuildHost`` says."""
        with self._hold_open():
            if self._build is None:
                raise Misuse(NOBODY_BUILDS)
            cancel_building(self._store)
            self._stop_build()
            self._drop_unnamed()
        return self.read_state()

    def drop_previous(self) -> RebuildAnswer:
        """Drop as ``RebuildHost`` says; not before everybody who was shown it has looked away."""
        with self._hold_open():
            is_kept = bool(read_state(self._store).previous)
            if is_kept:
                time.sleep(max(0.0, self._switched_at + GRACE_SECONDS - time.monotonic()))
                forget_previous(self._store)
            if not self._drop_unnamed() and not is_kept:  # what could not be dropped the last time is dropped now
                raise Misuse("no generation is kept from before: nothing is there to drop")
        return self.read_state()

    @contextmanager
    def _hold_open(self) -> Iterator[None]:
        """Hold that this process is not ending, and let nobody else do anything meanwhile."""
        with self._lock:
            if self._is_closed:
                raise Unavailable("the service is being stopped: ask again when it is there")
            yield

    def _hold_build(self, certificate: Mapping[str, Any], approved: str) -> TableBuild:
        """Hold that there is a generation to switch to, which was compared. Raises Misuse, Unavailable."""
        build = self._build
        if build is None:
            raise Misuse(NOBODY_BUILDS)
        build.measure_progress(self._find_shown)
        if not build.has_caught_up:
            raise Misuse("the next generation has not caught up: wait for it")
        hold_certificate(certificate, approved, build.store, self._settings.partitions)
        return build

    def _find_shown(self) -> dict[int, int]:
        return find_stored(self._store)

    def _show_named(self) -> None:
        """Show the generation that the newest row names, whatever came of the step before, and write to it."""
        try:
            state = read_state(self._store)
        except LedgerError:
            self._on_failure()
            raise
        if state.live != self._store.generation:
            self._store.switch_to(state.live)
            self._switched_at = time.monotonic()
            end_waiting()
            _log.info("switched", live=state.live, previous=state.previous)
        self._parts.start()
        self._start_build(state)

    def _start_build(self, state: GenerationState) -> None:
        if self._build is None and state.building and not self._is_closed:
            make_database(self._store, state.building)
            store = self._store.open_beside(state.building)
            self._build = TableBuild(self._settings, store, build_aside(state.building, state.rate))
            self._build.start()
            _log.info("building", generation=state.building, rate=state.rate)

    def _stop_build(self) -> None:
        if self._build is not None:
            self._build.stop()
        self._build = None

    def _drop_unnamed(self) -> list[int]:
        dropped = drop_unnamed(self._store)
        if dropped:
            _log.info("dropped", generations=dropped)
        return dropped


def _name_state(build: TableBuild | None) -> RebuildStep:
    if build is None:
        return "NONE"
    return "FOLLOWING" if build.has_caught_up else "LOADING"
