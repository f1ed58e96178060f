"""What stands in for what, by the name that the code under test knows it by."""

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

import structlog

from schemas.judged import DISTRIBUTION
from schemas.plans import make_plan
from tests.simulation.clients import MemoryAdmin, MemoryConsumer, MemoryProducer, MemoryReader
from tests.simulation.kernel import find_running
from tests.simulation.loaders import MemoryConnections
from tests.simulation.log import MemoryLog
from tests.simulation.rebuilding import QuietPart, digest_rows
from tests.simulation.sealers import append_slowly, write_slowly
from tests.simulation.threads import (
    SimulatedLock,
    SimulatedPool,
    SimulatedRLock,
    SimulatedThread,
    SimulatedTime,
    StopEvent,
)
from tests.simulation.transactions import MemoryTransactions
from tests.simulation.world import World

TIMED = (
    "streams.assigned_partition",
    "streams.partition_coordinator",
    "streams.partition_opener",
    "streams.watch",
    "streams.outputs",
    "sinks.session",
    "sinks.progress",
    "sinks.gathering",
    "sinks.topics",
    "sinks.integrity",
    "sinks.closing_maker",
    "services.sealing_session",
    "services.rebuild",
    "services.table_build",
    "sinks.pacing",
)
THREADING = SimpleNamespace(Thread=SimulatedThread, Event=StopEvent, RLock=SimulatedRLock)


@contextmanager
def stand_in(world: Callable[[], World]) -> Iterator[None]:
    """Put the clients in memory where the code under test makes its own, for as long as the block lasts."""

    def find_log() -> MemoryLog:
        return world().log

    made = {
        "streams.outputs.Producer": lambda options: MemoryProducer(find_log(), options),
        "streams.recovery.Consumer": lambda options: MemoryConsumer(find_log(), options),
        "streams.recovery.PublishedReader": lambda *_: MemoryReader(find_log()),
        "streams.watch.build_admin_client": lambda _: MemoryAdmin(find_log()),
        "sinks.topics.build_admin_client": lambda _: MemoryAdmin(find_log()),
        "infra.topic_admin.build_admin_client": lambda _: MemoryAdmin(find_log()),
        "seals.topics.Consumer": lambda options: MemoryConsumer(find_log(), options),
        "seals.publishing.Producer": lambda options: MemoryTransactions(find_log(), options),
        "seals.directory.ThreadPoolExecutor": SimulatedPool,
        "seals.directory.replace_file": write_slowly,
        "seals.resuming.replace_file": write_slowly,
        "seals.index.SealIndex.append_outputs": append_slowly,
        "seals.keys.secrets": SimpleNamespace(token_bytes=_draw_bytes),
        "sinks.session.Consumer": lambda options: MemoryConsumer(find_log(), options),
        "sinks.generation.Connections": lambda *said: MemoryConnections(world().find_client(said[2])),
        "sinks.session.ThreadPoolExecutor": SimulatedPool,
        "sinks.closing_maker.ThreadPoolExecutor": SimulatedPool,
        "sinks.closing_maker.uuid4": lambda: UUID(int=find_running().rng.getrandbits(128), version=4),
        "streams.side_threads.ThreadPoolExecutor": SimulatedPool,
        "schemas.judged.name_software": _name_software,
        **dict.fromkeys(("services.table_build.threading", "services.loading.threading"), THREADING),
        "services.rebuild.threading": THREADING,
        **{f"{module}.FeedKeeper": QuietPart for module in ("services.table_build", "services.loading")},
        "services.loading.AlertJudge": QuietPart,
        "services.table_build.AlertHistory": QuietPart,
        "services.table_build.StoreAnswers": QuietPart,
        "services.switch_certificate.digest_rows": digest_rows,
        "services.table_build.open_published": QuietPart,
        "services.table_build.migrate_anew": lambda _: find_running().pass_time(0.05),
        "services.table_build.build_admin_client": lambda _: MemoryAdmin(find_log()),
        "schemas.codec.make_plan": _plan_once(),
        "streams.watch.threading": SimpleNamespace(Lock=SimulatedLock),
        **{f"{module}.time": SimulatedTime() for module in TIMED},
    }
    with ExitStack() as stack:
        for name, value in made.items():
            stack.enter_context(patch(name, value))
        before = structlog.get_config()
        structlog.configure(processors=[_note_event], cache_logger_on_first_use=False)
        try:
            yield
        finally:
            structlog.configure(**before)


def _draw_bytes(count: int) -> bytes:
    return find_running().rng.randbytes(count)


def _name_software() -> str:
    """Name another software in each process: outputs that two workers write differ in it alone."""
    kernel = find_running()
    return f"{DISTRIBUTION} of {kernel.current.name if kernel.fiber else ''}"


@cache
def _plan_once() -> Callable[..., Any]:
    """Make the plan for a writer's schema once for all runs, and not in every process of each."""
    kept: dict[int, Any] = {}

    def make_kept(writer: Any, chains: Any) -> Any:
        found = kept.get(id(writer))
        if found is None:
            found = kept[id(writer)] = writer, make_plan(writer, chains)
        return found[1]

    return make_kept


def _note_event(_logger: Any, _level: str, event: MutableMapping[str, Any]) -> Any:
    """Write what the code under test logs into the trace."""
    kernel = find_running()
    said = ", ".join(f"{name}={value}" for name, value in event.items() if name not in ("event", "exc_info"))
    kernel.note_line(f"{kernel.current.name if kernel.current else ''} says: {event['event']} {said}")
    raise structlog.DropEvent
