"""The Faust application: one agent over runs of ``soc.published``. uvloop is installed before Faust is imported.

``build_app`` makes everything and connects to nothing.
"""

import uvloop

from infra.groups import HEARTBEATS_A_SESSION, INTAKE_GROUP

uvloop.install()

# ruff: noqa: E402  # uvloop first: Faust takes the loop that it finds
import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import faust
from faust.types import TP
from yarl import URL

from infra.settings import Settings
from infra.topics import PUBLISHED
from schemas.registry import resolve_ids
from streams.assigned_partition import WorkerHooks
from streams.partition_coordinator import PartitionCoordinator
from streams.runs import BUFFERED_RUNS, RunConsumer, RunSchema, RunTransport

AGENT = "intake"
REQUEST_SECONDS = 40.0


def build_app(settings: Settings, name: str, end: Callable[[str], None]) -> tuple[faust.App, PartitionCoordinator]:
    """Return the application and the coordinator of its partitions.

    Args:
        settings: where the broker is; ``state`` holds the snapshots.
        name: of this worker, unique among those that share the state directory.
        end: ends the process at once; called when what was folded is not known to be written.
    """
    app = faust.App(
        INTAKE_GROUP,
        broker=[
            URL(f"kafka://{server}") for server in str(settings.build_kafka_options()["bootstrap.servers"]).split(",")
        ],
        broker_client_id=f"{INTAKE_GROUP}-{name}",
        broker_credentials=_make_credentials(settings),
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=settings.session_timeout_seconds / HEARTBEATS_A_SESSION,
        broker_request_timeout=max(REQUEST_SECONDS, settings.session_timeout_seconds),
        broker_max_poll_interval=600.0,
        consumer_auto_offset_reset="none",
        datadir=settings.state / "faust" / name,
        store="memory://",
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        stream_buffer_maxsize=BUFFERED_RUNS,
        stream_recovery_delay=0.0,
    )
    directory, hooks = locate_books(settings, name), _make_hooks(app, end)
    coordinator = PartitionCoordinator(settings, directory, resolve_ids(settings), hooks)
    app.transport = RunTransport(list(app.conf.broker_consumer), app, take=coordinator.take_partition, end=end)
    _add_intake(app, coordinator)
    return app, coordinator


def locate_books(settings: Settings, name: str) -> Path:
    """Return where a worker's snapshots are."""
    return settings.state / "books" / name


def _add_intake(app: faust.App, coordinator: PartitionCoordinator) -> None:
    topic = app.topic(PUBLISHED, schema=RunSchema(), acks=False)

    @app.agent(topic, name=AGENT, concurrency=1)  # type: ignore[untyped-decorator] # Faust ships no types
    async def admit_runs(stream: Any) -> None:
        async for run in stream:
            await asyncio.shield(coordinator.admit_run(run))

    @app.on_partitions_revoked.connect  # type: ignore[untyped-decorator] # Faust ships no types
    async def release_partitions(_app: Any, revoked: Any, **_: Any) -> None:  # noqa: ARG001 - Faust's signature
        get_consumer(app).forget_partitions()
        await coordinator.release()


def get_consumer(app: faust.App) -> RunConsumer:
    """Return the application's consumer."""
    return cast(RunConsumer, app.consumer)


def _make_hooks(app: faust.App, end: Callable[[str], None]) -> WorkerHooks:
    async def retake_partition(partition: int) -> None:
        tp = TP(PUBLISHED, partition)
        if tp in get_consumer(app).assignment():
            await get_consumer(app).take_partition(tp, app.consumer_generation_id)

    async def commit_offsets(offsets: dict[int, int], note: str) -> bool:
        return await get_consumer(app).commit_offsets(offsets, PUBLISHED, note)

    return WorkerHooks(lambda: int(app.consumer_generation_id), retake_partition, commit_offsets, end)


def _make_credentials(settings: Settings) -> Any:
    """Make Faust's credentials from the settings that librdkafka's clients use."""
    kafka, context = settings.build_kafka_options(), settings.build_tls_context()
    if settings.kafka_security_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=kafka.get("sasl.username"),
            password=kafka.get("sasl.password"),
            mechanism=kafka.get("sasl.mechanism"),
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context else None
