"""The whole log again from the topics: its tiles and its index, proved by the roots of its checkpoints.

1. Every output up to the newest checkpoint's positions is read, and every published figure that it seals; the leaf
   hash and the position of each go to a spool file of its partition, 40 bytes an output: memory stays flat.
2. Checkpoint by checkpoint, partition after partition, the figures last, hashes are taken from the spools to the tree;
   after each checkpoint the root must be its own. So they are proved to be those that were sealed, and in their order.
3. What a root proved whoever asked takes: to write the tiles, or to compare them with those that are there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from struct import Struct
from tempfile import TemporaryFile
from typing import IO, Final

from proofs.checkpoints import Checkpoint
from proofs.errors import NotValid
from proofs.tiles import HashTile, TreeEdge
from seals.chain import SealedOutput
from seals.directory import LogFiles, SealDirectory
from seals.index import SealIndex
from seals.leaves import FIGURE_LEAVES

_ROW: Final = Struct("q32s")
_ROWS_AT_ONCE: Final = 2_000
TakeTiles = Callable[[Sequence[HashTile]], None]
TakeRun = Callable[[int, list[int], int], None]
ReadOutputs = Iterable[tuple[int, SealedOutput]]


class OutputSpool:
    """The outputs of each partition, on disk, in order; the last file, which ``FIGURE_LEAVES`` names, is of figures."""

    def __init__(self, files: Sequence[IO[bytes]]) -> None:
        self._files = files
        self._figures = 0
        self._held: list[list[SealedOutput]] = [[] for _ in files]

    def fill_spool(self, outputs: ReadOutputs) -> None:
        """Keep all outputs. Raises OSError, and what reading them raises."""
        for partition, one in outputs:
            self._files[partition].write(_ROW.pack(one.offset, one.leaf_hash))
        for file in self._files:
            file.seek(0)

    def take_before(self, partition: int, position: int) -> Iterator[SealedOutput]:
        """Take the next outputs of a partition that lie before a position."""
        while held := self._hold_some(partition):
            count = next((n for n, one in enumerate(held) if one.offset >= position), len(held))
            yield from held[:count]
            del held[:count]
            if held:
                return

    def take_figures(self, count: int) -> Iterator[SealedOutput]:
        """Take the next published figures, up to so many in all."""
        while self._figures < count and (held := self._hold_some(FIGURE_LEAVES)):
            taken = held[: count - self._figures]
            del held[: len(taken)]
            self._figures += len(taken)
            yield from taken

    def _hold_some(self, partition: int) -> list[SealedOutput]:
        held = self._held[partition]
        if not held:
            content = self._files[partition].read(_ROW.size * _ROWS_AT_ONCE)
            held.extend(SealedOutput(*row) for row in _ROW.iter_unpack(content))
        return held


def remake_log(
    checkpoints: Sequence[Checkpoint], outputs: ReadOutputs, take_tiles: TakeTiles, take_run: TakeRun
) -> TreeEdge:
    """Make a log's tree again; the tree as the last checkpoint has it.

    Args:
        checkpoints: all of the log, in order.
        outputs: all that the last one covers, of each partition in order, and the figures.
        take_tiles: given the tiles, full ones as they fill and the partial ones of the last checkpoint.
        take_run: given a partition, the positions of successive leaves of it, and the first of these leaves.

    Raises:
        NotValid: the outputs are not those that were sealed; the first checkpoint that does not hold is named.
    """
    parts = len(checkpoints[-1].positions) + 1 if checkpoints else 0
    edge = TreeEdge()
    with ExitStack() as stack:
        spool = OutputSpool([stack.enter_context(TemporaryFile()) for _ in range(parts)])
        spool.fill_spool(outputs)
        for checkpoint in checkpoints:
            full = _append_interval(edge, spool, checkpoint, take_run)
            if (edge.size, edge.compute_root()) != (checkpoint.size, checkpoint.root):
                raise NotValid(
                    f"the outputs in the topics are not those that the checkpoint of {checkpoint.size:,} leaves seals: "
                    f"the first that differs {_describe_reach(checkpoint)}"
                )
            take_tiles(full)
    take_tiles(edge.list_partial())
    return edge


def remake_directory(directory: SealDirectory, checkpoints: Sequence[Checkpoint], outputs: ReadOutputs) -> None:
    """Make tiles and index of a log's directory again. Raises NotValid, OSError, and what reading outputs raises."""
    index = SealIndex(directory.path)
    index.clear_all()
    remake_log(checkpoints, outputs, directory.write_tiles, index.append_outputs)


def compare_directory(files: LogFiles, checkpoints: Sequence[Checkpoint], outputs: ReadOutputs) -> list[str]:
    """List the tiles of a log's files that are not what the topics give. Raises NotValid as ``remake_log`` does."""
    wrong: list[str] = []

    def compare_tiles(tiles: Sequence[HashTile]) -> None:
        for tile in tiles:
            try:
                same = files.read_tile(tile.name) == tile.hashes
            except NotValid:
                same = False
            if not same:
                wrong.append(str(tile.name))

    remake_log(checkpoints, outputs, compare_tiles, lambda *_: None)
    return wrong


def _append_interval(edge: TreeEdge, spool: OutputSpool, checkpoint: Checkpoint, take_run: TakeRun) -> list[HashTile]:
    """Append what a checkpoint added; the tiles that became full."""
    full: list[HashTile] = []
    parts = [(one, spool.take_before(one, position)) for one, position in enumerate(checkpoint.positions)]
    for partition, taken in (*parts, (FIGURE_LEAVES, spool.take_figures(checkpoint.sealed_figures))):
        found = list(taken)
        if found:
            take_run(partition, [one.offset for one in found], edge.size)
            full += edge.append_leaves([one.leaf_hash for one in found])
    return full


def _describe_reach(checkpoint: Checkpoint) -> str:
    count = checkpoint.sealed_figures
    figures = f"is one of its {count:,} published figures, which `disruptions audit replay` names, or " if count else ""
    return f"{figures}lies before its positions {' '.join(map(str, checkpoint.positions))}"
