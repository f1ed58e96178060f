"""Tiles: a Merkle tree as static files of 256 hashes, by C2SP's tlog-tiles (https://c2sp.org/tlog-tiles).

Tile (level, number) holds 256 successive nodes of tree level 8 * ``level``; the rightmost tile of a level may be
partial, then its width is part of its name. Full tiles never change.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from proofs.errors import NotValid
from proofs.tree import HASH_BYTES, Node, compute_root, hash_complete, join_hashes, list_nodes

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT


class TileName(NamedTuple):
    """Which tile of which width, 1 to 256."""

    level: int
    number: int
    width: int = TILE_WIDTH

    def __str__(self) -> str:
        """Return its path below a log's prefix: the number in groups of three digits, all but the last behind an x."""
        digits = str(self.number)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[n : n + 3] for n in range(0, len(digits), 3)]
        path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        return f"tile/{self.level}/{path}{'' if self.width == TILE_WIDTH else f'.p/{self.width}'}"


class HashTile(NamedTuple):
    """A tile and its hashes, one behind the other."""

    name: TileName
    hashes: bytes


ReadTile = Callable[[TileName], bytes]


def find_width(level: int, number: int, size: int) -> int:
    """Find how wide a tile is in the tree of a size; 0 where there is no such tile."""
    return min(max((size >> (TILE_HEIGHT * level)) - number * TILE_WIDTH, 0), TILE_WIDTH)


def list_edge(size: int) -> Iterator[TileName]:
    """List the partial tiles of the tree of a size, one a level at most, lowest level first."""
    level = 0
    while count := size >> (TILE_HEIGHT * level):
        if count % TILE_WIDTH:
            yield TileName(level, count // TILE_WIDTH, count % TILE_WIDTH)
        level += 1


class TreeEdge:
    """The right edge of a growing tree: all that appending, and the root, need of it."""

    def __init__(self, size: int = 0, edge: Sequence[HashTile] = ()) -> None:
        self.size = size
        self._levels: dict[int, bytearray] = {tile.name.level: bytearray(tile.hashes) for tile in edge}

    @classmethod
    def restore_edge(cls, size: int, read_tile: ReadTile) -> "TreeEdge":
        """Restore the edge of the tree of a size from its partial tiles. Raises NotValid, and what reading raises."""
        return cls(size, [HashTile(name, hold_tile(name, read_tile(name))) for name in list_edge(size)])

    def append_leaves(self, leaf_hashes: Sequence[bytes]) -> Iterator[HashTile]:
        """Append leaves by their hashes; give every tile that becomes full."""
        for leaf_hash in leaf_hashes:
            self.size += 1
            yield from self._append_node(0, leaf_hash)

    def list_partial(self) -> list[HashTile]:
        """List the partial tiles as they are now."""
        return [HashTile(name, bytes(self._levels[name.level])) for name in list_edge(self.size)]

    def compute_root(self) -> bytes:
        """Compute the root as it is now."""
        return join_hashes([self._read_node(node) for node in list_nodes(0, self.size)])

    def _append_node(self, level: int, found: bytes) -> Iterator[HashTile]:
        hashes = self._levels.setdefault(level, bytearray())
        hashes += found
        if len(hashes) == TILE_WIDTH * HASH_BYTES:
            number = (self.size >> (TILE_HEIGHT * (level + 1))) - 1
            yield HashTile(TileName(level, number), bytes(hashes))
            yield from self._append_node(level + 1, hash_complete(split_hashes(bytes(hashes))))
            hashes.clear()

    def _read_node(self, node: Node) -> bytes:
        return _hash_within(self._levels[node.level // TILE_HEIGHT], node)


class TileReader:
    """Reads the nodes of the tree of a size from its tiles; every tile once.

    Args:
        size: of the tree; only tiles that belong to it are read.
        read_tile: gives a tile's bytes; what it raises goes through.
    """

    def __init__(self, size: int, read_tile: ReadTile) -> None:
        self._size = size
        self._read_tile = read_tile
        self._tiles: dict[tuple[int, int], bytes] = {}

    def read_node(self, node: Node) -> bytes:
        """Read a node. Raises NotValid where a tile is not one, or the node lies outside of the tree."""
        level = node.level // TILE_HEIGHT
        number = (node.number << node.level % TILE_HEIGHT) // TILE_WIDTH
        if (node.number + 1) << node.level > self._size:
            raise NotValid(f"node {node.level}, {node.number} lies in no tree of {self._size} leaves")
        if (level, number) not in self._tiles:
            name = TileName(level, number, find_width(level, number, self._size))
            self._tiles[level, number] = hold_tile(name, self._read_tile(name))
        return _hash_within(self._tiles[level, number], node)

    def compute_root(self) -> bytes:
        """Compute the root of the tree."""
        return compute_root(0, self._size, self.read_node)


def hold_tile(name: TileName, found: bytes) -> bytes:
    """Hold a tile's bytes to its width. Raises NotValid."""
    if len(found) != name.width * HASH_BYTES:
        raise NotValid(f"{name} has {len(found)} bytes, not {name.width * HASH_BYTES}")
    return found


def split_hashes(hashes: bytes) -> list[bytes]:
    """Split hashes that lie one behind the other."""
    return [hashes[n : n + HASH_BYTES] for n in range(0, len(hashes), HASH_BYTES)]


def _hash_within(hashes: bytes | bytearray, node: Node) -> bytes:
    """Hash the part of a tile that is one node."""
    count = 1 << node.level % TILE_HEIGHT
    first = node.number * count % TILE_WIDTH
    return hash_complete(split_hashes(bytes(hashes[first * HASH_BYTES : (first + count) * HASH_BYTES])))
