"""Signed notes, by C2SP's signed-note (https://c2sp.org/signed-note): a text, an empty line, a line for each signature.

A signature by a key that the reader does not know says nothing and is passed over. One by a key that he does know, and
that is not right, makes the whole note not valid. Cosignatures are notes' signatures over the text behind the time at
which the witness saw it (https://c2sp.org/tlog-cosignature).
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable
from typing import Final, NamedTuple

from proofs.errors import NotValid
from proofs.keys import ID_BYTES, KeyAlgorithm, SigningKey, VerifierKey

LARGEST_NOTE_BYTES: Final = 1_000_000
MOST_SIGNATURES: Final = 100
_DASH: Final = "— "  # an em dash and a space
_TIME_BYTES: Final = 8
_COSIGNATURE_BYTES: Final = 72  # a time and a signature; a log's own signatures are without a time


class NoteSignature(NamedTuple):
    """One signature line: what it says of its key, and the signature's bytes."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        """Return the line."""
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.signature).decode()}\n"

    def read_time(self) -> int | None:
        """Return when it was made, in seconds since 1970, as a cosignature says of itself; None where it is none."""
        is_cosignature = len(self.signature) == _COSIGNATURE_BYTES
        return int.from_bytes(self.signature[:_TIME_BYTES], "big") if is_cosignature else None


class SignedNote(NamedTuple):
    """A text, which ends with a newline, and its signatures."""

    text: str
    signatures: tuple[NoteSignature, ...] = ()

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    def add_signature(self, signature: NoteSignature) -> "SignedNote":
        """Add one behind the others, in the place of an earlier one by the same key."""
        others = [one for one in self.signatures if (one.name, one.key_id) != signature[:2]]
        return self._replace(signatures=(*others, signature))


class VerifiedSignature(NamedTuple):
    """A signature that holds, and when it was made: seconds since 1970 of a cosignature, else None."""

    key: VerifierKey
    time: int | None


def parse_note(content: bytes) -> SignedNote:
    """Parse a note. Raises NotValid."""
    if len(content) > LARGEST_NOTE_BYTES:
        raise NotValid(f"the note has {len(content):,} bytes; a signed note has {LARGEST_NOTE_BYTES:,} at most")
    try:
        whole = content.decode()
    except UnicodeDecodeError:
        raise NotValid("the note is not UTF-8") from None
    text, separator, lines = whole.rpartition("\n\n")
    if not separator or not lines.endswith("\n") or any(ord(letter) < 32 and letter != "\n" for letter in whole):
        raise NotValid("the note is not a text, an empty line and lines of signatures")
    signatures = tuple(_parse_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > MOST_SIGNATURES:
        raise NotValid(f"the note has {len(signatures)} signatures; {MOST_SIGNATURES} are read at most")
    return SignedNote(f"{text}\n", signatures)


def sign_note(text: str, key: SigningKey, time: int | None = None) -> NoteSignature:
    """Sign a text; ``time``, in seconds since 1970, is for a cosignature and for nothing else."""
    verifier = key.make_verifier()
    stamp = b"" if time is None else time.to_bytes(_TIME_BYTES, "big")
    signature = key.sign_message(write_message(text, time))
    return NoteSignature(verifier.name, verifier.key_id, stamp + signature)


def verify_note(note: SignedNote, keys: Iterable[VerifierKey]) -> list[VerifiedSignature]:
    """Verify every signature by one of these keys; at most one counts for each key.

    Raises:
        NotValid: a signature by one of them is not right.
    """
    known = {(key.name, key.key_id): key for key in keys}
    verified = {}
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is not None:
            verified[key] = VerifiedSignature(key, _verify_signature(note.text, signature, key))
    return list(verified.values())


def write_message(text: str, time: int | None) -> bytes:
    """Write what is signed: the text, or for a cosignature the text behind its time."""
    return text.encode() if time is None else f"cosignature/v1\ntime {time}\n{text}".encode()


def _verify_signature(text: str, signature: NoteSignature, key: VerifierKey) -> int | None:
    found, time = signature.signature, None
    if key.algorithm is KeyAlgorithm.COSIGNATURE:
        time, found = int.from_bytes(found[:_TIME_BYTES], "big"), found[_TIME_BYTES:]
    if not key.has_signed(write_message(text, time), found):
        raise NotValid(f"the signature of {signature.name!r} is not right: the text is another, or was altered")
    return time


def _parse_signature(line: str) -> NoteSignature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        raw = b64decode(encoded, validate=True)
    except (Base64Error, ValueError):
        raw = b""
    if not line.startswith(_DASH) or not name or "+" in name or len(raw) <= ID_BYTES:
        raise NotValid("a line of the note's signatures is none")
    return NoteSignature(name, raw[:ID_BYTES], raw[ID_BYTES:])
