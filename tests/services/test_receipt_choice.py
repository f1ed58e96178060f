"""By which checkpoint a receipt is given, and what a figure says before it is published."""

from pathlib import Path
from typing import Any

import pytest

from ledger.errors import Misuse, Unavailable
from ledger.vocabulary import FigureSubject
from proofs.checkpoints import Checkpoint
from proofs.errors import NotValid
from proofs.notes import SignedNote, sign_note
from proofs.tiles import TileReader, list_edge
from proofs.tree import Node, verify_inclusion
from queries.answers import BalanceAnswer
from queries.figure_question import FigureQuestion
from schemas.figures import FigureCell, compute_figure_id
from seals.history import CheckpointHistory
from seals.ledger_log import SealedPosition
from seals.proving import prove_leaf
from services.figures import make_figure, read_figure
from services.receipts import choose_checkpoint, prove_earlier
from tests.audit.receipts_made import LOG, WITNESSES
from tests.seals.log_made import MadeLog


def make_history(*cosigned: int) -> CheckpointHistory:
    """Checkpoints of 1, 2, 3 ... leaves of partition 1, each cosigned by so many."""
    made = CheckpointHistory([LOG.make_verifier()])
    for number, witnesses in enumerate(cosigned, 1):
        text = Checkpoint(LOG.name, number, bytes([number] * 32), (0, number)).write_text()
        signatures = [sign_note(text, LOG), *(sign_note(text, key, 1) for key in WITNESSES[:witnesses])]
        assert made.follow_note(number, 0, str(SignedNote(text, tuple(signatures))).encode()) is not None
    return made


@pytest.mark.parametrize(
    ("cosigned", "end", "chosen"),
    [
        ((0, 0, 0), 1, 3),
        ((2, 2, 0), 1, 2),
        ((3, 2, 0), 1, 1),
        ((3, 2, 0), 2, 2),
        ((3, 2, 0), 3, 3),
        ((0, 0, 0), 0, 3),
    ],
)
def test_a_receipt_is_given_by_what_most_witnesses_cosigned(cosigned: Any, end: int, chosen: int) -> None:
    """Of the checkpoints that seal it; of equals by the newest."""
    assert choose_checkpoint(make_history(*cosigned), {1: end}).checkpoint.size == chosen


@pytest.mark.parametrize("ends", [{1: 4}, {0: 1}, {2: 1}])
def test_no_receipt_is_given_of_what_is_not_sealed(ends: dict[int, int]) -> None:
    """A position, or a partition, that no checkpoint covers."""
    with pytest.raises(Unavailable, match="does not seal all"):
        choose_checkpoint(make_history(0, 0, 0), ends)


def test_a_leaf_is_proved_by_a_checkpoint_whose_partial_tiles_are_gone(tmp_path: Path) -> None:
    """As after the log's directory was made again: the tiles of the newest begin with those of every earlier one."""
    made = MadeLog(tmp_path, partitions=1)
    for first, end in ((0, 5), (5, 9)):
        made.fill_positions(0, first, end)
        made.sealer.seal_ready()
    earlier, newest = made.follow_history().checkpoints
    for tile in list_edge(earlier.checkpoint.size):
        (made.directory.path / str(tile)).unlink(missing_ok=True)
    leaf_hash = TileReader(9, made.directory.read_tile).read_node(Node(0, 2))
    place = SealedPosition(newest, prove_leaf(made.directory, newest.checkpoint, 2, leaf_hash))
    proof = prove_earlier(made.directory, place, earlier.checkpoint, leaf_hash)
    assert proof.leaf == 2
    verify_inclusion(leaf_hash, 2, 5, proof.hashes, earlier.checkpoint.root)
    with pytest.raises(NotValid):
        prove_earlier(made.directory, place, earlier.checkpoint, bytes(32))


QUESTION = FigureQuestion(FigureSubject.DISRUPTIONS, {"by": "org, pillar,org"})
ANSWER: BalanceAnswer = {
    "rows": [{"org": "kent", "pillar": "PURSUE", "n": 2}, {"org": "btp", "pillar": "PURSUE", "n": 1}],
    "position": {"0": 4, "2": 9},
    "as_at": "2022-07-04T22:59:59.999Z",
    "known_at": "2022-07-04T23:00:00.000Z",
    "complete": True,
    "complete_through": "2022-07-05T00:00:00.000Z",
    "filters": {"type": "LEAD", "standing": "all", "from": "2021-07-01", "to": "2022-06-30", "org": "kent"},
    "measure": "2026.1",
}


def test_a_figure_is_what_its_answer_says() -> None:
    """Cells in the order of their values; what is summed is held to no value; its id is that of what it says."""
    figure = make_figure(QUESTION, ANSWER, "Table 2", "hmicfrs")
    assert (figure.first_day, figure.last_day) == (18_809, 19_173)
    assert (figure.as_at, figure.known_at) == (1_656_975_599_999, 1_656_975_600_000)
    assert (figure.organisation, figure.type, figure.standing) == ("kent", "LEAD", None)
    assert figure.by == ("org", "pillar")
    assert figure.cells == (FigureCell(("btp", "PURSUE"), 1), FigureCell(("kent", "PURSUE"), 2))
    assert figure.positions == (4, 0, 9)
    assert figure.figure_id == compute_figure_id(figure)
    assert (figure.note, figure.published_by) == ("Table 2", "hmicfrs")


def test_a_figure_of_threats_has_no_period() -> None:
    """Nor a type, nor a standing."""
    answer: BalanceAnswer = {**ANSWER, "filters": {"assessment_type": "TACTICAL"}}
    figure = read_figure(FigureQuestion(FigureSubject.THREATS, {"by": "org"}), answer)
    assert figure[3:5] == (None, None)
    assert (figure.organisation, figure.type, figure.standing) == (None, None, None)


def test_a_figure_that_may_still_grow_is_not_made() -> None:
    """The remedy names the instant."""
    with pytest.raises(Misuse, match=r"may still grow: .* is 2022-07-05T00:00:00\.000Z; give a --known-at no later"):
        make_figure(QUESTION, {**ANSWER, "complete": False}, "Table 2", "hmicfrs")


@pytest.mark.parametrize(
    ("note", "published_by", "said"),
    [(" ", "hmicfrs", "--note"), ("two\nlines", "hmicfrs", "--note"), ("n" * 4_001, "hmicfrs", "--note"),
     ("Table 2", "", "--published-by"), ("Table 2", "w" * 201, "--published-by")],
)  # fmt: skip
def test_what_is_said_of_a_figure_is_held_to_bounds(note: str, published_by: str, said: str) -> None:
    """It is kept for ever."""
    with pytest.raises(Misuse, match=said):
        make_figure(QUESTION, ANSWER, note, published_by)
