"""Whether restored outputs are those that were sealed: the root over their leaves, by the log's own tiles.

The order of leaves follows from the checkpoints, which were lost with their topic; the index beside the tiles still
says which leaf each position is. A leaf names its position, so no two outputs can be one leaf: where every output is
its leaf, and there are as many as the tree has, the root over them is the checkpoint's.
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
from seals.ledger_log import read_outputs
from seals.proving import verify_tiles


class RestoredRoot(NamedTuple):
    """What the log's directory says of restored outputs.

    Attributes:
        leaves: how many its newest checkpoint covers.
        difference: why the root over them is not that checkpoint's; None where it is.
    """

    leaves: int
    difference: str | None


def compare_root(settings: Settings) -> RestoredRoot | None:
    """Compare the outputs in the topics with the log's tiles; None where nothing was sealed here."""
    files = SealDirectory(locate_seals(settings))
    try:
        newest = read_checkpoint(parse_note(files.read_checkpoint()))
    except NotValid:
        return None
    try:
        _hold_leaves(settings, files, newest)
    except (NotValid, Unavailable) as error:
        return RestoredRoot(newest.size, str(error))
    return RestoredRoot(newest.size, None)


def _hold_leaves(settings: Settings, files: SealDirectory, newest: Checkpoint) -> None:
    """Hold every output to its leaf, and the leaves to the root. Raises NotValid, Unavailable."""
    for _ in verify_tiles(files, newest):
        pass
    index, reader, count = SealIndex(files.path), TileReader(newest.size, files.read_tile), 0
    for partition, one in read_outputs(settings, newest.positions):
        leaf = index.find_leaf(OutputPosition(partition, one.offset))
        if leaf is None or reader.read_node(Node(0, leaf)) != one.leaf_hash:
            raise NotValid(f"the output of partition {partition} offset {one.offset} is not the leaf that was sealed")
        count += 1
    if count != newest.size:
        raise NotValid(f"{newest.size:,} outputs were sealed, and {count:,} are there")
