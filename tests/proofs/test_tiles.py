"""Tiles as C2SP's tlog-tiles has them: names, widths, what is in them, and a tree that grows across restarts."""

import random

import pytest

from proofs import tree
from proofs.errors import NotValid
from proofs.tiles import HashTile, TileName, TileReader, TreeEdge, find_width, list_edge
from tests.proofs.test_tree import compute_root_plainly

SIZE = 66_000  # of three levels of tiles
HASHES = [tree.hash_leaf(n.to_bytes(4, "big")) for n in range(SIZE)]


def grow_log(sizes: list[int]) -> dict[str, bytes]:
    """The tiles of a log that had each of these sizes in turn, and was restored from its tiles each time."""
    files: dict[str, bytes] = {}
    before = 0

    def read_tile(name: TileName) -> bytes:
        return files[str(name)]

    for size in sizes:
        edge = TreeEdge.restore_edge(before, read_tile)
        full = list(edge.append_leaves(HASHES[before:size]))
        files.update({str(tile.name): tile.hashes for tile in (*full, *edge.list_partial())})
        assert edge.size == size
        before = size
    return files


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (TileName(0, 0), "tile/0/000"),
        (TileName(0, 273, 112), "tile/0/273.p/112"),
        (TileName(2, 1_234_067), "tile/2/x001/x234/067"),
        (TileName(1, 1000, 1), "tile/1/x001/000.p/1"),
    ],
)
def test_a_tile_lies_where_the_specification_says(name: TileName, path: str) -> None:
    """The second and the third are its own examples."""
    assert str(name) == path


def test_a_tree_of_70000_leaves_has_the_tiles_of_the_specifications_example() -> None:
    """273 full and one of 112; one full and one of 17; one of 1. And at 256 leaves: a full one and one of 1."""
    assert list(list_edge(70_000)) == [TileName(0, 273, 112), TileName(1, 1, 17), TileName(2, 0, 1)]
    assert [find_width(0, number, 70_000) for number in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert list(list_edge(256)) == [TileName(1, 0, 1)]


def test_a_tile_holds_the_hashes_that_the_specification_says() -> None:
    """By the naive definition: of the level above, each hash is the root over 256 leaves."""
    leaves = [n.to_bytes(4, "big") for n in range(600)]
    files = grow_log([600])
    assert files["tile/0/001"] == b"".join(HASHES[256:512])
    assert files["tile/0/002.p/88"] == b"".join(HASHES[512:600])
    assert files["tile/1/000.p/2"] == compute_root_plainly(leaves[:256]) + compute_root_plainly(leaves[256:512])
    assert files.keys() == {"tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"}


def test_however_often_a_log_is_restored_it_grows_to_the_same_tiles() -> None:
    """In one go, and in steps across every boundary of a tile."""
    whole = grow_log([SIZE])
    rng = random.Random(1)
    steps = sorted({*rng.sample(range(SIZE), 40), 1, 255, 256, 257, 65_535, 65_536, 65_537, SIZE})
    stepped = grow_log(steps)
    assert whole.items() <= stepped.items()
    assert whole["tile/2/000.p/1"] == tree.hash_complete(HASHES[:65_536])


def test_proofs_from_tiles_hold() -> None:
    """Inclusion and consistency in a tree of three levels; root by the edge and by the tiles."""
    files = grow_log([65_700, SIZE])
    now = TileReader(SIZE, lambda name: files[str(name)])
    then = TileReader(65_700, lambda name: files[str(name)])
    edge = TreeEdge.restore_edge(SIZE, lambda name: files[str(name)])
    root, older = now.compute_root(), then.compute_root()
    assert edge.compute_root() == root != older
    for index in (0, 255, 256, 65_535, 65_536, SIZE - 1):
        tree.verify_inclusion(HASHES[index], index, SIZE, tree.prove_inclusion(index, SIZE, now.read_node), root)
    tree.verify_consistency(65_700, SIZE, older, root, tree.prove_consistency(65_700, SIZE, now.read_node))


def test_what_is_no_tile_of_the_tree_is_refused() -> None:
    """One that is cut short, and a node past the end."""
    cut = TileReader(300, lambda _: bytes(10))
    with pytest.raises(NotValid, match=r"tile/0/000 has 10 bytes, not 8192"):
        cut.read_node(tree.Node(0, 3))
    with pytest.raises(NotValid, match="lies in no tree of 300 leaves"):
        cut.read_node(tree.Node(0, 300))
    with pytest.raises(NotValid, match=r"tile/0/001\.p/44 has 0 bytes"):
        TreeEdge.restore_edge(300, lambda _: b"")


def test_a_tree_without_leaves_has_no_tiles() -> None:
    """Nor is one read."""
    edge = TreeEdge()
    assert (edge.list_partial(), edge.compute_root()) == ([], tree.EMPTY_ROOT)
    assert list(edge.append_leaves(HASHES[:1])) == []
    assert edge.list_partial() == [HashTile(TileName(0, 0, 1), HASHES[0])]
