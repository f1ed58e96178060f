"""The parts of the local whole that run as processes: what a supervisor asks of one, and Python modules as such."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from local import child_processes

PROBE_TIMEOUT_SECONDS = 2.0


class ManagedProcess(Protocol):
    """One supervised process. ``local.broker.Broker`` is one too."""

    @property
    def name(self) -> str:
        """What log lines call it."""
        ...

    @property
    def log(self) -> Path:
        """Where its output goes."""
        ...

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        ...

    @property
    def exit_code(self) -> int | None:
        """How its last process ended; None while it runs or before the first."""
        ...

    def launch(self) -> None:
        """Start the process and return at once."""
        ...

    def is_ready(self) -> bool:
        """Return whether it does its work: its health probe."""
        ...

    def shows_life(self) -> bool:
        """Return whether it has shown life since this was asked last; may take seconds. Asked by one thread."""
        ...

    def last_words(self) -> str:
        """Return what its last process said when it ended; empty when it said nothing."""
        ...

    def ask_to_stop(self) -> None:
        """Send SIGTERM, without waiting."""
        ...

    def stop(self, timeout_seconds: float) -> None:
        """Send SIGTERM, wait, SIGKILL if it does not end in time."""
        ...

    def kill(self) -> None:
        """Send SIGKILL: it hangs."""
        ...


def do_nothing() -> None:
    """Do nothing."""


def assume_life(_: int) -> bool:
    """Take its running for a sign of life."""
    return True


def say_nothing(_: int) -> str:
    """Say that no last words are known."""
    return ""


@dataclass(kw_only=True, slots=True)
class ModuleProcess(child_processes.OwnsChild):
    """``python -m MODULE ARGUMENTS`` with a health probe.

    Args:
        name: what log lines call it.
        arguments: the module's name and its arguments.
        log: where its output goes.
        environment: what its environment has beside this process's.
        probe: True when it does its work.
        before: what is done before each launch (an old ready file is removed).
        sign: True when the process of this number has shown life since this was asked last.
        words: what the process of this number said when it ended.
    """

    name: str
    arguments: tuple[str, ...]
    log: Path
    environment: Mapping[str, str]
    probe: Callable[[], bool]
    before: Callable[[], None] = do_nothing
    sign: Callable[[int], bool] = assume_life
    words: Callable[[int], str] = say_nothing
    _child: child_processes.ChildProcess | None = None

    def launch(self) -> None:
        """Start the process and return at once."""
        self.before()
        self._child = child_processes.spawn_child([sys.executable, "-m", *self.arguments], self.log, self.environment)

    def is_ready(self) -> bool:
        """Return whether the process runs and its probe says so."""
        return self.pid is not None and self.probe()

    def shows_life(self) -> bool:
        """Return what its sign says of the process that runs."""
        return self._child is not None and self.sign(self._child.pid)

    def last_words(self) -> str:
        """Return what its last process said when it ended."""
        return "" if self._child is None else self.words(self._child.pid)


def answers_ok(url: str) -> bool:
    """Return whether ``url`` answers 200: the probe of a service."""
    return _fetch_status(url) == HTTPStatus.OK


def answers_anything(url: str) -> bool:
    """Return whether ``url`` answers at all: a sign of life, be the news good or bad."""
    return _fetch_status(url) is not None


def _fetch_status(url: str) -> int | None:
    """Return the status; by the smallest client there is, as this is asked every second."""
    place = urlsplit(url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=PROBE_TIMEOUT_SECONDS)
    try:
        connection.request("GET", place.path or "/")
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
