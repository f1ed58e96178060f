"""A witness: an organisation that cosigns a checkpoint after it saw that it goes on from the last one that it cosigned.

Two readers who are shown different histories cannot both have them cosigned: a witness cosigns one. Where a log ended
and another follows it, that is the same history, if the last checkpoint that it cosigned is the one that is named.

The order of effects for one checkpoint:

1. The log's signature is verified, and by the log's tiles that its tree begins with that of the last one.
2. The cosigned note is written to ``last`` in the witness's own directory: synced, renamed, the directory synced.
3. It is handed on to whoever publishes it.

So a witness that is killed, or loses its power, remembers at least what it showed to anybody. ``last`` set back, by a
copy of an older disk, is noticed wherever its own cosignatures are published: the greatest of them counts.
"""

import time
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

from infra.file_replacement import keep_file, replace_file
from ledger.errors import Misuse, Unavailable
from proofs.checkpoints import Checkpoint, read_checkpoint
from proofs.errors import NotValid
from proofs.keys import KeyAlgorithm, SigningKey
from proofs.notes import SignedNote, parse_note, sign_note, verify_note
from seals.directory import LogFiles
from seals.keys import make_secret, read_secret_key
from seals.proving import prove_extension
from seals.sealer import begin_log
from seals.succession import hold_successor

LAST_NAME: Final = "last"
KEY_NAME: Final = "witness.key"
REFUSED_NAME: Final = "refused"


class Witness:
    """One witness of one log, in a directory of its own.

    Raises:
        Misuse: the directory is of another witness, or what it remembers was altered.
    """

    def __init__(self, directory: Path, name: str) -> None:
        self._directory = directory
        self._key = open_witness_key(directory, name)
        self.verifier = self._key.make_verifier()
        self.last = self._read_last()

    def recall_cosigned(self, notes: Iterable[SignedNote]) -> None:
        """Recall what it cosigned of these, if that is more than it remembers. Raises NotValid for two histories."""
        for note in notes:
            if self.has_cosigned(note):
                verify_note(note, [self.verifier])
                found = read_checkpoint(note)
                if self._is_later(found):
                    self._remember(found, note)
                elif self.last is not None and found[:2] == self.last[:2] and found.root != self.last.root:
                    raise NotValid(f"this witness's key cosigned two trees of {found.size:,} leaves: it was stolen")

    def cosign_note(self, note: SignedNote, files: LogFiles, now: float | None = None) -> SignedNote | None:
        """Cosign a checkpoint whose log's signature was verified; None where it is the one it cosigned last.

        Args:
            note: of the log.
            files: the log's tiles.
            now: in seconds since 1970.

        Raises:
            NotValid: it does not go on from the last one; the note is kept as evidence.
            Unavailable: the tiles cannot be read: it is neither cosigned nor refused.
        """
        checkpoint = read_checkpoint(note)
        if checkpoint == self.last:
            return None
        try:
            self._hold_extension(files, checkpoint)
        except NotValid:
            self._keep_refused(note, checkpoint)
            raise
        cosigned = note.add_signature(sign_note(note.text, self._key, int(time.time() if now is None else now)))
        self._remember(checkpoint, cosigned)
        return cosigned

    def has_cosigned(self, note: SignedNote) -> bool:
        """Tell whether a note has a line of this witness's; what it signs is not looked at."""
        return any((one.name, one.key_id) == (self.verifier.name, self.verifier.key_id) for one in note.signatures)

    def read_cosigned(self) -> SignedNote:
        """Read what it cosigned last, with the log's signature and its own. Raises Unavailable."""
        try:
            return parse_note((self._directory / LAST_NAME).read_bytes())
        except OSError as error:
            raise Unavailable(f"{self._directory} cannot be read: {error.strerror}") from None

    def _is_later(self, found: Checkpoint) -> bool:
        """Tell whether what it cosigned is later than what it remembers: of a log that follows, or greater."""
        if self.last is None or found.origin == self.last.origin:
            return self.last is None or found.size > self.last.size
        return self.last.follows is None or self.last.follows.key.name != found.origin

    def _hold_extension(self, files: LogFiles, checkpoint: Checkpoint) -> None:
        before = self.last
        if before is not None and before.origin != checkpoint.origin:
            hold_successor(self.read_cosigned(), checkpoint)
            before = None
        if before is None:  # a first look proves the tiles
            before = begin_log(checkpoint.origin, len(checkpoint.positions))._replace(follows=checkpoint.follows)
        prove_extension(files, before, checkpoint)

    def _remember(self, checkpoint: Checkpoint, cosigned: SignedNote) -> None:
        try:
            keep_file(self._directory / LAST_NAME, str(cosigned).encode())
        except OSError as error:
            raise Unavailable(f"{self._directory} cannot be written: {error.strerror}") from None
        self.last = checkpoint

    def _keep_refused(self, note: SignedNote, checkpoint: Checkpoint) -> None:
        name = f"{checkpoint.size}-{sha256(note.text.encode()).hexdigest()[:16]}"
        try:
            replace_file(self._directory / REFUSED_NAME / name, str(note).encode())
        except OSError as error:
            raise Unavailable(f"{self._directory} cannot be written: {error.strerror}") from None

    def _read_last(self) -> Checkpoint | None:
        file = self._directory / LAST_NAME
        try:
            note = parse_note(file.read_bytes())
            if not verify_note(note, [self.verifier]):
                raise Misuse(f"{file} is not cosigned by {self.verifier.name!r}: it is another witness's")
            return read_checkpoint(note)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"{file} cannot be read: {error.strerror}") from None
        except NotValid as error:
            raise Misuse(f"{file} was altered ({error}): find out by whom, and put a copy of it back") from None


def open_witness_key(directory: Path, name: str) -> SigningKey:
    """Open a witness's key; made, for its owner alone, where there is none. Raises Misuse, Unavailable."""
    file = directory / KEY_NAME
    try:
        key = read_secret_key(file, KeyAlgorithm.COSIGNATURE) or make_secret(file, name, KeyAlgorithm.COSIGNATURE)
    except OSError as error:
        raise Unavailable(f"{file} cannot be written: {error.strerror}") from None
    if key.name != name:
        raise Misuse(
            f"{directory} is of the witness {key.name!r}, not of {name!r}: name it so, or choose another --dir"
        )
    return key
