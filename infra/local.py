"""The local whole: broker, topics, stream workers, store service, under one supervisor and one lock.

``running(settings)`` starts it and stops it again. In order:
1. the state directory's lock is taken: one whole at a time;
2. processes that a killed ``up`` left are ended (on Linux the kernel has done it already);
3. the broker starts, unless the settings name one, and the topics are made or held to their settings;
4. workers and the service start together; when all are ready, ``addresses.json`` says where;
5. on leaving, addresses go first, then workers, service and broker stop, then the lock is let go.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from infra import admin, logs, ports
from infra.broker import Broker
from infra.parts import ModulePart, Part, answers
from infra.settings import ADDRESSES, RECORDED, Settings
from infra.supervisor import Stage, Supervisor
from ledger.errors import Misuse

LOCK = "up.lock"
LEFT_BEHIND_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What runs, and the settings with which its clients reach it."""

    settings: Settings
    supervisor: Supervisor

    def check(self) -> None:
        """Raise what made the supervisor give up, if anything did."""
        self.supervisor.check()


@contextmanager
def running(settings: Settings, *, workers: int | None = None, log: Any = None) -> Iterator[Whole]:
    """The local whole, ready, for as long as the block lasts; resumes what the state directory holds.

    Args:
        settings: where and how, without what an earlier whole recorded; a ``KAFKA_BOOTSTRAP_SERVERS`` in it is used
            instead of a broker of its own.
        workers: how many stream workers; the settings' number unless given.
        log: a structlog logger for the events of its life; a file under the state directory unless given.

    Raises:
        Misuse: another whole holds the state directory.
        Unavailable: a part did not start; the message has the end of its log.
    """
    with _locked(settings.state):
        _end_what_was_left(settings.state)
        own, broker = settings.model_copy(update={"state": settings.state.resolve()}), None
        (settings.state / ADDRESSES).unlink(missing_ok=True)
        if own.kafka_bootstrap_servers is None:
            broker = Broker(own.state / "kafka", port=own.kafka_port, heap_megabytes=own.kafka_heap_megabytes)
            own = own.with_own_broker(broker.bootstrap_servers)
        own = own.model_copy(update={"read_api": f"http://{ports.LOOPBACK}:{_read_api_port(own)}"})
        supervisor = Supervisor(
            _stages(own, broker, workers or own.workers),
            log or logs.to_file(own.state / "logs" / "up.log", own),
            lambda running: _write(own.state / "run" / "children.json", running),
        )
        try:
            supervisor.start()
            _write(own.state / ADDRESSES, {name: getattr(own, name) for name in sorted(RECORDED)})
            yield Whole(settings=own, supervisor=supervisor)
        finally:
            (settings.state / ADDRESSES).unlink(missing_ok=True)
            supervisor.stop()
            (own.state / "run" / "children.json").unlink(missing_ok=True)


def ready_file(state: Path, name: str) -> Path:
    """The file that a stream worker touches once it consumes: its health probe."""
    return state / "run" / f"{name}.ready"


def _stages(settings: Settings, broker: Broker | None, workers: int) -> list[Stage]:
    first = [broker] if broker is not None else []
    parts: list[Part] = [_service(settings), *(_worker(settings, f"worker-{n}") for n in range(1, workers + 1))]
    return [Stage(parts=first, prepare=lambda: admin.create_topics(settings)), Stage(parts=parts)]


def _worker(settings: Settings, name: str) -> ModulePart:
    ready = ready_file(settings.state, name)
    return ModulePart(
        name=name,
        arguments=("streams.worker", "--state", str(settings.state), "--name", name),
        log=settings.state / "logs" / f"{name}.log",
        environment=settings.environment(),
        probe=ready.exists,
        before=lambda: ready.unlink(missing_ok=True),
    )


def _service(settings: Settings) -> ModulePart:
    port = str(settings.read_api).rpartition(":")[2]
    return ModulePart(
        name="service",
        arguments=("dashboard.service", "--state", str(settings.state), "--port", port),
        log=settings.state / "logs" / "service.log",
        environment=settings.environment(),
        probe=lambda: answers(f"{settings.read_api}/v1/health"),
    )


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    (state / "run").mkdir(parents=True, exist_ok=True)
    with (state / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Misuse(
                f"{state} is in use by another `disruptions up` (process {lock.read().strip() or 'unknown'}): "
                "use that one, stop it first, or choose another --state"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _read_api_port(settings: Settings) -> int:
    """The port asked for, or else the one of last time if it is free, or else a free one."""
    file = settings.state / "run" / "ports.json"
    if settings.read_api_port is not None:
        if not ports.is_free(settings.read_api_port):
            raise Misuse(f"port {settings.read_api_port} is taken: set DISRUPTIONS_READ_API_PORT to a free one")
        return settings.read_api_port
    kept = json.loads(file.read_text())["read_api"] if file.exists() else None
    port = kept if kept and ports.is_free(kept) else ports.free_port()
    _write(file, {"read_api": port})
    return int(port)


def _end_what_was_left(state: Path) -> None:
    """End the recorded children of a whole that was killed, if they are still the same processes."""
    file = state / "run" / "children.json"
    if not file.exists():
        return
    left = []
    for pid in json.loads(file.read_text()).values():
        try:
            process = psutil.Process(pid)
            if process.create_time() <= file.stat().st_mtime:  # not a later process of the same number
                left.append(process)
        except psutil.NoSuchProcess:
            continue
    _, alive = psutil.wait_procs(left, timeout=LEFT_BEHIND_SECONDS)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive)
    file.unlink()


def _write(file: Path, content: Any) -> None:
    """Write JSON so that a reader sees all of it or what was there before."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(json.dumps(content) + "\n")
    fresh.replace(file)
