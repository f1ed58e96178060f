"""Proofs from a log's tiles: that an output is in it, that a checkpoint goes on from another; who witnessed it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger.errors import Misuse
from proofs.checkpoints import Checkpoint
from proofs.errors import NotValid
from proofs.keys import KeyAlgorithm, VerifierKey
from proofs.notes import SignedNote, verify_note
from proofs.tiles import TILE_HEIGHT, TILE_WIDTH, ReadTile, TileName, TileReader, find_width, hold_tile, split_hashes
from proofs.tree import (
    HASH_BYTES,
    Node,
    hash_complete,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from seals.directory import LogFiles
from seals.history import hold_positions


class InclusionProof(NamedTuple):
    """That a leaf lies at an index of a checkpoint's tree: RFC 6962's hashes, the deepest first."""

    leaf: int
    size: int
    hashes: tuple[bytes, ...]


def prove_leaf(files: LogFiles, checkpoint: Checkpoint, index: int, leaf_hash: bytes) -> InclusionProof:
    """Prove that a leaf lies at an index of a checkpoint's tree.

    Raises:
        NotValid: it does not, or a tile is missing or another.
        Unavailable: the tiles cannot be read.
    """
    if not 0 <= index < checkpoint.size:
        raise NotValid(f"leaf {index:,} lies in no tree of {checkpoint.size:,} leaves")
    reader = TileReader(checkpoint.size, files.read_tile)
    if reader.read_node(Node(0, index)) != leaf_hash:
        raise NotValid(f"leaf {index:,} of the log is another than this output: one of the two was altered")
    proof = InclusionProof(index, checkpoint.size, tuple(prove_inclusion(index, checkpoint.size, reader.read_node)))
    verify_inclusion(leaf_hash, *proof, checkpoint.root)
    return proof


def prove_extension(files: LogFiles, first: Checkpoint, second: Checkpoint) -> list[bytes]:
    """Prove that a checkpoint goes on from an earlier one of its log; what it returns is verified.

    Raises:
        NotValid: it does not, or a tile is missing or another.
        Unavailable: the tiles cannot be read.
    """
    if first.origin != second.origin:
        raise NotValid(f"they are of two logs, {first.origin!r} and {second.origin!r}")
    if second.size < first.size:
        raise NotValid(f"it goes back, from {first.size:,} leaves to {second.size:,}")
    if second.size == first.size and second.root != first.root:
        raise NotValid(f"split view: two trees of {first.size:,} leaves")
    if second.follows != first.follows:
        raise NotValid("split view: it does not name the log that it follows as the one before it does")
    hold_positions(first, second)
    reader = TileReader(second.size, files.read_tile)
    proof = prove_consistency(first.size, second.size, reader.read_node)
    if second.size and reader.compute_root() != second.root:
        raise NotValid(f"the tiles are not those of the checkpoint of {second.size:,} leaves")
    verify_consistency(first.size, second.size, first.root, second.root, proof)
    return proof


def verify_witnesses(note: SignedNote, witnesses: Sequence[VerifierKey], quorum: int) -> list[VerifierKey]:
    """Verify that so many of these witnesses cosigned a note; those that did.

    Raises:
        NotValid: fewer did, or a cosignature of one of them is not right.
        Misuse: there are not so many, or one is no witness's key.
    """
    count = len({one.public for one in witnesses})  # one key under two names is one witness
    if count < quorum:
        raise Misuse(f"{quorum} cosignatures are demanded of {count} witnesses: name more, or demand fewer")
    for one in witnesses:
        if one.algorithm is not KeyAlgorithm.COSIGNATURE:
            raise Misuse(f"{one.name!r} is a log's key, not a witness's")
    cosigned = {one.key.public: one.key for one in verify_note(note, witnesses)}
    if len(cosigned) < quorum:
        raise NotValid(f"{len(cosigned)} of the {count} witnesses cosigned this checkpoint, not {quorum}")
    return list(cosigned.values())


def cut_tiles(files: LogFiles, size: int) -> ReadTile:
    """Read the tiles of any earlier tree from those of the tree of a size, which begin with them."""

    def read_cut(name: TileName) -> bytes:
        whole = name._replace(width=find_width(name.level, name.number, size))
        return hold_tile(whole, files.read_tile(whole))[: name.width * HASH_BYTES]

    return read_cut


def list_tiles(size: int) -> Iterator[TileName]:
    """List every tile of the tree of a size, the lowest level first."""
    level = 0
    while count := size >> (TILE_HEIGHT * level):
        for number in range(-(-count // TILE_WIDTH)):
            yield TileName(level, number, find_width(level, number, size))
        level += 1


def verify_tiles(files: LogFiles, checkpoint: Checkpoint) -> Iterator[TileName]:
    """Verify every tile against the tile above it, and the top against a checkpoint; each tile that was verified.

    Raises:
        NotValid: names the first that is missing or another.
        Unavailable: one cannot be read.
    """
    reader = TileReader(checkpoint.size, files.read_tile)
    if checkpoint.size and reader.compute_root() != checkpoint.root:
        raise NotValid(f"the tiles are not those of the checkpoint of {checkpoint.size:,} leaves")
    above, upper = b"", TileName(-1, -1)
    for name in list_tiles(checkpoint.size):
        hashes = hold_tile(name, files.read_tile(name))
        if name.width == TILE_WIDTH and checkpoint.size >> (TILE_HEIGHT * (name.level + 1)):
            parent = TileName(name.level + 1, name.number // TILE_WIDTH)
            parent = parent._replace(width=find_width(*parent[:2], checkpoint.size))
            if parent != upper:
                above, upper = hold_tile(parent, files.read_tile(parent)), parent
            if hash_complete(split_hashes(hashes)) != split_hashes(above)[name.number % TILE_WIDTH]:
                raise NotValid(f"{name} is not what {parent} says: one of the two was altered")
        yield name
