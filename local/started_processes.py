"""Which processes a whole has started, on disk, so that the next one ends what a killed one left, and nothing else.

A process is known by more than its number: by the kernel's start ticks, by the machine's boot, and by a mark in its
environment. What is recorded otherwise (an older form, a garbled file) is ignored.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from infra.preallocated_file import PreallocatedFile, read_json_object
from infra.process_identity import find_recorded_process, identify_process
from local.child_processes import MARK

FILE = "children.json"
BYTES = 32_768
LEFT_BEHIND_SECONDS = 5.0


class StartedProcesses:
    """The record of one whole, under ``run`` of its state directory."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._file = state / "run" / FILE
        self._slate = PreallocatedFile(self._file, BYTES)

    def record(self, running: Mapping[str, int]) -> None:
        """Record that these parts run, under these numbers."""
        known = {name: identify_process(pid) for name, pid in running.items()}
        self._slate.write({name: one._asdict() for name, one in known.items() if one is not None})

    def end_left(self) -> None:
        """End the recorded processes that still are the ones which were recorded; forget the record."""
        left = [
            process for one in read_json_object(self._file).values() if (process := self._find_process(one)) is not None
        ]
        _, alive = psutil.wait_procs(left, timeout=LEFT_BEHIND_SECONDS)
        for process in alive:
            process.kill()
        psutil.wait_procs(alive, timeout=LEFT_BEHIND_SECONDS)
        self.forget()

    def forget(self) -> None:
        """Forget them all: nothing runs any more."""
        self._slate.write({})
        self._slate.close()
        try:
            self._file.unlink(missing_ok=True)
        except OSError:
            return

    def _find_process(self, recorded: Any) -> psutil.Process | None:
        process = find_recorded_process(recorded)
        try:
            return process if process and process.environ().get(MARK) == str(self._state) else None
        except psutil.Error:
            return None
