"""Which checkpoint a certificate names: the newest that seals no more than was replayed."""

from audit.covered_seal import choose_seal
from proofs.checkpoints import Checkpoint
from proofs.notes import SignedNote
from seals.history import SealedCheckpoint


def make_checkpoint(offset: int, size: int, *positions: int) -> SealedCheckpoint:
    """A checkpoint at an offset of soc.checkpoints."""
    made = Checkpoint("ledger.example", size, bytes(32), positions)
    return SealedCheckpoint(offset, 0, made, SignedNote(made.write_text(), ()))


def test_the_newest_that_was_replayed_whole_is_named() -> None:
    """Three and four positions were replayed: the second seals 3 and 4, the third seals a fifth."""
    log = [make_checkpoint(0, 2, 1, 1), make_checkpoint(1, 7, 3, 4), make_checkpoint(2, 8, 3, 5)]
    seal = choose_seal(log, {0: 3, 1: 4})
    assert seal is not None
    assert (seal["offset"], seal["size"], seal["positions"]) == (1, 7, [3, 4])
    assert seal["root"] == "A" * 43 + "="


def test_where_a_partition_was_not_replayed_none_is_named() -> None:
    """A replay of partition 0 alone says nothing of what is sealed of partition 1."""
    assert choose_seal([make_checkpoint(0, 2, 1, 1)], {0: 3}) is None
