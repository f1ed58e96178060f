"""Whether restored outputs are those that were sealed: the root over their leaves, by the log's own tiles.

The order of leaves follows from the checkpoints, which were lost with their topic; the index beside the tiles still
says which leaf each position is. A leaf names its position, so no two outputs can be one leaf: where every output is
its leaf, and there are as many as the tree has, the root over them is the checkpoint's. Published figures are leaves
too, and a store does not have them: of those that were sealed then nothing is said but how many they were.
"""

from typing import NamedTuple

from infra.settings import Settings
from ledger.errors import Unavailable
from proofs.checkpoints import Checkpoint, read_checkpoint
from proofs.errors import NotValid
from proofs.notes import parse_note
from proofs.tiles import TileReader
from proofs.tree import Node
from seals.directory import SealDirectory
from seals.index import OutputPosition, SealIndex
from seals.keys import locate_seals
from seals.leaves import FIGURE_LEAVES
from seals.ledger_log import read_sealed
from seals.proving import verify_tiles


class RestoredRoot(NamedTuple):
    """What the log's directory says of restored outputs.

    Attributes:
        leaves: how many its newest checkpoint covers.
        figures_gone: how many of them are published figures, where these did not come back.
        difference: why the root over them is not that checkpoint's; None where it is.
    """

    leaves: int
    figures_gone: int
    difference: str | None


def compare_root(settings: Settings, *, with_figures: bool) -> RestoredRoot | None:
    """Compare what is in the topics with the log's tiles; None where nothing was sealed here.

    Args:
        with_figures: whether what it was restored from has published figures.
    """
    files = SealDirectory(locate_seals(settings))
    try:
        newest = read_checkpoint(parse_note(files.read_checkpoint()))
    except NotValid:
        return None
    gone = 0 if with_figures else newest.sealed_figures
    try:
        _hold_leaves(settings, files, newest, gone)
    except (NotValid, Unavailable) as error:
        return RestoredRoot(newest.size, gone, str(error))
    return RestoredRoot(newest.size, gone, None)


def _hold_leaves(settings: Settings, files: SealDirectory, newest: Checkpoint, gone: int) -> None:
    """Hold every output and figure to its leaf, and the leaves to the root. Raises NotValid, Unavailable."""
    for _ in verify_tiles(files, newest):
        pass
    index, reader, count = SealIndex(files.path), TileReader(newest.size, files.read_tile), 0
    for partition, one in read_sealed(settings, newest._replace(figures=newest.sealed_figures - gone)):
        leaf = index.find_leaf(OutputPosition(partition, one.offset))
        if leaf is None or reader.read_node(Node(0, leaf)) != one.leaf_hash:
            what = "published figure" if partition == FIGURE_LEAVES else f"output of partition {partition}"
            raise NotValid(f"the {what} at offset {one.offset} is not the leaf that was sealed")
        count += 1
    if count != newest.size - gone:
        raise NotValid(f"{newest.size - gone:,} outputs and figures were sealed, and {count:,} are there")
