"""Keys of signed notes, by C2SP's signed-note and tlog-cosignature: a name, an algorithm, an Ed25519 key.

A *verifier key* is written ``<name>+<key id in hexadecimal>+<base64 of algorithm and public key>``; a *signing key* is
the same behind ``PRIVATE+KEY+``, with the secret seed in place of the public key, as Go's ``note`` package writes it.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from enum import IntEnum
from hashlib import sha256
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.errors import Misuse

KEY_BYTES: Final = 32
ID_BYTES: Final = 4
_PRIVATE: Final = "PRIVATE+KEY+"


class KeyAlgorithm(IntEnum):
    """What a key signs; its number goes into the key id."""

    ED25519 = 1  # the note's text
    COSIGNATURE = 4  # the note's text behind a time


class VerifierKey(NamedTuple):
    """A public key and whose it is."""

    name: str
    algorithm: KeyAlgorithm
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of the SHA-256 over name, algorithm and key."""
        return sha256(f"{self.name}\n".encode() + bytes([self.algorithm]) + self.public).digest()[:ID_BYTES]

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether a signature is this key's over a message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.algorithm]) + self.public).decode()}"


class SigningKey(NamedTuple):
    """A secret key and whose it is. Its text is a secret."""

    name: str
    algorithm: KeyAlgorithm
    seed: bytes

    def make_verifier(self) -> VerifierKey:
        """Make the public key."""
        return VerifierKey(self.name, self.algorithm, self._load().public_key().public_bytes_raw())

    def sign_message(self, message: bytes) -> bytes:
        """Sign a message: 64 bytes, the same for the same message."""
        return self._load().sign(message)

    def write_secret(self) -> str:
        """Write it as its file has it."""
        key_id = self.make_verifier().key_id.hex()
        return f"{_PRIVATE}{self.name}+{key_id}+{b64encode(bytes([self.algorithm]) + self.seed).decode()}"

    def _load(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def __repr__(self) -> str:
        """Return nothing of the secret."""
        return f"SigningKey({self.name!r})"


def parse_verifier(text: str) -> VerifierKey:
    """Parse a verifier key. Raises Misuse."""
    name, algorithm, public, key_id = _parse_key(text.strip(), "a verifier key")
    key = VerifierKey(name, algorithm, public)
    if key.key_id != key_id:
        raise Misuse(f"the verifier key of {name!r} does not have the key id that it says: it was altered")
    return key


def parse_signing(text: str) -> SigningKey:
    """Parse a signing key. Raises Misuse, without anything of the key."""
    if not text.startswith(_PRIVATE):
        raise Misuse(f"a signing key begins with {_PRIVATE}")
    name, algorithm, seed, key_id = _parse_key(text.strip().removeprefix(_PRIVATE), "a signing key")
    key = SigningKey(name, algorithm, seed)
    if key.make_verifier().key_id != key_id:
        raise Misuse(f"the signing key of {name!r} does not have the key id that it says: it was altered")
    return key


def hold_name(name: str) -> str:
    """Hold a key's name to what a note can carry: not empty, no space, no plus. Raises Misuse."""
    if not name or "+" in name or any(letter.isspace() or not letter.isprintable() for letter in name):
        raise Misuse("a key's name has at least one letter, and neither a space nor a plus")
    return name


def _parse_key(text: str, what: str) -> tuple[str, KeyAlgorithm, bytes, bytes]:
    try:
        name, key_id, encoded = text.split("+", 2)
        raw = b64decode(encoded, validate=True)
        algorithm, found = KeyAlgorithm(raw[0]), raw[1:]
        parsed = hold_name(name), algorithm, found, bytes.fromhex(key_id)
    except (ValueError, IndexError, Base64Error):
        raise Misuse(f"this is not {what}: <name>+<key id>+<base64>, of Ed25519 or an Ed25519 cosignature") from None
    if len(found) != KEY_BYTES:
        raise Misuse(f"{what} of {name!r} has {len(found)} bytes, not {KEY_BYTES}")
    return parsed
