"""A ledger as a stranger has it: `disruptions up` as a process, its commands as processes, its broker spoken to raw."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil
from confluent_kafka import Producer

from infra.settings import ADDRESSES
from infra.topics import PUBLISHED
from local import child_processes
from tests.patience import PATIENCE_SECONDS, PATIENT

DISRUPTIONS = str(Path(sys.executable).with_name("disruptions"))
START_SECONDS = 120.0
COMMAND_SECONDS = 120.0
POLL_SECONDS = 0.05

Done = subprocess.CompletedProcess[str]


class RunningLedger:
    """One `up` on a state directory of its own.

    Args:
        directory: ``state`` and ``up.log`` are made in it.
        environment: what its processes have beside this one's; ``DISRUPTIONS_PARTITIONS`` is 2 unless given.
        name: of the state directory.
    """

    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None, name: str = "state") -> None:
        self.state = directory / name
        self.log = directory / "up.log"
        self.environment = {
            "DISRUPTIONS_STATE": str(self.state),
            "DISRUPTIONS_PARTITIONS": "2",
            "COLUMNS": "100",
            **(environment or {}),
        }
        self._up: child_processes.ChildProcess | None = None
        self.started_from: Path | None = None

    def start_up(self, *arguments: str) -> "RunningLedger":
        """Start `up` and return once all of it is ready."""
        (self.state / ADDRESSES).unlink(missing_ok=True)
        self._up = child_processes.spawn_child(
            [DISRUPTIONS, "up", *arguments], self.log, self.environment, self.started_from
        )
        await_true(self._is_ready, START_SECONDS, self.log)
        return self

    def _is_ready(self) -> bool:
        assert self._up is not None
        assert self._up.poll() is None, self.log.read_text()
        return (self.state / ADDRESSES).exists()

    def stop_up(self, signals: int = 1) -> int:
        """SIGTERM, so many times; its exit code."""
        assert self._up is not None
        for _ in range(signals - 1):
            self._up.send_signal(signal.SIGTERM)
            time.sleep(POLL_SECONDS)
        return child_processes.stop_child(self._up, START_SECONDS)

    def is_up(self) -> bool:
        """Whether `up` runs."""
        return self._up is not None and self._up.poll() is None

    def kill_up(self) -> None:
        """SIGKILL to `up`: the kernel ends its parts."""
        if self._up is not None:
            child_processes.kill_child(self._up)

    def run_command(
        self, *arguments: str, stdin: str | bytes | None = None, environment: Mapping[str, str] | None = None
    ) -> Done:
        """One command as a process of its own: exit code, stdout and stderr as text."""
        done = subprocess.run(
            [DISRUPTIONS, *arguments],
            env=os.environ | self.environment | dict(environment or {}),
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        out, err = (text.decode(errors="replace") for text in (done.stdout, done.stderr))
        return Done(arguments, done.returncode, out, err)

    def ask_json(self, *arguments: str) -> Any:
        """The JSON that a command prints; it must not be misuse and nothing may be away."""
        done = self.run_command(*arguments, "--json")
        assert done.returncode in (0, 1), done.stderr
        return json.loads(done.stdout)

    def get_api(self, path: str) -> httpx.Response:
        """What the read API answers under ``/v1/``."""
        return httpx.get(f"{self.addresses['read_api']}/v1/{path}", **PATIENT)

    def ask_count(self) -> int:
        """What counts now, in all."""
        return sum(row["n"] for row in self.get_api("counts").json()["rows"])

    @property
    def addresses(self) -> dict[str, str]:
        """Where the broker and the read API are."""
        found: dict[str, str] = json.loads((self.state / ADDRESSES).read_text())
        return found

    @property
    def bootstrap_servers(self) -> str:
        """The broker."""
        return self.addresses["kafka_bootstrap_servers"]

    def make_producer(self, **options: Any) -> Producer:
        """A producer that is not ours: librdkafka with Java's partitioner; ``linger_ms=5`` means ``linger.ms``."""
        given = {name.replace("_", "."): found for name, found in options.items()}
        base = {"bootstrap.servers": self.bootstrap_servers, "partitioner": "murmur2_random", "acks": "all"}
        return Producer(base | given)

    def send_raw(self, key: bytes | None, value: bytes | None, **produce: Any) -> None:
        """One record of ``soc.published`` and its acknowledgement."""
        producer = self.make_producer()
        producer.produce(PUBLISHED, key=key, value=value, **produce)
        assert producer.flush(PATIENCE_SECONDS) == 0

    def find_part(self, name: str) -> psutil.Process:
        """The process of a part, ``worker-1``, ``service`` or ``broker``, that runs now."""
        pids = json.loads((self.state / "run" / "children.json").read_text())
        found = pids[name]
        return psutil.Process(found["pid"] if isinstance(found, dict) else found)


def await_true(condition: Any, seconds: float, log: Path | None = None) -> None:
    """Return once ``condition()`` holds; fail with the log after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, log.read_text()[-3000:] if log else f"not so within {seconds:.0f} s"
        time.sleep(POLL_SECONDS)
