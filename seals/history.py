"""A log's checkpoints, followed in the order in which they lie in ``soc.checkpoints``: which count, and what is wrong.

A checkpoint counts when the log's key of that moment signed it, and it goes on from the one before by size, positions
and published figures. One that says the same as an earlier one adds its signatures to it: so witnesses publish their
cosignatures. Everything else is passed over and named. That the *leaves* go on is proved by tiles alone
(``seals.proving``).

From a checkpoint that announces a key on, which that key signed too, the announced key alone signs for the log.

Checkpoints of the log that this one says that it follows are passed over without a word: ``seals.succession`` holds
what is said to them. A log that says that it follows this one ends it, where this log's key signed that.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ledger.errors import Misuse
from ledger.facts import Millis
from proofs.checkpoints import Checkpoint, FollowedHead, read_checkpoint
from proofs.errors import NotValid
from proofs.keys import VerifierKey, parse_verifier
from proofs.notes import SignedNote, parse_note, verify_note
from seals.outputs import AppendedRecord


class SealedCheckpoint(NamedTuple):
    """A checkpoint that counts: where it lies in ``soc.checkpoints``, when the broker appended it, its signed note."""

    offset: int
    appended_at: Millis
    checkpoint: Checkpoint
    note: SignedNote


class PassedCheckpoint(NamedTuple):
    """A record of ``soc.checkpoints`` that does not count, and why."""

    offset: int
    why: str
    origin: str = ""  # of the log, where it is another one's

    def __str__(self) -> str:
        """Return the place and what is wrong."""
        return f"soc.checkpoints partition 0 offset {self.offset}: {self.why}"


class OtherLog(NotValid):
    """A checkpoint is of another log.

    Args:
        checkpoint: that it is.
        ends: whether it says that its log follows the one that is read, and that one's key signed it.
    """

    def __init__(self, checkpoint: Checkpoint, *, ends: bool) -> None:
        self.checkpoint, self.ends = checkpoint, ends
        ended = " which follows this one, as this log's key signed: this log has ended" if ends else ""
        super().__init__(f"it is of the log {checkpoint.origin!r}{',' if ends else ''}{ended}")


class CheckpointHistory:
    """The checkpoints of one log.

    Args:
        keys: verifier keys of the log that are trusted, oldest first; announced ones follow by themselves.
    """

    def __init__(self, keys: Sequence[VerifierKey]) -> None:
        if not keys:
            raise Misuse("no verifier key of the log is known: name one, as its keeper gave it to you")
        self.keys = list(keys)
        self.checkpoints: list[SealedCheckpoint] = []
        self.passed: list[PassedCheckpoint] = []
        self.successor: Checkpoint | None = None
        self._signing: VerifierKey | None = None
        self._places: dict[Checkpoint, int] = {}
        self._roots: dict[int, bytes] = {}

    @property
    def newest(self) -> SealedCheckpoint | None:
        """The last one that counts."""
        return self.checkpoints[-1] if self.checkpoints else None

    @property
    def follows(self) -> FollowedHead | None:
        """The end of the log that this one says that it follows; None where it says of none."""
        return self.checkpoints[-1].checkpoint.follows if self.checkpoints else None

    @property
    def followed_name(self) -> str | None:
        """The name of that log."""
        return None if self.follows is None else self.follows.key.name

    @property
    def signing_key(self) -> VerifierKey | None:
        """The key that signs now; None before the first checkpoint."""
        return self._signing

    def follow_records(self, records: Iterable[AppendedRecord]) -> Iterator[SealedCheckpoint | PassedCheckpoint]:
        """Follow records of the topic; each that is new and counts, and each that does not."""
        for record in records:
            try:
                found = self.follow_note(record.offset, record.appended_at, record.value or b"")
            except NotValid as error:
                other = error.checkpoint.origin if isinstance(error, OtherLog) else ""
                if not other or other != self.followed_name:
                    passed = PassedCheckpoint(record.offset, str(error), other)
                    self.passed.append(passed)
                    yield passed
            else:
                if found is not None:
                    yield found

    def follow_all(self, records: Iterable[AppendedRecord]) -> None:
        """Follow records of the topic; what counts and what does not is then in ``checkpoints`` and ``passed``."""
        for _ in self.follow_records(records):
            pass

    def follow_note(self, offset: int, appended_at: Millis, content: bytes) -> SealedCheckpoint | None:
        """Follow one more note; None where it only adds signatures to an earlier one.

        Raises:
            NotValid: it does not count; the message says why.
        """
        note = parse_note(content)
        checkpoint = read_checkpoint(note)
        place = self._places.get(checkpoint)
        if place is not None:
            self._add_signatures(place, note)
            return None
        announced = self._find_announced(checkpoint)
        signing = self._find_signer(checkpoint, note, announced)
        self._hold_order(checkpoint)
        self._hold_followed(checkpoint, signing)
        self._signing = announced or signing
        found = SealedCheckpoint(offset, appended_at, checkpoint, note)
        self._places[checkpoint] = len(self.checkpoints)
        self._roots[checkpoint.size] = checkpoint.root
        self.checkpoints.append(found)
        if len(self.checkpoints) == 1:
            self.passed = [one for one in self.passed if not one.origin or one.origin != self.followed_name]
        return found

    def forget_old(self, kept: int) -> None:
        """Forget all but the last checkpoints: of older ones nothing is said any more."""
        self.checkpoints = self.checkpoints[-kept:]
        self.passed = self.passed[-kept:]
        self._places = {one.checkpoint: place for place, one in enumerate(self.checkpoints)}
        self._roots = {one.checkpoint.size: one.checkpoint.root for one in self.checkpoints}

    def _find_announced(self, checkpoint: Checkpoint) -> VerifierKey | None:
        if not checkpoint.next_key:
            return None
        try:
            return parse_verifier(checkpoint.next_key)
        except Misuse as error:
            raise NotValid(f"the key that it announces is none: {error}") from None

    def _find_signer(self, checkpoint: Checkpoint, note: SignedNote, announced: VerifierKey | None) -> VerifierKey:
        """Find the log's key that signed it; where it announces a key, that one signed too. Raises NotValid."""
        allowed = [self._signing] if self._signing else self.keys
        known = [one for one in allowed if one.name == checkpoint.origin]
        if not known:
            raise OtherLog(checkpoint, ends=self._is_successor(checkpoint, note))
        signers = [one.key for one in verify_note(note, known)]
        if not signers:
            raise NotValid("it is not signed by the log's key")
        if announced is not None:
            if announced.name != checkpoint.origin or not verify_note(note, [announced]):
                raise NotValid("it announces a key that did not sign it")
            self._hold_announced(signers[-1], announced)
        return signers[-1]

    def _is_successor(self, checkpoint: Checkpoint, note: SignedNote) -> bool:
        """Tell whether it is of a log that follows this one by the word of this log's key, and remember the first.

        The key is the one that signs at that time: whoever has one that was changed before ends no log.
        """
        follows, signing = checkpoint.follows, self._signing or self.keys[-1]
        is_one = follows is not None and follows.key == signing and bool(verify_note(note, [signing]))
        self.successor = self.successor or (checkpoint if is_one else None)
        return is_one

    def _hold_followed(self, checkpoint: Checkpoint, signer: VerifierKey) -> None:
        """Hold that a log says of the same log always that it follows it, and of no key of its own. Raises NotValid."""
        follows = checkpoint.follows
        if self.checkpoints and self.follows != follows:
            raise NotValid("split view: it does not name the log that it follows as the one before it does")
        if follows is not None and follows.key.public == signer.public:
            raise NotValid("it names its own key as that of the log that it follows")

    def _hold_announced(self, signer: VerifierKey, announced: VerifierKey) -> None:
        """Hold an announced key to the one that is known to follow, where one is; else it is known from now on."""
        place = self.keys.index(signer) + 1
        if place == len(self.keys):
            self.keys.append(announced)
        elif self.keys[place] != announced:
            raise NotValid("it announces another key than the one that is known to follow")

    def _hold_order(self, checkpoint: Checkpoint) -> None:
        """Hold it to the one before. Raises NotValid."""
        if not self.checkpoints:
            return
        last = self.checkpoints[-1].checkpoint
        if self._roots.get(checkpoint.size, checkpoint.root) != checkpoint.root:
            raise NotValid(f"split view: the log's key signed two trees of {checkpoint.size:,} leaves")
        if checkpoint.size < last.size:
            raise NotValid(f"it goes back, from {last.size:,} leaves to {checkpoint.size:,}")
        hold_positions(last, checkpoint)

    def _add_signatures(self, place: int, note: SignedNote) -> None:
        found = self.checkpoints[place]
        known = set(found.note.signatures)
        for signature in note.signatures:
            if signature not in known:
                found = found._replace(note=found.note.add_signature(signature))
        self.checkpoints[place] = found


def hold_positions(first: Checkpoint, second: Checkpoint) -> None:
    """Hold positions, figures and size to each other: none goes back, and the leaves go with them. Raises NotValid."""
    if len(first.positions) != len(second.positions):
        raise NotValid(f"it has {len(second.positions)} partitions, the one before {len(first.positions)}")
    grown = [after - before for before, after in zip(first.positions, second.positions, strict=True)]
    if min(grown, default=0) < 0:
        raise NotValid("its positions go back")
    figures = second.sealed_figures - first.sealed_figures
    if figures < 0 or (second.figures is None) > (first.figures is None):
        raise NotValid("its count of published figures goes back")
    if not sum(one > 0 for one in grown) <= second.size - first.size - figures <= sum(grown):
        raise NotValid("its size does not go with its positions and published figures")
