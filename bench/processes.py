"""Processes under measurement: started, watched for memory and progress, always stopped."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil
from confluent_kafka import Consumer, KafkaException, TopicPartition

from infra.settings import Settings
from infra.topics import ENTRIES, REJECTED
from local.programs import Program

ROOT = Path(__file__).parents[1]
FLOOR_PROGRAM, PLAIN_PROGRAM, QUIX_PROGRAM = "bench.peers.floor", "bench.peers.plain", "bench.peers.quix"
READERS_PROGRAM = "bench.readers"
CONSOLE_PROGRAM = "cli.main"  # what ``disruptions`` runs
SAMPLE_SECONDS = 0.1
STOP_SECONDS = 25.0
MIDDLE = (0.2, 0.9)  # a rate is taken between these shares of the work: the start and the last drops are not steady


class Mark(NamedTuple):
    """How far the work is.

    Attributes:
        seconds: since it began.
        done: records.
        used: processor seconds of the processes that do it.
        busy: processor seconds of the whole machine.
    """

    seconds: float
    done: int
    used: float
    busy: float = 0.0


Marks = list[Mark]


def make_environment(settings: Settings) -> dict[str, str]:
    """Return what makes a child load the same settings."""
    return os.environ | {
        "KAFKA_BOOTSTRAP_SERVERS": str(settings.kafka_bootstrap_servers),
        "DISRUPTIONS_PARTITIONS": str(settings.partitions),
        "DISRUPTIONS_STATE": str(settings.state),
        "DISRUPTIONS_SESSION_TIMEOUT_SECONDS": str(settings.session_timeout_seconds),
    }


@contextmanager
def run_commands(settings: Settings, *commands: Sequence[str], politely: bool = True) -> Iterator[list[psutil.Popen]]:
    """Run the commands as processes, their output in a file of the state directory; stop, or kill, them at the end."""
    with (settings.state / "bench.log").open("ab") as log:
        started = [
            psutil.Popen(command, cwd=ROOT, env=make_environment(settings), stdout=log, stderr=subprocess.STDOUT)
            for command in commands
        ]
        try:
            yield started
        finally:
            for process in started:
                _end_process(process, politely)


def _end_process(process: psutil.Popen, politely: bool) -> None:
    with suppress(psutil.NoSuchProcess):
        if politely:
            process.terminate()
            with suppress(psutil.TimeoutExpired):
                process.wait(STOP_SECONDS)
        process.kill()
    process.wait()


def make_command(module: str, *arguments: str, python: str = sys.executable) -> list[str]:
    """Return the command that runs a module as a program."""
    return [python, "-m", module, *arguments]


def make_worker_command(settings: Settings, name: str = "worker-1") -> list[str]:
    """Return the command of a stream worker."""
    return make_command(Program.STREAM_WORKER, "--state", str(settings.state), "--name", name)


def read_peak_megabytes(process: psutil.Popen) -> int:
    """Read the most memory that the process ever held."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    (line,) = [one for one in status.splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) // 1024


class OutputProgress:
    """How many outputs there are, asked of the broker."""

    def __init__(self, settings: Settings) -> None:
        self._consumer = Consumer(settings.build_kafka_options() | {"group.id": "bench-progress", "log_level": 0})
        self._outputs = [TopicPartition(t, p) for t in (ENTRIES, REJECTED) for p in range(settings.partitions)]

    def count_outputs(self) -> int:
        """Count the outputs of all partitions."""
        return sum(self._consumer.get_watermark_offsets(one, 10.0, cached=False)[1] for one in self._outputs)

    def sample_until(self, total: int, timeout_seconds: float, processes: Sequence[psutil.Popen] = ()) -> Marks:
        """Sample seconds, outputs and the processes' use of the processor until there are so many outputs."""
        started, marks = time.monotonic(), Marks()
        while not marks or marks[-1].done < total:
            if time.monotonic() - started > timeout_seconds:
                raise TimeoutError(f"{marks[-1:]} of {total}")
            _hold_running(processes)
            with suppress(KafkaException):  # topics made a moment ago have no leader yet
                used, busy = sum(map(_read_used, processes)), _read_busy()
                marks.append(Mark(time.monotonic() - started, self.count_outputs(), used, busy))
            time.sleep(SAMPLE_SECONDS)
        return marks


def _hold_running(processes: Sequence[psutil.Popen]) -> None:
    """Hold that every measured process still runs: one that ended makes nothing that could be waited for."""
    for process in processes:
        if process.poll() is not None:
            raise RuntimeError(f"a measured process ended: exit {process.returncode}; its log says why")


def _read_used(process: psutil.Popen) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _read_busy() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait)


def find_middle(marks: Marks, total: int) -> tuple[Mark, Mark]:
    """Find where the steady part of the work begins and ends."""
    first, last = (next(mark for mark in marks if mark.done >= share * total) for share in MIDDLE)
    return first, last


def compute_rates(marks: Marks, total: int) -> dict[str, float]:
    """Compute, over the middle of the work, events a second and processor microseconds an event."""
    first, last = find_middle(marks, total)
    done = last.done - first.done
    return {"rate": done / (last.seconds - first.seconds), "cpu_us": (last.used - first.used) / done * 1e6}


def compute_cores_left(marks: Marks, total: int) -> float:
    """Compute, over the middle of the work, how many cores everything else left: the broker, and the neighbours."""
    first, last = find_middle(marks, total)
    others = (last.busy - first.busy) - (last.used - first.used)
    return (psutil.cpu_count() or 1) - others / (last.seconds - first.seconds)
