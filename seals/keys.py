"""The keys of a log: where the secret one lies, how it is made, and which verifier keys it ever had, in order.

The secret lies apart from what is served: ``<state>/keys/seal.key``, or the file that ``DISRUPTIONS_SEAL_KEY_FILE``
names; beside it, while the key is being changed, the one that is to follow. The verifier keys lie with the tiles, in
``keys``, one a line.

``last-log`` in the state directory is the name of the log that was sealed from here last. It stays where key and
directory are put away, so that no other log begins without a word though the topic was lost too.
"""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from infra.file_replacement import OWNER_DIRECTORY, OWNER_FILE, keep_file, replace_file
from infra.settings import Settings
from ledger.errors import Misuse, Unavailable
from proofs.keys import KEY_BYTES, KeyAlgorithm, SigningKey, VerifierKey, hold_name, parse_signing, parse_verifier
from proofs.notes import SignedNote, sign_note

VERIFIERS_NAME: Final = "keys"
BEGIN: Final = "`disruptions audit begin-log --after PLACE` begins another log, which names the one before"
LAST_LOG: Final = "last-log"
DEFAULT_KEY: Final = "keys/seal.key"
_READ_BY_OTHERS: Final = 0o007


def locate_seals(settings: Settings) -> Path:
    """Return the directory of the log's tiles."""
    return settings.seal_directory or settings.state / "seals"


def locate_key(settings: Settings) -> Path:
    """Return the file of the secret key."""
    return settings.seal_key_file or settings.state / DEFAULT_KEY


def locate_next(settings: Settings) -> Path:
    """Return the file of the secret key that is to follow."""
    return Path(f"{locate_key(settings)}.next")


def name_kept(key: Path) -> Path:
    """Name the file of the verifier keys that lies beside a secret key: without the older ones no log is remade."""
    return Path(f"{key}.verifiers")


def describe_put_away(settings: Settings) -> str:
    """Say what to put away of a log that cannot go on, and how another begins that names it."""
    key, seals = locate_key(settings), locate_seals(settings)
    return (
        f"{BEGIN}, once {key}, {name_kept(key)} and {seals} are put away together, where they still verify old receipts"
    )


def note_log(settings: Settings, origin: str) -> None:
    """Note which log is sealed from this state directory. Raises OSError."""
    if read_noted(settings) != origin:
        replace_file(settings.state / LAST_LOG, origin.encode())


def read_noted(settings: Settings) -> str:
    """Read which log was sealed from this state directory last; empty where none was."""
    try:
        return (settings.state / LAST_LOG).read_text()
    except FileNotFoundError:
        return ""


def make_origin() -> str:
    """Make the name of a log that nobody named."""
    return f"disruption-ledger/{secrets.token_hex(8)}"


def make_secret(file: Path, name: str, algorithm: KeyAlgorithm = KeyAlgorithm.ED25519) -> SigningKey:
    """Make a key in a file that nobody else may read. Raises Misuse, OSError."""
    if file.exists():
        raise Misuse(f"{file} is there already: a key is never overwritten")
    key = SigningKey(hold_name(name), algorithm, secrets.token_bytes(KEY_BYTES))
    file.parent.mkdir(mode=OWNER_DIRECTORY, parents=True, exist_ok=True)
    keep_file(file, f"{key.write_secret()}\n".encode(), OWNER_FILE)
    return key


def read_secret_key(file: Path, algorithm: KeyAlgorithm = KeyAlgorithm.ED25519) -> SigningKey | None:
    """Read a key; None where there is no file. Raises Misuse, without anything of the key."""
    try:
        text, mode = file.read_text(), file.stat().st_mode
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise Misuse(f"{file} cannot be read: check its permissions, and that it is a signing key") from None
    if mode & _READ_BY_OTHERS:
        raise Misuse(f"{file} may be read by everybody on this machine: chmod 600 {file}, and think of a new key")
    key = parse_signing(text)
    if key.algorithm is not algorithm:
        whose = "a log's" if key.algorithm is KeyAlgorithm.ED25519 else "a witness's"
        raise Misuse(f"{file} is {whose} key: a log and a witness have keys of their own, so that neither can be both")
    return key


def read_verifiers(seals: Path) -> list[VerifierKey]:
    """Read the verifier keys of a log's directory, oldest first; none where it has none. Raises Misuse, Unavailable."""
    return read_lines(seals / VERIFIERS_NAME)


def read_lines(file: Path) -> list[VerifierKey]:
    """Read a file of verifier keys as ``read_verifiers`` does."""
    try:
        lines = file.read_text().splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError):
        raise Unavailable(f"{file} cannot be read") from None
    return [parse_verifier(line) for line in lines if line.strip()]


class SealKeys:
    """What a log is signed by.

    Args:
        file: of the secret key.
        following: of the one that is to follow, while there is one.
        seals: the log's directory.
    """

    def __init__(self, file: Path, following: Path, seals: Path) -> None:
        self._file, self._following, self._seals = file, following, seals
        self._kept = name_kept(file)
        key = read_secret_key(file)
        if key is None:
            raise Misuse(f"{file} is missing: put the log's key back, or name it by DISRUPTIONS_SEAL_KEY_FILE")
        self._key = key
        self.announce_verifier(key.make_verifier())

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._key.name

    def list_verifiers(self) -> list[VerifierKey]:
        """List the verifier keys, oldest first: those of the log's directory, or those kept beside the secret.

        Keys of another log that was put away are none of this one's, wherever they were left.
        """
        found = (read_verifiers(self._seals), read_lines(self._kept))
        return max(([one for one in keys if one.name == self.origin] for keys in found), key=len)

    def read_following(self) -> SigningKey | None:
        """Read the key that is to follow. Raises Misuse."""
        found = read_secret_key(self._following)
        if found is not None and found.name != self.origin:
            raise Misuse(f"{self._following} is a key of {found.name!r}, and this log is {self.origin!r}")
        return found

    def sign_text(self, text: str, other: SigningKey | None) -> SignedNote:
        """Sign a checkpoint by the key, and by another: the one that it announces, or that of the log before."""
        keys: Sequence[SigningKey] = (self._key,) if other is None else (self._key, other)
        return SignedNote(text, tuple(sign_note(text, key) for key in keys))

    def follow_key(self, following: SigningKey) -> None:
        """Go on by the key that was announced: its verifier key first, then the secret. Raises OSError."""
        self.announce_verifier(following.make_verifier())
        self._following.replace(self._file)
        self._key = following

    def announce_verifier(self, verifier: VerifierKey) -> None:
        """Put a verifier key at the end of the list, unless it stands there. Raises OSError."""
        known = self.list_verifiers()
        lines = "".join(f"{one}\n" for one in dict.fromkeys((*known, verifier)))
        for file in (self._seals / VERIFIERS_NAME, self._kept):
            if not file.exists() or file.read_text() != lines:
                replace_file(file, lines.encode())


def open_keys(settings: Settings, *, may_begin: bool) -> SealKeys:
    """Open the keys of the settings' log; make the first one where the log may begin.

    Raises:
        Misuse: the key is missing, or cannot be used.
        OSError: it cannot be written.
    """
    file = locate_key(settings)
    if may_begin and not file.exists():
        make_secret(file, settings.seal_origin or make_origin())
    return SealKeys(file, locate_next(settings), locate_seals(settings))
