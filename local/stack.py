"""The local whole: broker, topics, stream workers, store service, sealer, under one supervisor and one lock.

``run_stack(settings)`` starts it and stops it again. In order:
1. the state directory's lock is taken (its name is judged before): one whole at a time;
2. processes that a killed ``up`` left are ended (on Linux the kernel has done it already);
3. the broker starts, unless the settings name one, and the topics are made or held to their settings;
4. workers, service and sealer start together; when all are ready, ``addresses.json`` says where;
5. on leaving, addresses go first, then workers, sealer, service and broker stop, then the lock is let go.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra import logs, topic_admin
from infra.file_replacement import replace_text
from infra.locks import DirectoryLock
from infra.preallocated_file import PreallocatedFile, read_json_object
from infra.settings import ADDRESSES, RECORDED, Settings
from infra.state_directory import provide_directory
from infra.status import STOPPED, read_status
from ledger.errors import Misuse, Unavailable
from local import child_processes, ports
from local.broker import Broker
from local.process_list import PARTS
from local.processes import ManagedProcess, ModuleProcess, answers_anything, answers_ok
from local.programs import Program
from local.started_processes import StartedProcesses
from local.supervisor import HealthReport, StartStage, Supervisor

LOCK, SERVICE, SEALER = "up.lock", "service", "sealer"
CHECK_SECONDS = 0.5
PARTS_BYTES = 262_144
LOADER_SILENCE_SECONDS = 600.0  # a server may take its time, and so may a log that is made again


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalStack:
    """What runs, and the settings with which its clients reach it."""

    settings: Settings
    supervisor: Supervisor

    def check(self) -> None:
        """Raise what made the supervisor give up, if anything did."""
        self.supervisor.check()

    def wait_for(self, stopped: threading.Event) -> None:
        """Return once ``stopped`` is set; raises meanwhile as ``check`` does."""
        while not stopped.wait(CHECK_SECONDS):
            self.check()


@contextmanager
def run_stack(settings: Settings, *, workers: int | None = None, log: Any = None) -> Iterator[LocalStack]:
    """Run the local whole, ready, for as long as the block lasts; resume what the state directory holds.

    Args:
        settings: where and how, without what an earlier whole recorded; a ``KAFKA_BOOTSTRAP_SERVERS`` in it is used
            instead of a broker of its own.
        workers: how many stream workers; the settings' number unless given.
        log: a structlog logger for the events of its life; a file under the state directory unless given.

    Raises:
        Misuse: another whole holds the state directory, or its name cannot be used.
        Unavailable: a part did not start; the message says what it said.
    """
    state = provide_directory(settings.state)
    with lock_state(state), _record_processes(state) as (recorded, tell):
        recorded.end_left()
        own, broker = settings.model_copy(update={"state": state}), None
        _remove_file(state / ADDRESSES)
        if own.kafka_bootstrap_servers is None:
            broker = Broker(state / "kafka", port=own.kafka_port, heap_megabytes=own.kafka_heap_megabytes)
            own = own.use_own_broker(broker.bootstrap_servers)
        own = own.model_copy(update={"read_api": f"http://{ports.LOOPBACK}:{_choose_api_port(own)}"})
        supervisor = Supervisor(
            _build_stages(own, broker, workers or own.workers),
            log or logs.open_log_file(state / "logs" / "up.log", own),
            tell,
            own.part_silence_seconds,
        )
        try:
            supervisor.start()
            _write_json(state / ADDRESSES, {name: getattr(own, name) for name in sorted(RECORDED)})
            yield LocalStack(settings=own, supervisor=supervisor)
        finally:
            _remove_file(state / ADDRESSES)
            supervisor.stop()


@contextmanager
def _record_processes(state: Path) -> Iterator[tuple[StartedProcesses, Callable[[list[HealthReport]], None]]]:
    """Yield the record of what runs, and where the supervisor tells of it; both go when nothing runs any more."""
    recorded, slate = StartedProcesses(state), PreallocatedFile(state / "run" / PARTS, PARTS_BYTES)

    def tell_reports(parts: list[HealthReport]) -> None:
        slate.write({"at": time.time(), "parts": parts})
        recorded.record({one["name"]: one["pid"] for one in parts if one["pid"] is not None})

    try:
        yield recorded, tell_reports
    finally:
        slate.close()
        _remove_file(state / "run" / PARTS)
        recorded.forget()


def locate_ready_file(state: Path, name: str) -> Path:
    """Return the file that a stream worker touches once it consumes: its health probe."""
    return state / "run" / f"{name}.ready"


def _build_stages(settings: Settings, broker: Broker | None, workers: int) -> list[StartStage]:
    first = [broker] if broker is not None else []
    parts: list[ManagedProcess] = [
        _build_service(settings),
        _build_sealer(settings),
        *(_build_worker(settings, f"worker-{n}") for n in range(1, workers + 1)),
    ]
    return [StartStage(parts=first, prepare=lambda: topic_admin.create_topics(settings)), StartStage(parts=parts)]


def _build_worker(settings: Settings, name: str) -> ModuleProcess:
    ready = locate_ready_file(settings.state, name)
    return ModuleProcess(
        name=name,
        arguments=(Program.STREAM_WORKER, "--state", str(settings.state), "--name", name),
        log=settings.state / "logs" / f"{name}.log",
        environment=_build_environment(settings),
        probe=ready.exists,
        before=lambda: ready.unlink(missing_ok=True),
        sign=_watch_beats(settings.state, name),
        words=lambda pid: read_last_words(settings.state, name, pid),
    )


def _build_service(settings: Settings) -> ModuleProcess:
    port = str(settings.read_api).rpartition(":")[2]
    health, beats = f"{settings.read_api}/v1/health", _watch_beats(settings.state, SERVICE, LOADER_SILENCE_SECONDS)
    return ModuleProcess(
        name=SERVICE,
        arguments=(Program.STORE_SERVICE, "--state", str(settings.state), "--port", port),
        log=settings.state / "logs" / f"{SERVICE}.log",
        environment=_build_environment(settings),
        probe=lambda: answers_ok(health),
        sign=lambda pid: beats(pid) and answers_anything(health),
        words=lambda pid: read_last_words(settings.state, SERVICE, pid),
    )


def _build_sealer(settings: Settings) -> ModuleProcess:
    """Build the sealer's part. It is ready once it runs: nothing waits for a seal, and what it lacks health says."""
    beats = _watch_beats(settings.state, SEALER, LOADER_SILENCE_SECONDS)
    return ModuleProcess(
        name=SEALER,
        arguments=(Program.SEALER, "--state", str(settings.state)),
        log=settings.state / "logs" / f"{SEALER}.log",
        environment=_build_environment(settings),
        probe=lambda: True,
        sign=beats,
        words=lambda pid: read_last_words(settings.state, SEALER, pid),
    )


def _build_environment(settings: Settings) -> dict[str, str]:
    return settings.export_environment() | {child_processes.MARK: str(settings.state)}


def _watch_beats(state: Path, name: str, patience_seconds: float = 0.0) -> Callable[[int], bool]:
    """Return what tells whether a process's loop has turned since last asked, or within ``patience_seconds``.

    One that wrote no status at all (it may not, or there is no room) is not held to it.
    """
    last: Any = None
    heard_at = time.monotonic()

    def is_beating(pid: int) -> bool:
        nonlocal last, heard_at
        said = read_status(state, name)
        now = pid, said.get("beats")
        if now != last or said.get("pid") != pid:
            last, heard_at = now, time.monotonic()
            return True
        return time.monotonic() - heard_at < patience_seconds

    return is_beating


def read_last_words(state: Path, name: str, pid: int) -> str:
    """Return what the part's process of this number said when it ended; empty when it said nothing."""
    said = read_status(state, name)
    troubles = said.get("troubles") or []
    ended = said.get("pid") == pid and said.get("state") == STOPPED and troubles
    return str(troubles[-1].get("what", "")) if ended else ""


def lock_state(state: Path) -> DirectoryLock:
    """Lock the state directory. Raises Misuse when another `up` has it, Unavailable when nothing can be locked."""
    try:
        return DirectoryLock(
            state / LOCK,
            lambda holder: (
                f"{state} is in use by another `disruptions up` (process {holder}): "
                "use that one, stop it first, or choose another --state"
            ),
        )
    except PermissionError:
        raise Misuse(f"{state} may not be written to by this user: choose another --state, or its owner") from None
    except OSError as error:
        raise Unavailable(f"{state / LOCK} cannot be opened: {error.strerror}") from None


def _choose_api_port(settings: Settings) -> int:
    """Return the port asked for, or else the one of last time if it is free, or else a free one."""
    file = settings.state / "run" / "ports.json"
    if settings.read_api_port is not None:
        if not ports.is_free(settings.read_api_port):
            raise Misuse(f"port {settings.read_api_port} is taken: set DISRUPTIONS_READ_API_PORT to a free one")
        return settings.read_api_port
    port = ports.choose_port(read_json_object(file).get("read_api"))
    _write_json(file, {"read_api": port})
    return port


def _write_json(file: Path, content: Any) -> None:
    """Write JSON so that a reader sees all of it or what was there before."""
    try:
        replace_text(file, json.dumps(content) + "\n")
    except OSError as error:
        raise Unavailable(f"{file} cannot be written: {error.strerror}") from None


def _remove_file(file: Path) -> None:
    with suppress(OSError):
        file.unlink(missing_ok=True)
