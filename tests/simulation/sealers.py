"""Sealers in a simulation: the real service, with its tiles, index and keys on a disk that survives it.

What is written on the disk takes time, and a process may die before it and after; of an index, which is appended to,
a part may be lost.
"""

from pathlib import Path
from typing import Any

from infra.file_replacement import replace_file
from infra.settings import Settings
from seals.index import SealIndex
from seals.keys import locate_seals
from services.sealer import keep_sealing
from tests.simulation.clients import DEATH
from tests.simulation.kernel import Kernel, find_running
from tests.simulation.threads import StopEvent

ORIGIN = "simulated/ledger"
INTERVAL_SECONDS = 0.3
APPEND_OUTPUTS = SealIndex.append_outputs


class SealerProcess:
    """One process; ``settings`` say where its tiles are."""

    def __init__(self, kernel: Kernel, settings: Settings, name: str) -> None:
        self.process = kernel.begin_process(name)
        self.name = name
        self.settings = settings
        self.directory = locate_seals(settings)
        self.process.spawn_fiber("main", lambda: keep_sealing(settings, StopEvent()))  # type: ignore[arg-type]  # a stand-in


def place_seals(settings: Settings, name: str) -> Settings:
    """Make the settings of a sealer: tiles of its own, and the one key of the log."""
    own = {
        "seal_directory": settings.state / name,
        "seal_key_file": settings.state / "seal.key",
        "seal_origin": ORIGIN,
        "seal_interval_seconds": INTERVAL_SECONDS,
    }
    return settings.model_copy(update=own)


def write_slowly(file: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace a file, as ``infra.file_replacement.replace_file`` does, unless the process dies of it."""
    _wait_for_disk()
    replace_file(file, content, mode)
    _wait_for_disk()


def append_slowly(index: SealIndex, partition: int, offsets: Any, first_leaf: int) -> None:
    """Append to an index; where the process dies of it, what was appended last may be lost or torn."""
    _wait_for_disk()
    APPEND_OUTPUTS(index, partition, offsets, first_leaf)
    kernel = find_running()
    if kernel.strikes_now(8 * DEATH):
        file = kernel.rng.choice((index._locate_offsets(partition), index._locate_runs(partition)))
        content = file.read_bytes()
        file.write_bytes(content[: len(content) - kernel.rng.randint(1, 16)])
        kernel.current.end_now("appending to an index")


def _wait_for_disk() -> None:
    kernel = find_running()
    if kernel.current is None:
        return
    kernel.pass_time(0.01)
    if kernel.strikes_now(DEATH):
        kernel.current.end_now("writing a file")
