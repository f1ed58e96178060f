"""The order of leaves of a partition, whatever order its outputs are heard in."""

import random

import pytest

from infra.topics import ENTRIES, REJECTED
from ledger.entries import EntryPart
from seals.chain import SealingChain
from seals.leaves import hash_output
from seals.outputs import NoOutput, OutputPart
from tests.seals.log_made import PARTS, make_entry, make_record, make_rejection, read_part


def list_offsets(chain: SealingChain, *parts: OutputPart) -> list[int]:
    """Which positions these let pass."""
    for part in parts:
        chain.add_part(part)
    return [one.offset for one in chain.follow_links()]


def test_an_output_waits_for_the_one_before_it() -> None:
    """Of either topic; a hole in the offsets of what was published is none in the chain."""
    chain = SealingChain()
    second = read_part(make_rejection(0, 7, previous=3), 0, 0, REJECTED)
    assert list_offsets(chain, second) == []
    assert chain.find_loose() == {REJECTED: 0}
    assert list_offsets(chain, read_part(make_entry(0, 3, previous=-1), 0, 0)) == [3, 7]
    assert (chain.position, chain.find_loose()) == (8, {})


def test_the_leaf_is_that_of_the_bytes_without_their_frame() -> None:
    """Five bytes of a schema's id before it, by which registry whatsoever."""
    chain, value = SealingChain(), make_entry(0, 0)
    part = read_part(value, 0, 0)
    chain.add_part(part)
    (only,) = chain.follow_links()
    assert only.leaf_hash == hash_output(ENTRIES, part.fingerprint, [value[5:]])


def test_a_repeat_changes_nothing_and_what_was_appended_first_counts() -> None:
    """A second output of a position, in the same topic or in the other."""
    first, forged = (
        read_part(make_entry(0, 0), 0, 5, appended_at=10),
        read_part(make_rejection(0, 0), 0, 1, REJECTED, appended_at=9),
    )
    chain = SealingChain()
    chain.add_part(first)
    chain.add_part(read_part(make_entry(0, 0, legs=3), 0, 6, appended_at=11))
    chain.add_part(forged)
    (only,) = chain.follow_links()
    assert only.leaf_hash == hash_output(REJECTED, forged.fingerprint, [forged.datum])
    assert list_offsets(chain, first, first) == []
    assert chain.find_loose() == {}


def test_an_entry_in_parts_joins_when_all_of_them_are_there() -> None:
    """In whatever order, and repeated from the first again."""
    values = [make_entry(0, 0, part=EntryPart(n, 3, n), legs=n + 1) for n in range(3)]
    parts = [read_part(value, 0, at) for at, value in enumerate(values)]
    chain = SealingChain()
    assert list_offsets(chain, parts[2], parts[0], parts[0]) == []
    chain.add_part(parts[1])
    (whole,) = chain.follow_links()
    assert whole.leaf_hash == hash_output(ENTRIES, parts[0].fingerprint, [value[5:] for value in values])


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_hearing_gives_the_same_leaves(seed: int) -> None:
    """Shuffled, repeated, and taken in pieces."""
    parts = [
        read_part(make_rejection(0, n), 0, n, REJECTED) if n % 3 else read_part(make_entry(0, n), 0, n)
        for n in range(30)
    ]
    plain = SealingChain()
    for part in parts:
        plain.add_part(part)
    expected = list(plain.follow_links())
    rng, chain, found = random.Random(seed), SealingChain(), []
    heard = parts * 2
    rng.shuffle(heard)
    for part in heard:
        chain.add_part(part)
        if rng.random() < 0.3:
            found += chain.follow_links()
    found += chain.follow_links()
    assert found == expected
    assert [one.offset for one in found] == list(range(30))


@pytest.mark.parametrize(
    ("value", "topic", "why"),
    [
        (b"not an output", ENTRIES, "it cannot be read (UNDECODABLE)"),
        (make_entry(0, 3) + b"x", ENTRIES, "it cannot be read (UNDECODABLE)"),
        (make_rejection(0, 3), ENTRIES, "it cannot be read (UNKNOWN_SCHEMA)"),
        (make_entry(1, 3), ENTRIES, "it is not of this partition, or covers nothing"),
        (make_entry(0, 3, previous=3), ENTRIES, "it is not of this partition, or covers nothing"),
        (make_entry(0, 3, part=EntryPart(2, 2, 0)), ENTRIES, "it is a part that its entry does not have"),
        (None, ENTRIES, "it cannot be read (UNDECODABLE)"),
    ],
)
def test_what_is_no_output_is_named_by_its_place(value: bytes, topic: str, why: str) -> None:
    """And by nothing of it."""
    found = PARTS.read_part(make_record(value, 0, 17, topic))
    assert isinstance(found, NoOutput)
    assert str(found) == f"{topic} partition 0 offset 17: {why}"
