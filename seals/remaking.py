"""The whole log again from the topics: its tiles and its index, proved by the roots of its checkpoints.

1. Every output up to the newest checkpoint's positions is read, and every published figure that it seals; the leaf
   hash and the position of each are put aside (``seals.leaf_spool``), so memory stays flat.
2. Checkpoint by checkpoint, partition after partition, the figures last, hashes are taken from there to the tree;
   after each checkpoint the root must be its own. So they are proved to be those that were sealed, and in their order.
3. What a root proved whoever asked takes: to write the tiles, or to compare them with those that are there.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from proofs.checkpoints import Checkpoint
from proofs.errors import NotValid
from proofs.tiles import HashTile, TreeEdge
from seals.directory import LogFiles, SealDirectory
from seals.index import SealIndex
from seals.leaf_spool import LeafSpool, ReadOutputs
from seals.leaves import FIGURE_LEAVES

TakeTiles = Callable[[Sequence[HashTile]], None]
TakeRun = Callable[[int, list[int], int], None]


def remake_log(
    checkpoints: Sequence[Checkpoint],
    outputs: ReadOutputs,
    take_tiles: TakeTiles,
    take_run: TakeRun = lambda *_: None,
    beside: Path | None = None,
) -> TreeEdge:
    """Make a log's tree again; the tree as the last checkpoint has it.

    Args:
        checkpoints: all of the log, in order.
        outputs: all that the last one covers, of each partition in order, and the figures.
        take_tiles: given the tiles, full ones as they fill and the partial ones of the last checkpoint.
        take_run: given a partition, the positions of successive leaves of it, and the first of these leaves.
        beside: a directory of the disk on which leaves are put aside meanwhile; None for that of temporary files.

    Raises:
        NotValid: the outputs are not those that were sealed; the first checkpoint that does not hold is named.
        OSError: the disk does not take the leaves.
    """
    edge = TreeEdge()
    with LeafSpool(beside) as spool:
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
    directory.path.mkdir(parents=True, exist_ok=True)
    index = SealIndex(directory.path)
    index.clear_all()
    remake_log(checkpoints, outputs, directory.write_tiles, index.append_outputs, directory.path)


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

    remake_log(checkpoints, outputs, compare_tiles)
    return wrong


def _append_interval(edge: TreeEdge, spool: LeafSpool, checkpoint: Checkpoint, take_run: TakeRun) -> list[HashTile]:
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
