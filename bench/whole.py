"""The local whole as a user runs it: ``disruptions up`` as a child process, under a state directory of its own."""

import json
import os
import signal
import time
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psutil

from bench.processes import CONSOLE_PROGRAM, make_command, read_peak_megabytes
from bench.years import make_year
from infra.settings import Settings, load_settings, read_addresses
from ledger.errors import Unavailable
from local import child_processes
from producers import Publisher
from producers.drafts import Draft

READY_SECONDS = 120.0
STORED_SECONDS = 300.0
LOOK_SECONDS = 0.01
ELSEWHERE = ("KAFKA_BOOTSTRAP_SERVERS", "SCHEMA_REGISTRY_URL", "CLICKHOUSE_DSN", "CLICKHOUSE_DSN_FILE")
PARTS = ("broker", "worker-1", "service")


class MeasuredWhole:
    """One ``disruptions up``; a context manager. What the environment names is never measured, nor written to."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.start_seconds = 0.0
        self._child: child_processes.ChildProcess | None = None
        self._client = httpx.Client(timeout=60.0, trust_env=False)

    def __enter__(self) -> Self:
        """Start it; return when it says that it is ready."""
        log, began = self.state / "up.out", time.monotonic()
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        command = make_command(CONSOLE_PROGRAM, "up", "--state", str(self.state))
        self._child = child_processes.spawn_child(command, log, dict.fromkeys(ELSEWHERE, ""))
        while b"Ready." not in log.read_bytes():
            if self._child.poll() is not None or time.monotonic() - began > READY_SECONDS:
                child_processes.stop_child(self._child)
                raise Unavailable(f"the whole did not start:\n{log.read_text()}")
            time.sleep(LOOK_SECONDS)
        self.start_seconds = time.monotonic() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child is not None:
            child_processes.stop_child(self._child)

    @cached_property
    def settings(self) -> Settings:
        """How its clients reach it; the same after a part was started again."""
        return load_settings(self.state).model_copy(update=read_addresses(self.state) | {"schema_registry_url": None})

    def read_pids(self) -> dict[str, int]:
        """Read the process ids of its parts, by their names."""
        found: dict[str, dict[str, int]] = json.loads((self.state / "run" / "children.json").read_text())
        return {name: one["pid"] for name, one in found.items()}

    def read_peaks(self) -> dict[str, int]:
        """Read the most megabytes that each part ever held, and the supervisor's."""
        pids = self.read_pids() | {"up": self._child.pid if self._child else 0}
        return {name: read_peak_megabytes(psutil.Process(pid)) for name, pid in sorted(pids.items())}

    def read_used(self) -> dict[str, float]:
        """Read the processor seconds that each part has used, and this process: publisher, reader and all."""
        pids = self.read_pids() | {"bench": os.getpid()}
        return {name: sum(psutil.Process(pid).cpu_times()[:2]) for name, pid in sorted(pids.items())}

    def kill_part(self, part: str) -> None:
        """Kill one part by ``kill -9``; the supervisor starts it again."""
        os.kill(self.read_pids()[part], signal.SIGKILL)

    def ask_api(self, question: str, **asked: str) -> dict[str, Any] | None:
        """Return an answer of the read API; None while nobody answers."""
        try:
            answer = self._client.get(f"{self.settings.read_api}/v1/{question}", params=asked)
        except (httpx.HTTPError, OSError):
            return None
        body: dict[str, Any] = answer.json()
        return body if answer.status_code == 200 else None

    def make_publisher(self) -> Publisher:
        """Return the SDK, on this whole."""
        return Publisher(self.settings, wait_seconds=60.0)

    def publish_year(self) -> tuple[int, float]:
        """Publish a national year through the SDK; return how many events, and the seconds until all were stored."""
        drafts, began = [Draft(fact, True) for fact in make_year()], time.monotonic()
        with self.make_publisher() as publisher:
            publisher.publish_many(drafts)
        self.await_stored()
        return len(drafts), time.monotonic() - began

    def await_stored(self) -> None:
        """Return once everything published so far is stored."""
        aim, deadline = self.await_positions()["published"], time.monotonic() + STORED_SECONDS
        while any(self.await_positions()["stored"].get(one, 0) < end for one, end in aim.items()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"not all is stored after {STORED_SECONDS:.0f} s")
            time.sleep(0.1)

    def await_positions(self) -> dict[str, dict[str, int]]:
        """Return how far has been stored, and published; waits for an answer."""
        deadline = time.monotonic() + STORED_SECONDS
        while (found := self.ask_api("positions")) is None:
            if time.monotonic() > deadline:
                raise TimeoutError("the read API does not answer")
            time.sleep(LOOK_SECONDS)
        return found
