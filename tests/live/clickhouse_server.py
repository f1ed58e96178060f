"""The HTTP server of the tests, started as a process, to be broken and killed."""

import sys
from pathlib import Path

from local import child_processes, ports
from tests.patience import await_truth

SERVER = Path(__file__).parent / "clickhouse_http.py"


class BreakableServer:
    """The HTTP server of the tests, to be broken."""

    def __init__(self, directory: Path) -> None:
        self.port = ports.find_free_port()
        self._directory = directory
        self._starts = 0
        self.process = self.start()

    def start(self) -> child_processes.ChildProcess:
        """Start, and wait until it listens."""
        self._starts += 1
        log = self._directory / f"server-{self._starts}.log"
        command = [sys.executable, str(SERVER), str(self._directory / "served"), str(self.port)]
        self.process = child_processes.spawn_child(command, log)
        await_truth(lambda: log.read_text().strip().isdigit(), log.read_text, self.process)
        return self.process

    def break_next_insert(self, fault: str) -> None:
        """``before`` it is written, or ``after``."""
        (self._directory / "served.fault").write_text(fault)
