"""What a part says of itself, for health and for who supervises it: ``<state>/run/<name>.status.json``.

A process is one part. It calls ``open_status`` once, and then ``report_status("working")`` about once a second from the
very loop that does its work: a loop that hangs is seen to be silent. Anything in the process that meets a trouble
which somebody should look at calls ``report_trouble``, and ``end_trouble`` when it is over:

    report_trouble("books", "the snapshot of partition 3 cannot be written: no space left on device",
                   remedy="make room under the state directory; the ledger itself goes on")
    end_trouble("books")

What ends a process with a sentence calls ``say_last_words`` before. All of it does nothing but remember where no status
was opened (tests, commands), never raises, and never blocks.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from infra.preallocated_file import PreallocatedFile, read_json_object
from infra.process_identity import identify_process
from ledger.errors import LedgerError

EVERY_SECONDS: Final = 1.0
SENTENCE_CHARACTERS: Final = 600
TROUBLES_MOST: Final = 12
BYTES: Final = 16_384
STARTING, TAKING, WORKING, WAITING, STOPPED = "starting", "taking", "working", "waiting", "stopped"


class ProcessStatus:
    """What one process says of itself. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._troubles: dict[str, dict[str, str]] = {}
        self._fixed: dict[str, Any] = {}
        self._slate: PreallocatedFile | None = None
        self._state = STARTING
        self._beats = 0
        self._written_at = 0.0
        self._heard_at = time.monotonic()

    def open(self, state: Path, name: str, pid: int) -> None:
        """Say ``starting``, from now on in a file."""
        with self._lock:
            self.close()
            started = identify_process(pid)
            self._fixed = {"name": name, "pid": pid, "started": started and started.started}
            self._slate = PreallocatedFile(locate_status_file(state, name), BYTES)
            self._state, self._beats, self._heard_at = STARTING, 0, time.monotonic()
            self._write()

    def close(self) -> None:
        """Forget the file and the troubles."""
        with self._lock:
            if self._slate is not None:
                self._slate.close()
            self._slate = None
            self._troubles.clear()

    def report_state(self, state: str) -> None:
        """Show life from the loop that does the work; written once a second at most, unless the state changed."""
        with self._lock:
            self._beats += 1
            self._heard_at = time.monotonic()
            changed, self._state = self._state != state, state
            if changed or time.monotonic() - self._written_at >= EVERY_SECONDS:
                self._write()

    def measure_silence(self) -> float:
        """Return the seconds since the last sign of life; none where no status was opened."""
        with self._lock:
            return 0.0 if self._slate is None else time.monotonic() - self._heard_at

    def set_trouble(self, key: str, what: str, remedy: str) -> None:
        """Remember a trouble under its key, instead of the one before."""
        said = {"what": what[:SENTENCE_CHARACTERS], "remedy": remedy[:SENTENCE_CHARACTERS]}
        with self._lock:
            if self._troubles.get(key) != said:
                self._troubles[key] = said
                self._write()

    def clear_trouble(self, key: str) -> None:
        """Forget a trouble."""
        with self._lock:
            if self._troubles.pop(key, None) is not None:
                self._write()

    def list_troubles(self) -> list[dict[str, str]]:
        """Return ``what`` and ``remedy`` of each trouble, the latest last."""
        with self._lock:
            return [dict(one) for one in self._troubles.values()]

    def end_in_trouble(self, sentence: str) -> None:
        """Say the last thing: this process ends, and why."""
        with self._lock:
            self._state = STOPPED
            self._troubles.pop("end", None)
            self.set_trouble("end", sentence, "it is started again; see its log")

    def end_in_peace(self) -> None:
        """Say the last thing: this process ends as it was told to."""
        with self._lock:
            self._state = STOPPED
            self._troubles.clear()
            self._write()

    def _write(self) -> None:
        if self._slate is None:
            return
        said = {"state": self._state, "troubles": self.list_troubles()[-TROUBLES_MOST:], "beats": self._beats}
        self._slate.write(self._fixed | said | {"at": datetime.now(UTC).isoformat(timespec="milliseconds")})
        self._written_at = time.monotonic()


_own = ProcessStatus()


def open_status(state: Path, name: str, pid: int) -> None:
    """Make this process the part ``name`` of the ledger under ``state``; say ``starting``."""
    _own.open(state, name, pid)


@contextmanager
def take_part(state: Path, name: str) -> Iterator[None]:
    """Make this process a part for as long as the block lasts; one that is left by an error has it as last words."""
    open_status(state, name, os.getpid())
    try:
        yield
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            say_farewell()
        else:
            say_last_words(str(error) if isinstance(error, LedgerError) else type(error).__name__)
        raise
    else:
        say_farewell()
    finally:
        close_status()


def close_status() -> None:
    """Forget what ``open_status`` opened, and every trouble."""
    _own.close()


def report_status(state: str) -> None:
    """Show life, from the loop that does the work: ``starting``, ``taking``, ``working`` or ``waiting``."""
    _own.report_state(state)


def wait_alive(stop: threading.Event, seconds: float, state: str) -> bool:
    """Wait so long, or until ``stop`` is set, and show life meanwhile; whether it was set."""
    left = seconds
    while left > 0 and not stop.is_set():
        report_status(state)
        stop.wait(min(left, EVERY_SECONDS / 2))
        left -= EVERY_SECONDS / 2
    return stop.is_set()


def measure_silence() -> float:
    """Return how long this process's loop has shown no sign of life; 0 where it opened no status."""
    return _own.measure_silence()


def report_trouble(key: str, what: str, *, remedy: str) -> None:
    """Report a trouble that health is to show until ``end_trouble(key)``.

    Args:
        key: names the kind of trouble (and its partition, say): a later report under it takes its place.
        what: one sentence; never a value of a record.
        remedy: what an operator does about it.
    """
    _own.set_trouble(key, what, remedy)


def end_trouble(key: str) -> None:
    """End the trouble; nothing happens where there was none."""
    _own.clear_trouble(key)


def list_troubles() -> list[dict[str, str]]:
    """Return ``what`` and ``remedy`` of every trouble that this process has now."""
    return _own.list_troubles()


def say_last_words(sentence: str) -> None:
    """Say why this process is about to end: health shows it while the supervisor starts another."""
    _own.end_in_trouble(sentence)


def say_farewell() -> None:
    """Say that this process ends as it was told to: nothing is the matter."""
    _own.end_in_peace()


def locate_status_file(state: Path, name: str) -> Path:
    """Return where the part of this name says how it does."""
    return state / "run" / f"{name}.status.json"


def read_status(state: Path, name: str) -> dict[str, Any]:
    """Return what a part said last; empty where it said nothing that can be read.

    ``name``, ``pid``, ``started`` (as ``infra.process_identity``), ``state``, ``troubles`` (``what``, ``remedy``),
    ``beats`` (grows while its loop turns) and ``at``.
    """
    return read_json_object(locate_status_file(state, name))
