"""Where the demo runs: a state directory of its own, fresh each time. Never one that holds anybody's events.

When a demo ends it leaves ``demo.json`` with the bytes of all it published. A directory whose published bytes are still
exactly those holds nothing but that demo, and the next demo clears it; any other directory is left alone.
"""

import json
import shutil
from pathlib import Path

from infra.locks import is_locked
from infra.topics import PUBLISHED
from ledger.errors import Misuse
from local.stack import LOCK

MARKER = "demo.json"
INSIDE = "demo"  # used within the default state directory, when that one is somebody's


def choose_directory(state: Path | None, default: Path) -> Path:
    """Return an empty directory to run in: ``state`` if given, else the default one, else one inside it.

    Raises:
        Misuse: the directory is in use, or holds more than a demo left there.
    """
    if state is None:
        state = default if is_usable(default) else default / INSIDE
    if not is_usable(state):
        raise Misuse(
            f"{state} is in use, or holds more than an earlier demo left there: choose another --state, or remove it"
        )
    clear_directory(state)
    return state


def is_usable(state: Path) -> bool:
    """Return whether nothing is there, or nothing but an earlier demo, and nobody is using it."""
    if not _list_contents(state):
        return True
    return not is_locked(state / LOCK) and _is_only_a_demo(state)


def clear_directory(state: Path) -> None:
    """Remove what an earlier demo left."""
    for item in _list_contents(state):
        if item.is_dir() and not item.is_symlink():
            shutil.rmtree(item)
        else:
            item.unlink()
    state.mkdir(parents=True, exist_ok=True)


def leave_marker(state: Path) -> None:
    """Say that all that is published here by now is a demo's; the first time of a demo holds."""
    marker = state / MARKER
    if not marker.exists():
        marker.write_text(json.dumps({"published_bytes": measure_published(state)}) + "\n")


def measure_published(state: Path) -> int:
    """Return the size of everything in ``soc.published``: it only ever grows."""
    return sum(segment.stat().st_size for segment in state.glob(f"kafka/**/{PUBLISHED}-*/*.log"))


def _list_contents(state: Path) -> list[Path]:
    if not state.is_dir():
        return []
    return [item for item in state.iterdir() if item.name != INSIDE]


def _is_only_a_demo(state: Path) -> bool:
    marker = state / MARKER
    if not marker.is_file():
        return False
    left: int = json.loads(marker.read_text())["published_bytes"]
    return left == measure_published(state)
