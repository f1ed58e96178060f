"""Merkle trees of RFC 6962: hashes, roots, proofs of inclusion and of consistency.

A *node* is the root of a complete subtree: node (level, number) covers the leaves from ``number << level`` to before
``(number + 1) << level``; level 0 are the leaves' own hashes. Every hash of any proof is made of nodes, so whoever can
read nodes can prove (sections 2.1.1 to 2.1.4 of RFC 9162, which words RFC 6962's algorithms for verifiers too).
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from proofs.errors import NotValid

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
_LEAF, _INNER = b"\x00", b"\x01"


class Node(NamedTuple):
    """A complete subtree."""

    level: int
    number: int


ReadNode = Callable[[Node], bytes]


def hash_leaf(leaf: bytes) -> bytes:
    """Hash a leaf's data."""
    return sha256(_LEAF + leaf).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    """Hash two children to their parent."""
    return sha256(_INNER + left + right).digest()


def hash_complete(hashes: Sequence[bytes]) -> bytes:
    """Hash the nodes of one level under one complete subtree, a power of two of them, to its root."""
    level = list(hashes)
    while len(level) > 1:
        level = [hash_children(level[n], level[n + 1]) for n in range(0, len(level), 2)]
    return level[0]


def list_nodes(start: int, end: int) -> Iterator[Node]:
    """List the largest complete subtrees that make up the leaves from ``start`` to before ``end``, left to right.

    ``start`` is a multiple of the largest power of two that is no more than the number of leaves.
    """
    while start < end:
        level = (end - start).bit_length() - 1
        yield Node(level, start >> level)
        start += 1 << level


def join_hashes(hashes: Sequence[bytes]) -> bytes:
    """Join the hashes of successive complete subtrees, largest first, to the root over all of them."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = hash_children(left, root)
    return root


def compute_root(start: int, end: int, read_node: ReadNode) -> bytes:
    """Compute the root over the leaves from ``start`` to before ``end``, as ``list_nodes`` takes them."""
    return join_hashes([read_node(node) for node in list_nodes(start, end)])


def prove_inclusion(index: int, size: int, read_node: ReadNode) -> list[bytes]:
    """Prove that a leaf lies at an index of the tree of a size, the deepest hash first."""
    start, end, proof = 0, size, []
    while end - start > 1:
        middle = start + _split_leaves(end - start)
        if index < middle:
            proof.append(compute_root(middle, end, read_node))
            end = middle
        else:
            proof.append(compute_root(start, middle, read_node))
            start = middle
    return proof[::-1]


def prove_consistency(first: int, second: int, read_node: ReadNode) -> list[bytes]:
    """Prove that the tree of ``second`` leaves begins with the ``first`` leaves of a tree, the deepest hash first."""
    start, end, proof, whole = 0, second, list[bytes](), True
    if first in (0, second):
        return proof
    while first != end:
        middle = start + _split_leaves(end - start)
        if first <= middle:
            proof.append(compute_root(middle, end, read_node))
            end = middle
        else:
            proof.append(compute_root(start, middle, read_node))
            start, whole = middle, False
    if not whole:
        proof.append(compute_root(start, end, read_node))
    return proof[::-1]


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Verify a proof of inclusion. Raises NotValid."""
    if not 0 <= index < size:
        raise NotValid(f"leaf {index} lies in no tree of {size} leaves")
    place, last, found, rest = index, size - 1, leaf_hash, list(proof)
    while last:
        if place & 1 or place == last:
            while not place & 1:
                place, last = place >> 1, last >> 1
            found = hash_children(_take_hash(rest), found)
        else:
            found = hash_children(found, _take_hash(rest))
        place, last = place >> 1, last >> 1
    if rest or found != root:
        raise NotValid(f"the proof does not lead from leaf {index} to the root of {size} leaves")


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> None:
    """Verify a proof of consistency. Raises NotValid."""
    if not 0 <= first <= second:
        raise NotValid(f"a tree of {second} leaves cannot begin with {first}")
    rest = list(proof)
    if first in (0, second):
        same = first_root == (second_root if first else EMPTY_ROOT)
    else:
        same = _follow_proof(first, second, first_root, rest) == (first_root, second_root)
    if rest or not same:
        raise NotValid(f"the tree of {second} leaves does not begin with that of {first}")


def _follow_proof(first: int, second: int, first_root: bytes, rest: list[bytes]) -> tuple[bytes, bytes]:
    """Return the two roots that a proof of consistency leads to; what it does not use stays in ``rest``."""
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    older = newer = _take_hash(rest) if place else first_root
    while last:
        if place & 1 or place == last:
            while not place & 1:
                place, last = place >> 1, last >> 1
            found = _take_hash(rest)
            older, newer = hash_children(found, older), hash_children(found, newer)
        else:
            newer = hash_children(newer, _take_hash(rest))
        place, last = place >> 1, last >> 1
    return older, newer


def _split_leaves(count: int) -> int:
    """Return the largest power of two below a count of at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _take_hash(rest: list[bytes]) -> bytes:
    if not rest:
        raise NotValid("the proof is too short")
    found = rest.pop(0)
    if len(found) != HASH_BYTES:
        raise NotValid(f"a hash of the proof has {len(found)} bytes, not {HASH_BYTES}")
    return found
