"""Merkle trees held to the definition of RFC 6962, written out here naively, and to roots that others computed."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs import tree
from proofs.errors import NotValid
from proofs.tree import Node

# Leaves and roots with which implementations of Certificate Transparency are tested: google/certificate-transparency.
LEAVES = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MOST = 40
MANY = [n.to_bytes(2, "big") for n in range(MOST)]


def compute_root_plainly(leaves: Sequence[bytes]) -> bytes:
    """The Merkle Tree Hash, as RFC 6962 section 2.1 defines it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + compute_root_plainly(leaves[:half]) + compute_root_plainly(leaves[half:])).digest()


def read_node(node: Node) -> bytes:
    """A node of the tree over ``MANY``."""
    return compute_root_plainly(MANY[node.number << node.level : (node.number + 1) << node.level])


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_that_others_computed(size: int) -> None:
    """By the same leaves."""
    hashes = {Node(0, n): tree.hash_leaf(leaf) for n, leaf in enumerate(LEAVES)}
    for level in (1, 2, 3):
        for number in range(8 >> level):
            children = hashes[Node(level - 1, 2 * number)], hashes[Node(level - 1, 2 * number + 1)]
            hashes[Node(level, number)] = tree.hash_children(*children)
    assert tree.compute_root(0, size, hashes.__getitem__).hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_root_of_nothing() -> None:
    """The hash of no bytes."""
    assert tree.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree.compute_root(0, 0, read_node) == tree.EMPTY_ROOT


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_leaf_is_proved_to_lie_where_it_lies_and_nowhere_else(size: int) -> None:
    """In every tree of up to 40 leaves; the proof of one index proves no other, and of one tree no other."""
    root = compute_root_plainly(MANY[:size])
    for index in range(size):
        proof, leaf_hash = tree.prove_inclusion(index, size, read_node), tree.hash_leaf(MANY[index])
        tree.verify_inclusion(leaf_hash, index, size, proof, root)
        for other in {(index + 1) % size, (index * 3) % size} - {index}:
            with pytest.raises(NotValid, match=r"does not lead|too short"):
                tree.verify_inclusion(leaf_hash, other, size, proof, root)
        with pytest.raises(NotValid):
            tree.verify_inclusion(leaf_hash, index, size, proof, compute_root_plainly(MANY[: size - 1]))


@pytest.mark.parametrize("second", range(MOST + 1))
def test_every_tree_is_proved_to_begin_with_every_smaller_one(second: int) -> None:
    """And with no other of its size."""
    for first in range(second + 1):
        proof = tree.prove_consistency(first, second, read_node)
        older, newer = compute_root_plainly(MANY[:first]), compute_root_plainly(MANY[:second])
        tree.verify_consistency(first, second, older, newer, proof)
        forged = compute_root_plainly([b"another", *MANY[1:first]] if first else [b"another"])
        for pair in ((forged, newer), (older, forged)):
            if first or pair[0] == forged:  # of the empty tree nothing follows for any other
                with pytest.raises(NotValid):
                    tree.verify_consistency(first, second, *pair, proof)


@given(st.integers(1, MOST), st.data())
def test_a_proof_with_any_hash_changed_dropped_or_added_is_none(size: int, data: st.DataObject) -> None:
    """Of inclusion."""
    index = data.draw(st.integers(0, size - 1))
    proof = tree.prove_inclusion(index, size, read_node)
    place = data.draw(st.integers(0, len(proof)))
    wrong = {
        "added": [*proof[:place], bytes(32), *proof[place:]],
        "dropped": proof[:place][:-1],
        "short": [*proof[:place], b"short"],
    }
    if place < len(proof):
        wrong["changed"] = [*proof[:place], bytes([proof[place][0] ^ 1]) + proof[place][1:], *proof[place + 1 :]]
    for forged in wrong.values():
        if forged != proof:
            with pytest.raises(NotValid):
                tree.verify_inclusion(
                    tree.hash_leaf(MANY[index]), index, size, forged, compute_root_plainly(MANY[:size])
                )


def test_what_lies_in_no_tree_is_not_proved() -> None:
    """An index past the end, a tree that shrank."""
    with pytest.raises(NotValid, match="leaf 3 lies in no tree of 3 leaves"):
        tree.verify_inclusion(bytes(32), 3, 3, [], bytes(32))
    with pytest.raises(NotValid, match="a tree of 3 leaves cannot begin with 4"):
        tree.verify_consistency(4, 3, bytes(32), bytes(32), [])


def test_a_leaf_is_no_inner_node() -> None:
    """What a leaf hashes to cannot be had from two children: the second preimage that the prefixes are there for."""
    left, right = tree.hash_leaf(b"a"), tree.hash_leaf(b"b")
    assert tree.hash_leaf(left + right) != tree.hash_children(left, right)
