"""Each step of sealing broken on purpose, and caught."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from seals import resuming
from seals.directory import SealDirectory
from seals.index import SealIndex
from seals.sealer import Sealer
from tests.simulation.breaks import Break, find_seed
from tests.simulation.transactions import MemoryTransactions

pytestmark = pytest.mark.usefixtures("prepared")


@contextmanager
def break_order_of_tiles() -> Iterator[None]:
    """Publish a checkpoint, and write its tiles after it."""
    write, note, kept = SealDirectory.write_tiles, SealDirectory.write_checkpoint, list[Any]()

    def write_late(self: Any, text: str) -> None:
        for tiles in kept:
            write(self, tiles)
        kept.clear()
        note(self, text)

    def keep_tiles(_: Any, tiles: Any) -> None:
        kept.append(list(tiles))

    with (
        patch.object(SealDirectory, "write_tiles", keep_tiles),
        patch.object(SealDirectory, "write_checkpoint", write_late),
    ):
        yield


@contextmanager
def break_serving() -> Iterator[None]:
    """Serve a checkpoint before it is published."""
    seal = Sealer.seal_ready

    def serve_first(self: Any) -> Any:
        publish = self._publish

        def publish_served(note: Any) -> None:
            self._directory.write_checkpoint(str(note))
            publish(note)

        with patch.object(self, "_publish", publish_served):
            return seal(self)

    with patch.object(Sealer, "seal_ready", serve_first):
        yield


@contextmanager
def break_resumption() -> Iterator[None]:
    """Go on from the checkpoint beside the tiles, and not from the last that was published."""
    find = resuming._find_last

    def trust_directory(settings: Any, keys: Any, history: Any, directory: SealDirectory) -> Any:
        found = find(settings, keys, history, directory)
        return resuming._read_own(directory, keys.origin) or found

    with patch.object(resuming, "_find_last", trust_directory):
        yield


@contextmanager
def break_takeover() -> Iterator[None]:
    """Publish without shutting out whoever published before."""
    with patch.object(MemoryTransactions, "_hold_epoch", lambda _: None):
        yield


@contextmanager
def break_places() -> Iterator[None]:
    """Save from where to read on without regard for what waits for an output before it."""
    with patch.object(Sealer, "find_loose", lambda _: {}):
        yield


@contextmanager
def break_index() -> Iterator[None]:
    """Leave in the index what the last checkpoint does not cover."""
    with patch.object(SealIndex, "cut_back", lambda *_: True):
        yield


@contextmanager
def break_next_figure() -> Iterator[None]:
    """Read the published figures from the first again, without regard for those that are sealed."""
    with patch.object(SealIndex, "find_figure_end", lambda _: 0):
        yield


@contextmanager
def break_order_of_figures() -> Iterator[None]:
    """Take from the index which figure is the next before it is cut back: so one that was not published counts."""
    cut, find, kept = SealIndex.cut_back, SealIndex.find_figure_end, dict[int, int]()

    def note_end(self: Any, checkpoint: Any) -> bool:
        kept[id(self)] = find(self)
        return cut(self, checkpoint)

    with (
        patch.object(SealIndex, "cut_back", note_end),
        patch.object(SealIndex, "find_figure_end", lambda self: kept.pop(id(self), 0)),
    ):
        yield


BREAKS: list[Break] = [
    break_order_of_tiles,
    break_serving,
    break_resumption,
    break_takeover,
    break_places,
    break_index,
    break_next_figure,
    break_order_of_figures,
]


@pytest.mark.parametrize("broken", BREAKS, ids=lambda one: one.__name__)
def test_a_step_of_sealing_that_is_broken_on_purpose_is_caught(broken: Break) -> None:
    """As the steps of intake and loader are."""
    with broken():
        assert find_seed() is not None
