"""Stand-ins for parts: small real processes, and a log that remembers its lines."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local import ports
from local.processes import ModuleProcess, answers_ok
from local.supervisor import Supervisor


class Lines:
    """A logger that keeps (event, part)."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []

    def info(self, event: str, *, part: str, **_: Any) -> None:
        """Remember the event."""
        self.events.append((event, part))

    warning = error = info

    def list_events(self, part: str) -> list[str]:
        """The events of one part, in order."""
        return [event for event, name in self.events if name == part]


@pytest.fixture
def lines() -> Lines:
    """A log to look into."""
    return Lines()


@pytest.fixture
def server(tmp_path: Path) -> Callable[[str], ModuleProcess]:
    """``server("a")``: a part that is a small HTTP server, ready when it answers."""

    def make_part(name: str) -> ModuleProcess:
        port = ports.find_free_port()
        return ModuleProcess(
            name=name,
            arguments=("http.server", "--bind", ports.LOOPBACK, "--directory", str(tmp_path), str(port)),
            log=tmp_path / f"{name}.log",
            environment={},
            probe=lambda: answers_ok(f"http://{ports.LOOPBACK}:{port}/"),
        )

    return make_part


@pytest.fixture
def supervised(lines: Lines) -> Iterator[Callable[..., Supervisor]]:
    """``supervised(stage, stage)``: a supervisor that is stopped when the test ends."""
    made: list[Supervisor] = []

    def make_part(*stages: Any) -> Supervisor:
        made.append(Supervisor(stages, lines))
        return made[-1]

    yield make_part
    for supervisor in made:
        supervisor.stop()
