"""The tree in a bundle: leaves put aside partition by partition, then brought into the log's order and made to tiles.

The tiles are made of the outputs themselves, so a bundle whose outputs are not those that were sealed cannot be made:
every checkpoint's root is held to them.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from struct import Struct
from typing import BinaryIO, Final

from proofs.checkpoints import Checkpoint
from proofs.errors import NotValid
from proofs.tiles import TILE_WIDTH, HashTile, TreeEdge
from services.bundle.directory import BundleDirectory

_ROW: Final = Struct(">q32s")


class LeafSpool:
    """The leaves of one partition, or of the figures by number, on disk until they are wanted; its file has no name.

    Args:
        beside: a directory of the disk that it may use.
    """

    def __init__(self, beside: Path) -> None:
        self._file: BinaryIO = tempfile.TemporaryFile(dir=beside)  # noqa: SIM115 - it is closed by ``close``
        self._held: tuple[int, bytes] | None = None

    def add_leaf(self, offset: int, leaf_hash: bytes) -> None:
        """Add the leaf of a position; positions rise."""
        self._file.write(_ROW.pack(offset, leaf_hash))

    def rewind_rows(self) -> None:
        """Go back to the first leaf."""
        self._file.flush()
        self._file.seek(0)

    def take_leaves(self, end: int) -> Iterator[bytes]:
        """Take the leaves of positions before ``end`` that were not taken yet."""
        while row := self._held or self._read_row():
            self._held = row
            if row[0] >= end:
                return
            self._held = None
            yield row[1]

    def close(self) -> None:
        """Let the disk have it back."""
        self._file.close()

    def _read_row(self) -> tuple[int, bytes] | None:
        found = self._file.read(_ROW.size)
        return _ROW.unpack(found) if found else None


def write_tiles(directory: BundleDirectory, checkpoints: Sequence[Checkpoint], spools: Sequence[LeafSpool]) -> None:
    """Write the tiles of the last checkpoint's tree.

    Args:
        spools: of each partition, and then of the published figures.

    Raises:
        NotValid: the outputs or the figures are not those that a checkpoint seals.
    """
    edge = TreeEdge()
    for spool in spools:
        spool.rewind_rows()
    for checkpoint in checkpoints:
        for end, spool in zip((*checkpoint.positions, checkpoint.sealed_figures), spools, strict=True):
            _append_leaves(directory, edge, spool.take_leaves(end))
        if (edge.size, edge.compute_root()) != (checkpoint.size, checkpoint.root):
            raise NotValid(
                f"the outputs and figures are not those that the checkpoint of {checkpoint.size:,} leaves seals: no "
                "bundle is made of them; `disruptions audit replay` names what differs"
            )
    for tile in edge.list_partial():
        write_tile(directory, tile)


def write_tile(directory: BundleDirectory, tile: HashTile) -> None:
    """Write a tile where the log's own directory has it."""
    directory.write_file(str(tile.name), tile.hashes)


def _append_leaves(directory: BundleDirectory, edge: TreeEdge, leaves: Iterator[bytes]) -> None:
    held: list[bytes] = []
    for leaf in leaves:
        held.append(leaf)
        if len(held) == TILE_WIDTH:
            _append_some(directory, edge, held)
    _append_some(directory, edge, held)


def _append_some(directory: BundleDirectory, edge: TreeEdge, held: list[bytes]) -> None:
    for tile in edge.append_leaves(held):
        write_tile(directory, tile)
    held.clear()
