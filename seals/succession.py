"""A log that follows another: what it says of the one before, and what can be found out about that.

Whoever has a key can sign that his log follows another, and at which end of it. So what he says is held to every
checkpoint of the log before that is at hand: the last of them must be the one that is named. That no later one was ever
signed is known to nobody but who has it, and to witnesses.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from infra.settings import Settings
from proofs.checkpoints import Checkpoint, FollowedHead, read_checkpoint
from proofs.errors import NotValid
from proofs.keys import VerifierKey
from proofs.notes import SignedNote, parse_note, verify_note
from seals.history import CheckpointHistory
from seals.topics import read_checkpoint_records


@dataclass(slots=True)
class FollowedLog:
    """What was found about the log that a log follows.

    Attributes:
        head: as the log names it.
        is_signed: whether the key that is named signed the log's first checkpoint too; None where that is not here.
        is_found: whether the checkpoint that is named is here, signed by that key, and none that is later.
        fault: the first thing that is not as it says.
    """

    head: FollowedHead
    is_signed: bool | None = None
    is_found: bool = False
    fault: str | None = None

    @property
    def checked(self) -> list[str]:
        """What was checked of it."""
        signed = [f"the key of {self.head.key.name!r} signed that this log follows it"] if self.is_signed else []
        found = f"the last checkpoint of {self.head.key.name!r} that is here, of {self.head.size:,} leaves, is the one "
        return signed + ([f"{found}that this log says that it follows"] if self.is_found else [])

    @property
    def not_checked(self) -> list[str]:
        """What was not."""
        name, size = self.head.key.name, self.head.size
        signed = {
            True: [],
            False: [f"who says that this log follows {name!r}: the key of that log did not sign it"],
            None: [f"whether the key of {name!r} signed that this log follows it: its first checkpoint is not here"],
        }[self.is_signed]
        ended = "hold it to the last one that you have of it"
        found = [] if self.is_found else [f"that {name!r} ended with the {size:,} leaves that this log names: {ended}"]
        return [*signed, *found, f"that what {name!r} sealed is in this log: its receipts and bundles prove what was"]

    def make_body(self) -> dict[str, Any]:
        """Make the JSON of it."""
        said = {"key": str(self.head.key), "size": self.head.size, "line": str(self.head)}
        return said | {"checked": self.checked, "not_checked": self.not_checked, "fault": self.fault}

    def look_at(self, note: SignedNote, origin: str) -> None:
        """Look at one more note, whosever it is, beside the log of a name. What is no checkpoint says nothing."""
        try:
            found = read_checkpoint(note)
            is_signed = bool(verify_note(note, [self.head.key]))
        except NotValid:
            return
        if found.origin == self.head.key.name:
            self._hold_last(found, is_signed=is_signed)
        elif is_signed and found.origin != origin and found.follows is not None:
            self._name_fault(f"two logs follow it, and its key signed both: {found.origin!r} does too")

    def _hold_last(self, found: Checkpoint, *, is_signed: bool) -> None:
        """Hold the end of the log before to one of its checkpoints, or to what goes by its name."""
        same = found.size == self.head.size
        if found.size > self.head.size or (same and is_signed and found.root != self.head.root):
            whose = "its key signed" if is_signed else "there is, under its name and by another key,"
            of = "another tree of as many" if same else f"a checkpoint of {found.size:,}"
            self._name_fault(f"it names {self.head.size:,} leaves, and {whose} {of}")
        elif is_signed and found.next_key not in ("", str(self.head.key)):
            self._name_fault("the key that is named announced another, which signed what came after")
        elif is_signed and same:
            self.is_found = True

    def _name_fault(self, what: str) -> None:
        self.fault = self.fault or f"split view: this log says that it follows {self.head.key.name!r}: {what}"


def find_followed(history: CheckpointHistory, notes: Iterable[SignedNote] = ()) -> FollowedLog | None:
    """Find out about the log that a log follows; None where it says of none.

    Args:
        history: of the log; whole, or the first checkpoint is taken for one that is not here.
        notes: checkpoints of whatever logs that are at hand.
    """
    if history.follows is None:
        return None
    first, found = history.checkpoints[0], FollowedLog(history.follows)
    if first.checkpoint.size == 0:
        found.is_signed = has_signed(first.note, found.head.key)
    for note in notes:
        found.look_at(note, first.checkpoint.origin)
    if found.fault is not None:
        found.is_found = False
    return found


def read_followed(settings: Settings, history: CheckpointHistory, *more: SignedNote) -> FollowedLog | None:
    """Find it out from all that lies in ``soc.checkpoints``, and from more notes. Raises Unavailable."""
    if history.follows is None:
        return None
    return find_followed(history, chain(more, _read_notes(settings)))


def hold_successor(note: SignedNote, checkpoint: Checkpoint) -> None:
    """Hold that a log follows right behind the last checkpoint that a witness cosigned of another.

    Args:
        note: that it cosigned.
        checkpoint: of the log that is to follow.

    Raises:
        NotValid: it does not.
    """
    last, named = read_checkpoint(note), checkpoint.follows
    if last.follows is not None and last.follows.key.name == checkpoint.origin:
        raise NotValid(f"it is of the log {checkpoint.origin!r}, which has ended: {last.origin!r} follows it")
    if named is None:
        raise NotValid(f"they are of two logs, {last.origin!r} and {checkpoint.origin!r}, and it follows none")
    if last.follows is not None and last.follows.key.name == named.key.name:
        raise NotValid(f"split view: two logs follow {named.key.name!r}, {last.origin!r} and {checkpoint.origin!r}")
    if named.key.name != last.origin:
        raise NotValid(f"split view: it follows {named.key.name!r}, and this witness cosigned {last.origin!r}")
    if (named.size, named.root) != (last.size, last.root):
        raise NotValid(
            f"split view: it follows {last.origin!r} at {named.size:,} leaves, and the last that this witness cosigned "
            f"of that log has {last.size:,} (a later end of it has to be cosigned first: `--once --log PLACE`)"
        )
    if str(named.key) != last.next_key and not has_signed(note, named.key):
        raise NotValid(f"it names another key of {last.origin!r} than the one that signed what this witness cosigned")


def has_signed(note: SignedNote, key: VerifierKey) -> bool:
    """Tell whether a key signed a note, and rightly."""
    try:
        return bool(verify_note(note, [key]))
    except NotValid:
        return False


def _read_notes(settings: Settings) -> Iterable[SignedNote]:
    for record in read_checkpoint_records(settings):
        try:
            yield parse_note(record.value or b"")
        except NotValid:
            continue
