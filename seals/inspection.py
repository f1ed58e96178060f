"""Looking through a whole log: every tile by the one above it, every checkpoint by the tiles, and all by the topics."""

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.instants import format_millis
from proofs.checkpoints import Checkpoint
from proofs.errors import NotValid
from proofs.keys import KeyAlgorithm, VerifierKey
from proofs.notes import VerifiedSignature, verify_note
from proofs.tiles import ReadTile, TileReader
from seals.chain import SealedOutput
from seals.history import SealedCheckpoint
from seals.ledger_log import LedgerLog
from seals.proving import cut_tiles, list_tiles, verify_tiles, verify_witnesses
from seals.remaking import compare_directory
from seals.succession import FollowedLog

ShowProgress = Callable[[int, int], Any]
ReadSealed = Callable[[Checkpoint], Iterator[tuple[int, SealedOutput]]]
_SHOWN_TILES = 5


@dataclass(slots=True)
class LogInspection:
    """What was looked at, and what is wrong with it.

    ``tiles`` and ``checkpoints`` count what was verified, ``outputs`` what was compared with the topics, if anything
    was, published figures among it. ``faults`` are in the order of looking; where there are none, all that was looked
    at is as it was sealed.
    """

    newest: SealedCheckpoint | None
    tiles: int = 0
    checkpoints: int = 0
    outputs: int | None = None
    witnesses: dict[str, str] = field(default_factory=dict)
    followed: FollowedLog | None = None
    faults: list[str] = field(default_factory=list)

    def note_followed(self, followed: FollowedLog | None) -> None:
        """Note what was found about the log that this one says that it follows, if it does."""
        self.followed = followed
        self.faults += [followed.fault] if followed is not None and followed.fault else []

    def make_body(self) -> dict[str, Any]:
        """Make the JSON of it."""
        checkpoint = self.newest.checkpoint if self.newest else None
        return {
            "log": checkpoint.origin if checkpoint else None,
            "size": checkpoint.size if checkpoint else 0,
            "root": b64encode(checkpoint.root).decode() if checkpoint else None,
            "figures": checkpoint.figures if checkpoint else None,
            "positions": {str(n): at for n, at in enumerate(checkpoint.positions)} if checkpoint else {},
            "sealed_at": format_millis(self.newest.appended_at) if self.newest else None,
            "checkpoints": self.checkpoints,
            "tiles": self.tiles,
            "outputs": self.outputs,
            "witnesses": self.witnesses,
            "follows": None if self.followed is None else self.followed.make_body(),
            "faults": self.faults,
        }


def inspect_log(
    log: LedgerLog,
    *,
    witnesses: Sequence[VerifierKey] = (),
    quorum: int = 0,
    read_outputs: ReadSealed | None = None,
    progress: ShowProgress = lambda *_: None,
) -> LogInspection:
    """Look through a log.

    Args:
        log: with every checkpoint of it.
        witnesses: whose cosignatures of the newest checkpoint are looked at.
        quorum: how many of them must be there.
        read_outputs: reads what a checkpoint seals from the topics; it is not compared unless given.
        progress: told how many tiles and checkpoints of how many were verified.

    Raises:
        Misuse: there are not so many witnesses.
        Unavailable: something could not be read; nothing is concluded.
    """
    history = log.history
    found = LogInspection(history.newest, faults=[str(one) for one in history.passed])
    if found.newest is not None:
        _look_at_witnesses(found, found.newest, witnesses, quorum)
        _look_at_tiles(found, log, found.newest.checkpoint, progress)
        if read_outputs is not None:
            _look_at_topics(found, log, found.newest.checkpoint, read_outputs)
    elif quorum:
        found.faults.append("nothing is sealed yet, so nothing is cosigned")
    return found


def _look_at_witnesses(
    found: LogInspection, newest: SealedCheckpoint, witnesses: Sequence[VerifierKey], quorum: int
) -> None:
    try:
        verify_witnesses(newest.note, witnesses, quorum)
        for one in verify_note(newest.note, [key for key in witnesses if key.algorithm is KeyAlgorithm.COSIGNATURE]):
            found.witnesses[one.key.name] = _format_seen(one)
    except NotValid as error:
        found.faults.append(str(error))


def _format_seen(cosignature: VerifiedSignature) -> str:
    try:
        return format_millis((cosignature.time or 0) * 1000)
    except (OverflowError, ValueError):
        name = cosignature.key.name
        raise NotValid(f"the cosignature of {name!r} says a time that no calendar holds") from None


def _look_at_tiles(found: LogInspection, log: LedgerLog, newest: Checkpoint, progress: ShowProgress) -> None:
    """Verify all tiles, then every checkpoint by them; the first fault ends it."""
    checkpoints = [one.checkpoint for one in log.history.checkpoints]
    read_tile = cut_tiles(log.files, newest.size)
    whole = sum(1 for _ in list_tiles(newest.size)) + len(checkpoints)
    try:
        for _ in verify_tiles(log.files, newest):
            found.tiles += 1
            progress(found.tiles, whole)
        for checkpoint in checkpoints:
            _hold_root(read_tile, checkpoint)
            found.checkpoints += 1
            progress(found.tiles + found.checkpoints, whole)
    except NotValid as error:
        found.faults.append(str(error))


def _hold_root(read_tile: ReadTile, checkpoint: Checkpoint) -> None:
    """Hold an earlier checkpoint to the tiles. Raises NotValid."""
    reader = TileReader(checkpoint.size, read_tile)
    if checkpoint.size and reader.compute_root() != checkpoint.root:
        raise NotValid(
            f"the log does not go on from its checkpoint of {checkpoint.size:,} leaves: a split view, or tiles and "
            "checkpoint are of two histories"
        )


def _look_at_topics(found: LogInspection, log: LedgerLog, newest: Checkpoint, read_outputs: ReadSealed) -> None:
    checkpoints = [one.checkpoint for one in log.history.checkpoints]
    try:
        wrong = compare_directory(log.files, checkpoints, read_outputs(newest))
    except NotValid as error:
        found.faults.append(str(error))
    else:
        found.outputs = newest.size
        found.faults += [f"{name} is not what the topics give" for name in wrong[:_SHOWN_TILES]]
        if len(wrong) > _SHOWN_TILES:
            found.faults.append(f"{len(wrong) - _SHOWN_TILES:,} more tiles are not what the topics give")
