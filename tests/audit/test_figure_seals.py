"""Published figures beside the log: whatever was done to one of them is named, with its place."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit import figure_seals
from audit.figure_seals import NO_LOG, NOT_SEALED, FigureSeals, SealedFigure, list_figure_leaves, read_figure_seals
from audit.findings import Finding, FindingKind
from audit.published_figures import LoggedFigure
from proofs.checkpoints import Checkpoint, FollowedHead
from seals.index import SealIndex
from seals.ledger_log import LedgerLog
from seals.succession import FollowedLog
from tests.figures import make_published_figure
from tests.seals.log_made import MadeLog

Logged = list[LoggedFigure]
LEAVES = (2, 9, 10, 11, 20)
WHICH = [(number + 1, leaf) for number, leaf in enumerate(LEAVES)]


def hash_number(number: int) -> bytes:
    """The leaf's hash of a figure."""
    return bytes([number]) * 32


def log_figure(number: int, offset: int, partition: int = 0) -> LoggedFigure:
    """A record of the topic: the figure of a number, at an offset."""
    figure = make_published_figure(figure_id=f"{number:012}")
    return LoggedFigure(partition, offset, 0, figure, hash_number(number))


def log_figures(*numbers: int) -> Logged:
    """The topic with these figures, in this order."""
    return [log_figure(number, offset) for offset, number in enumerate(numbers)]


def compare_topic(figures: Logged, sealed: int = 5) -> list[tuple[str, str]]:
    """Place and sentence of each difference from figures 0 to 4, as they were sealed."""
    seals = FigureSeals(tuple(SealedFigure(LEAVES[n], hash_number(n)) for n in range(sealed)))
    found = seals.compare_figures(figures).findings
    assert {one.kind for one in found} <= {FindingKind.SEAL_DIFFERS}
    return [(one.place, one.sentence) for one in found]


def name_place(offset: int) -> str:
    """The place of a record."""
    return f"soc.figures partition 0 offset {offset}"


def test_figures_as_they_were_sealed_differ_in_nothing() -> None:
    """Those behind the last are not sealed yet; a record that is no figure is none of them."""
    stray = LoggedFigure(0, 9, 0, None)
    assert compare_topic(log_figures(0, 1, 2, 3, 4)) == []
    assert compare_topic([*log_figures(0, 1), stray, *log_figures(2, 3, 4, 5, 6)]) == []
    seals = FigureSeals(tuple(SealedFigure(LEAVES[n], hash_number(n)) for n in range(3)))
    found = seals.compare_figures(log_figures(0, 1, 2, 3, 4))
    assert (found.findings, found.notes, found.sealed) == ([], ["2 published figures are not sealed yet"], 3)


@pytest.mark.parametrize("number", range(5))
def test_one_that_was_changed_is_named(number: int) -> None:
    """By its place in the topic, and by which leaf it was; also where others follow that are not sealed yet."""
    numbers = [0, 1, 2, 3, 4, 5]
    numbers[number] = 99
    which, leaf = WHICH[number]
    said = f"It is not the one that was sealed as published figure {which} (leaf {leaf}): it was changed."
    assert compare_topic(log_figures(*numbers)) == [(name_place(number), f"{said} It is figure 000000000099.")]


@pytest.mark.parametrize("number", range(5))
def test_one_that_was_taken_away_is_named(number: int) -> None:
    """The log has its hash and no more: which figure it was, and which leaf."""
    numbers = [one for one in range(5) if one != number]
    which, leaf = WHICH[number]
    said = f"The one that was sealed as published figure {which} (leaf {leaf}) is not there: it was taken away."
    assert compare_topic(log_figures(*numbers)) == [("soc.figures", said)]


@pytest.mark.parametrize("number", range(5))
def test_one_that_was_put_in_is_named(number: int) -> None:
    """Before any of those that were sealed."""
    numbers = [*range(number), 99, *range(number, 5)]
    said = "It was never sealed, and stands before others that were: it was put in. It is figure 000000000099."
    assert compare_topic(log_figures(*numbers)) == [(name_place(number), said)]


@pytest.mark.parametrize("number", range(4))
def test_two_whose_order_was_changed_are_named(number: int) -> None:
    """One of the two stands in another place than it was sealed in."""
    numbers = list(range(5))
    numbers[number], numbers[number + 1] = number + 1, number
    ((place, said),) = compare_topic(log_figures(*numbers))
    assert place in {name_place(number), name_place(number + 1)}
    assert "and stands in another place: the order was changed." in said


def test_one_in_another_partition_was_never_sealed() -> None:
    """All that the ledger writes lie in partition 0."""
    said = "It lies in another partition than all that are sealed: it was put in. It is figure 000000000007."
    assert compare_topic([*log_figures(0, 1, 2, 3, 4), log_figure(7, 0, 1)]) == [
        ("soc.figures partition 1 offset 0", said)
    ]


@pytest.mark.parametrize("seed", range(40))
def test_several_at_once_are_found(seed: int) -> None:
    """Whatever a forger does to them: nothing that differs passes, and an honest topic never fails."""
    chance = random.Random(seed)
    numbers = list(range(5))
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(numbers))
        how: Callable[[], Any] = chance.choice(
            [
                lambda place=place: numbers.pop(place),
                lambda place=place: numbers.insert(place, chance.randint(50, 90)),
                lambda place=place: numbers.insert(0, numbers.pop(place)),
                lambda place=place: numbers.__setitem__(place, chance.randint(50, 90)),
                lambda place=place: numbers.insert(place, numbers[place]),
            ]
        )
        how()
        if not numbers:
            break
    assert bool(compare_topic(log_figures(*numbers))) is (numbers[:5] != [0, 1, 2, 3, 4])


def test_which_leaves_are_figures_follows_from_the_checkpoints() -> None:
    """They are the last that each checkpoint added: none before an older version's log seals any."""
    sizes = ((3, None), (7, 2), (9, 2), (12, 5))
    checkpoints = [Checkpoint("a", size, bytes(32), (size,), figures=figures) for size, figures in sizes]
    assert list(list_figure_leaves(checkpoints)) == [5, 6, 9, 10, 11]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MadeLog:
    """A log of seven leaves, the fourth and the seventh figures; it is the one that the settings name."""
    log = MadeLog(tmp_path)
    log.fill_positions(0, 0, 3)
    log.publish_figures("Table 1")
    log.sealer.seal_ready()
    log.fill_positions(1, 0, 2)
    log.publish_figures("Table 2")
    log.sealer.seal_ready()
    monkeypatch.setattr(figure_seals, "locate_seals", lambda _: log.directory.path)
    opened = LedgerLog(log.follow_history(), log.directory, SealIndex(log.directory.path))
    monkeypatch.setattr(figure_seals, "open_log", lambda _: opened)
    return log


def read_seals(_: MadeLog) -> FigureSeals:
    """What the log says."""
    settings: Any = None
    return read_figure_seals(settings)


def test_the_sealed_figures_are_read_from_the_tiles(made: MadeLog) -> None:
    """Leaves 3 and 6, as the log's own leaves have them."""
    assert read_seals(made).sealed == tuple(
        SealedFigure(leaf, one.leaf_hash) for leaf, one in zip((3, 6), made.figures, strict=True)
    )


def test_a_tile_that_was_altered_is_no_word_of_the_log(made: MadeLog) -> None:
    """It is a difference, whatever the topic holds: nothing is held to hashes that the root does not prove."""
    tile = made.directory.path / "tile/0/000.p/7"
    tile.write_bytes(tile.read_bytes()[:-32] + bytes(32))
    (found,) = read_seals(made).compare_figures([]).findings
    assert isinstance(found, Finding)
    assert (found.kind, found.place) == (FindingKind.SEAL_DIFFERS, "the log's tiles")
    assert found.sentence.startswith("Published figures cannot be held to it: ")


def test_what_was_not_held_to_a_log_is_said(made: MadeLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of an older version seals none; where the keys are not here, nothing is known. Without figures, no note."""
    old = MadeLog(made.path / "old")
    old.fill_positions(0, 0, 1)
    old.publish_unmarked()
    opened = LedgerLog(old.follow_history(), old.directory, SealIndex(old.directory.path))
    monkeypatch.setattr(figure_seals, "open_log", lambda _: opened)
    assert read_seals(old) == FigureSeals(None, NOT_SEALED)
    monkeypatch.setattr(figure_seals, "locate_seals", lambda _: made.path / "none")
    assert read_seals(made) == FigureSeals(None, NO_LOG)
    assert read_seals(made).compare_figures(log_figures(0)).notes == [NO_LOG]
    assert read_seals(made).compare_figures([]).notes == []


def test_what_the_log_follows_is_noted_and_another_end_of_it_is_a_difference(tmp_path: Path) -> None:
    """As it was found out: what was checked and what was not, beside whatever is said of figures."""
    head = FollowedHead(MadeLog(tmp_path).keys.list_verifiers()[0], 30, bytes(32))
    found = FigureSeals((), followed=FollowedLog(head, is_signed=True)).compare_figures([])
    assert found.findings == []
    assert found.notes[0] == (
        "the log follows another: the key of 'ledger.example/soc' signed that this log follows it"
    )
    assert all(one.startswith("not checked: that ") for one in found.notes[1:])
    wrong = FollowedLog(head, fault="split view: it had 40")
    for seals in (FigureSeals((), followed=wrong), FigureSeals(None, NO_LOG, followed=wrong)):
        (finding,) = seals.compare_figures([]).findings
        assert (finding.kind, finding.place, finding.sentence) == (
            FindingKind.SEAL_DIFFERS,
            "soc.checkpoints",
            "split view: it had 40.",
        )
