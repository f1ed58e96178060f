"""A replay that is cut off and goes on: what it is to compare, and what of it is done, in a file.

The file begins with what was fixed when the replay began; each partition that is done is appended, and on the disk
before the next is counted. Whatever was cut off in the middle of a partition is replayed again from its first record,
so its books are those of an uninterrupted replay. The file is as much the audit's own as its memory: keep it where
nobody else may write. Each piece has its digest, which finds damage.
"""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec

from audit.balances import BalanceInstant
from audit.bounds import PartitionBounds
from audit.figure_sums import CutInstants
from audit.findings import ReplayReport
from audit.partition import PartitionOutcome
from audit.published_figures import FigureLog
from audit.sums import SumCell
from audit.until import ReplayEnd
from infra.file_replacement import OWNER_FILE, hold_replaceable, keep_file
from ledger.entries import Account, ThreatAccount
from ledger.errors import Misuse, Unavailable
from ledger.facts import Millis
from schemas.judged import name_software

PieceT = TypeVar("PieceT")

LENGTH_BYTES, DIGEST_BYTES = 8, 32
START_AGAIN = "delete the file to replay from the beginning, or name another"


class FixedEnds(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay compares, fixed when it began.

    Attributes:
        topics: the identity of each topic.
        bounds: of each partition.
        known_at: the instant of the balances.
        seed: of the instants that were drawn.
        instants: all instants of balances.
        chains: positions of the closings.
        figures: how many published figures there were.
        until: where it ends.
        software: what replays.
    """

    topics: dict[str, str]
    bounds: list[PartitionBounds]
    known_at: Millis
    seed: int
    instants: list[BalanceInstant]
    chains: list[list[tuple[int, ...]]]
    figures: int
    until: ReplayEnd
    software: str = msgspec.field(default_factory=name_software)


class KeptOutcome(msgspec.Struct, kw_only=True):
    """The outcome of a partition, as it is kept."""

    report: ReplayReport
    is_whole: bool
    cells: list[SumCell]
    legs: list[tuple[Account, CutInstants, int]]
    threat_legs: list[tuple[ThreatAccount, CutInstants, int]]
    reached: list[tuple[int, int, int]]


class ReplayFile:
    """The file of one replay."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pieces: list[bytes] = []

    def begin_replay(self, fixed: FixedEnds) -> FixedEnds:
        """Keep what a replay compares; or, where one was cut off, give what that one compares.

        Raises:
            Misuse: the file is of another replay, or is none.
            Unavailable: it cannot be read or written.
        """
        self._pieces = self._read_kept()
        if not self._pieces:
            self._begin_file(msgspec.msgpack.encode(fixed))
            return fixed
        found = self._read_piece(self._pieces[0], FixedEnds)
        if (found.topics, found.until, found.software) != (fixed.topics, fixed.until, fixed.software):
            what = "other topics, another end or other software"
            raise Misuse(f"{self._path} keeps a replay of {what}: {START_AGAIN}")
        if [one.partition for one in found.bounds] != [one.partition for one in fixed.bounds]:
            raise Misuse(f"{self._path} keeps a replay of other partitions: {START_AGAIN}")
        self._drop_torn()
        return found

    def list_outcomes(self, log: FigureLog) -> list[PartitionOutcome]:
        """List the partitions that are done. Raises Misuse for what cannot be read."""
        return [_unpack_outcome(self._read_piece(one, KeptOutcome), log) for one in self._pieces[1:]]

    def keep_outcome(self, outcome: PartitionOutcome) -> None:
        """Keep one more. Raises Unavailable: the disk did not take it."""
        self._append_piece(msgspec.msgpack.encode(_pack_outcome(outcome)))

    def drop_file(self) -> None:
        """Delete the file: the replay is over."""
        self._path.unlink(missing_ok=True)

    def _read_kept(self) -> list[bytes]:
        """Read what is kept, whole pieces alone. Raises as ``begin_replay`` does: another's file is left as it is."""
        hold_replaceable(self._path)
        try:
            kept = self._path.read_bytes() if self._path.exists() else b""
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be read: {error.strerror}") from None
        pieces = list(_read_pieces(kept))
        if kept and not pieces:
            raise Misuse(f"{self._path} keeps no replay: name a new file")
        return pieces

    def _read_piece(self, piece: bytes, kind: type[PieceT]) -> PieceT:
        try:
            return msgspec.msgpack.decode(piece, type=kind)
        except msgspec.DecodeError:
            raise Misuse(f"{self._path} keeps no replay of this software: {START_AGAIN}") from None

    def _begin_file(self, piece: bytes) -> None:
        """Write the first piece, whole or not at all: a file without one is not of a replay."""
        try:
            keep_file(self._path, _frame_piece(piece), OWNER_FILE)
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be written: {error.strerror}") from None

    def _append_piece(self, piece: bytes) -> None:
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, OWNER_FILE)
            with open(descriptor, "wb") as file:
                file.write(_frame_piece(piece))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be written: {error.strerror}") from None

    def _drop_torn(self) -> None:
        """Cut off what was being written when the replay was."""
        whole = sum(LENGTH_BYTES + DIGEST_BYTES + len(one) for one in self._pieces)
        os.truncate(self._path, whole)


def _frame_piece(piece: bytes) -> bytes:
    return len(piece).to_bytes(LENGTH_BYTES, "big") + sha256(piece).digest() + piece


def _read_pieces(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + LENGTH_BYTES + DIGEST_BYTES <= len(data):
        size = int.from_bytes(data[at : at + LENGTH_BYTES], "big")
        start = at + LENGTH_BYTES + DIGEST_BYTES
        piece = data[start : start + size]
        if len(piece) != size or sha256(piece).digest() != data[at + LENGTH_BYTES : start]:
            return
        yield piece
        at = start + size


def _pack_outcome(outcome: PartitionOutcome) -> KeptOutcome:
    figures = outcome.figures
    return KeptOutcome(
        report=outcome.report,
        is_whole=outcome.is_whole,
        cells=outcome.cells,
        legs=[(*key, n) for key, n in figures.legs.items()],
        threat_legs=[(*key, n) for key, n in figures.threat_legs.items()],
        reached=[(*key, offset) for key, offset in figures.reached.items()],
    )


def _unpack_outcome(kept: KeptOutcome, log: FigureLog) -> PartitionOutcome:
    figures = log.begin_sums()
    figures.legs.update({(account, cut): n for account, cut, n in kept.legs})
    figures.threat_legs.update({(account, cut): n for account, cut, n in kept.threat_legs})
    figures.reached.update({(partition, known): offset for partition, known, offset in kept.reached})
    return PartitionOutcome(report=kept.report, is_whole=kept.is_whole, cells=kept.cells, figures=figures)
