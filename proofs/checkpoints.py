"""Checkpoints, by C2SP's tlog-checkpoint: the head of the log that seals outputs and published figures.

The text is origin, size, root, and lines of extension:

1. ``positions`` and, for each partition of ``soc.published`` from 0, the offset before which its outputs are sealed.
2. ``figures`` and how many records of ``soc.figures`` are sealed. A log begun by an older version has no such line
   until a later version seals on: without it none are sealed.
3. ``follows``, a verifier key, a size and a root, where another log was before: its last checkpoint, and the key that
   signed that. Every checkpoint of such a log has the same line. The first, of no leaves, is signed by that key too,
   where it was still there.
4. ``next-key`` and a verifier key, where the checkpoint announces the key by which the log goes on. It stands in the
   text, which the old key signs: a line of signature proves nothing of who else signed.

Between one checkpoint and the next the outputs follow partition after partition, each in the order of offsets, and then
the figures, in the order of their topic: which leaf is which follows from the checkpoints alone.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import Final, NamedTuple

from ledger.errors import Misuse
from proofs.errors import NotValid
from proofs.keys import KeyAlgorithm, VerifierKey, parse_verifier
from proofs.notes import SignedNote
from proofs.tree import HASH_BYTES

_POSITIONS: Final = "positions"
_FIGURES: Final = "figures"
_FOLLOWS: Final = "follows"
_NEXT_KEY: Final = "next-key"


class FollowedHead(NamedTuple):
    """The last checkpoint of the log that a log follows, as that log names it: who signed it, its size, its root."""

    key: VerifierKey
    size: int
    root: bytes

    def __str__(self) -> str:
        """Return it as its line has it."""
        return f"{self.key} {self.size} {b64encode(self.root).decode()}"


class Checkpoint(NamedTuple):
    """A log's head: ``positions`` are offsets of ``soc.published`` by partition, ends not included.

    ``next_key`` is the verifier key by which the log goes on, where it announces one. ``figures`` counts the published
    figures that are sealed; None where the checkpoint does not speak of them, and none are. ``follows`` is None where
    the log says of none that it was before.
    """

    origin: str
    size: int
    root: bytes
    positions: tuple[int, ...]
    next_key: str = ""
    figures: int | None = None
    follows: FollowedHead | None = None

    @property
    def sealed_figures(self) -> int:
        """How many published figures are sealed by it."""
        return self.figures or 0

    def write_text(self) -> str:
        """Write the text that is signed."""
        places = " ".join(map(str, (_POSITIONS, *self.positions)))
        lines = [self.origin, self.size, b64encode(self.root).decode(), places]
        lines += [] if self.figures is None else [f"{_FIGURES} {self.figures}"]
        lines += [] if self.follows is None else [f"{_FOLLOWS} {self.follows}"]
        lines += [f"{_NEXT_KEY} {self.next_key}"] if self.next_key else []
        return "".join(f"{line}\n" for line in lines)

    def has_position(self, partition: int, offset: int) -> bool:
        """Tell whether the output of a position is sealed by it."""
        return partition < len(self.positions) and offset < self.positions[partition]


def read_checkpoint(note: SignedNote) -> Checkpoint:
    """Read the checkpoint in a note. Raises NotValid."""
    origin, *lines = note.text[:-1].split("\n")
    try:
        size, root, places, *rest = lines
        said = dict(line.split(" ", 1) for line in rest)
        found = Checkpoint(
            origin,
            _read_whole(size),
            b64decode(root, validate=True),
            _read_positions(places),
            said.get(_NEXT_KEY, ""),
            _read_whole(said[_FIGURES]) if _FIGURES in said else None,
            _read_followed(said[_FOLLOWS]) if _FOLLOWS in said else None,
        )
    except (ValueError, Base64Error):
        raise NotValid("the note is no checkpoint of a ledger: origin, size, root, positions") from None
    if not origin or len(found.root) != HASH_BYTES or found.write_text() != note.text:
        raise NotValid("the note is no checkpoint of a ledger: it is not written as one")
    if found.follows is not None and found.follows.key.name == origin:
        raise NotValid(f"the log {origin!r} says that it follows itself")
    return found


def _read_followed(line: str) -> FollowedHead:
    key, size, root = line.split(" ")
    try:
        found = FollowedHead(parse_verifier(key), _read_whole(size), b64decode(root, validate=True))
    except Misuse:
        raise ValueError(key) from None
    if found.key.algorithm is not KeyAlgorithm.ED25519 or len(found.root) != HASH_BYTES:
        raise ValueError(line)
    return found


def _read_positions(line: str) -> tuple[int, ...]:
    name, *numbers = line.split(" ")
    if name != _POSITIONS:
        raise ValueError(name)
    return tuple(map(_read_whole, numbers))


def _read_whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(text)
    return int(text)
