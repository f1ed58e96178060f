"""Published figures beside the log that seals them: one that was changed, taken away, put in or moved is named.

The log has hashes alone, so of one that is gone it is said as which figure and which leaf it was sealed. Figures behind
the last one that is sealed are not sealed yet.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

from audit.figures import name_finding
from audit.findings import Finding, FindingKind
from audit.published_figures import LoggedFigure
from infra.settings import Settings
from infra.topics import CHECKPOINTS, FIGURES
from proofs.checkpoints import Checkpoint
from proofs.errors import NotValid
from proofs.tiles import TileReader
from proofs.tree import Node, prove_inclusion, verify_inclusion
from seals.directory import LogFiles
from seals.figures import FIGURE_PLACE
from seals.keys import locate_seals, read_verifiers
from seals.ledger_log import open_log
from seals.succession import FollowedLog, read_followed

NOT_HELD = "published figures were not held to the log: {}"
NO_LOG = NOT_HELD.format("nothing is sealed here, or the log's keys are elsewhere")
NOT_SEALED = NOT_HELD.format("it was sealed by a version that does not seal them")
CHANGED = "It is not the one that was sealed as published figure {:,} (leaf {:,}): it was changed."
MOVED = "It was sealed as published figure {:,} (leaf {:,}), and stands in another place: the order was changed."
PUT_IN = "It was never sealed, and stands before others that were: it was put in."
GONE = "The one that was sealed as published figure {:,} (leaf {:,}) is not there: it was taken away."
ELSEWHERE = "It lies in another partition than all that are sealed: it was put in."


class SealedFigure(NamedTuple):
    """A published figure that the log seals: its leaf, and the leaf's hash."""

    leaf: int
    leaf_hash: bytes


class FigureSeals(NamedTuple):
    """What the log says of published figures.

    Attributes:
        sealed: those that it seals, in order; None where it says nothing, and ``why`` says why.
        why: a note, or with ``is_damaged`` what is wrong with the log.
        followed: what was found about the log that it says that it follows, if it does.
    """

    sealed: tuple[SealedFigure, ...] | None
    why: str = ""
    is_damaged: bool = False
    followed: FollowedLog | None = None

    def compare_figures(self, figures: Sequence[LoggedFigure]) -> "SealComparison":
        """Compare the records of the topic with the log, and say what the log follows."""
        found = self._compare_records(figures)
        if self.followed is None:
            return found
        if self.followed.fault is not None:
            sentence = f"{self.followed.fault}."
            found.findings.append(Finding(kind=FindingKind.SEAL_DIFFERS, place=CHECKPOINTS, sentence=sentence))
        checked = [f"the log follows another: {one}" for one in self.followed.checked]
        return found._replace(
            notes=[*found.notes, *checked, *(f"not checked: {one}" for one in self.followed.not_checked)]
        )

    def _compare_records(self, figures: Sequence[LoggedFigure]) -> "SealComparison":
        if self.is_damaged:
            damage = Finding(kind=FindingKind.SEAL_DIFFERS, place="the log's tiles", sentence=self.why)
            return SealComparison([damage], [], 0)
        if self.sealed is None:
            return SealComparison([], [self.why] if figures else [], 0)
        findings = list(_compare_leaves(self.sealed, figures))
        later = sum(one.figure is not None for one in figures) - len(self.sealed)
        notes = [f"{later:,} published figures are not sealed yet"] if later and not findings else []
        return SealComparison(findings, notes, len(self.sealed))


class SealComparison(NamedTuple):
    """What a comparison with the log came to: differences, notes, and with how many sealed figures it was made."""

    findings: list[Finding]
    notes: list[str]
    sealed: int


def read_figure_seals(settings: Settings) -> FigureSeals:
    """Read which published figures the ledger's log seals, each proved by the newest checkpoint.

    Raises:
        Unavailable: the broker did not answer, or the tiles cannot be read.
    """
    if not read_verifiers(locate_seals(settings)):
        return FigureSeals(None, NO_LOG)
    log = open_log(settings)
    found = _prove_figures(log.files, [one.checkpoint for one in log.history.checkpoints])
    return found._replace(followed=read_followed(settings, log.history))


def _prove_figures(files: LogFiles, checkpoints: Sequence[Checkpoint]) -> FigureSeals:
    if not checkpoints:
        return FigureSeals(None, NO_LOG)
    if checkpoints[-1].figures is None:
        return FigureSeals(None, NOT_SEALED)
    try:
        return FigureSeals(tuple(_prove_leaves(files, checkpoints)))
    except NotValid as error:
        return FigureSeals(None, f"Published figures cannot be held to it: {error}.", is_damaged=True)


def list_figure_leaves(checkpoints: Sequence[Checkpoint]) -> Iterator[int]:
    """List the leaves that are published figures: the last ones that each checkpoint added."""
    counts = [0, *(one.sealed_figures for one in checkpoints)]
    for (before, after), one in zip(pairwise(counts), checkpoints, strict=True):
        yield from range(one.size - (after - before), one.size)


def _prove_leaves(files: LogFiles, checkpoints: Sequence[Checkpoint]) -> Iterator[SealedFigure]:
    size, root = checkpoints[-1].size, checkpoints[-1].root
    reader = TileReader(size, files.read_tile)
    for leaf in list_figure_leaves(checkpoints):
        leaf_hash = reader.read_node(Node(0, leaf))
        verify_inclusion(leaf_hash, leaf, size, tuple(prove_inclusion(leaf, size, reader.read_node)), root)
        yield SealedFigure(leaf, leaf_hash)


def _compare_leaves(sealed: Sequence[SealedFigure], figures: Sequence[LoggedFigure]) -> Iterator[Finding]:
    readable = [one for one in figures if one.figure is not None]
    here = [one for one in readable if one.partition == FIGURE_PLACE[1]]
    yield from (_name_record(one, ELSEWHERE) for one in readable if one.partition != FIGURE_PLACE[1])
    wanted, hashes = [one.leaf_hash for one in sealed], [one.leaf_hash for one in here]
    if hashes[: len(wanted)] == wanted:
        return
    blocks = SequenceMatcher(None, wanted, hashes, autojunk=False).get_opcodes()
    apart = [(range(i, j), range(k, m)) for tag, i, j, k, m in blocks if tag != "equal"]
    moved = _find_moved(wanted, hashes, apart)
    yield from (_name_sealed(here[place], MOVED, number, sealed) for place, number in moved.items())
    found_again = set(moved.values())
    for numbers, places in apart:
        gone = [number for number in numbers if number not in found_again]
        new = [here[place] for place in places if place not in moved]
        yield from (_name_sealed(one, CHANGED, number, sealed) for one, number in zip(new, gone, strict=False))
        yield from (_name_gone(number, sealed) for number in gone[len(new) :])
        if numbers.stop < len(wanted):  # behind the last that was sealed it may be sealed yet
            yield from (_name_record(one, PUT_IN) for one in new[len(gone) :])


def _find_moved(
    wanted: Sequence[bytes], hashes: Sequence[bytes], apart: Iterable[tuple[range, range]]
) -> dict[int, int]:
    """Find which records were sealed in another place: by their places, the numbers under which they were."""
    numbers, places = ([one for some in each for one in some] for each in zip(*apart, strict=True))
    lost: defaultdict[bytes, deque[int]] = defaultdict(deque)
    for number in numbers:
        lost[wanted[number]].append(number)
    return {place: lost[hashes[place]].popleft() for place in places if lost[hashes[place]]}


def _name_record(one: LoggedFigure, sentence: str) -> Finding:
    return name_finding(FindingKind.SEAL_DIFFERS, one, sentence)


def _name_sealed(one: LoggedFigure, sentence: str, number: int, sealed: Sequence[SealedFigure]) -> Finding:
    return _name_record(one, sentence.format(number + 1, sealed[number].leaf))


def _name_gone(number: int, sealed: Sequence[SealedFigure]) -> Finding:
    sentence = GONE.format(number + 1, sealed[number].leaf)
    return Finding(kind=FindingKind.SEAL_DIFFERS, place=FIGURES, sentence=sentence)
