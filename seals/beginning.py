"""A log begun after another, which it names: a deliberate act, done once, and no sealer's.

The order of effects:

1. The last checkpoint of the log before is found: the greatest that its keys signed, of those in ``soc.checkpoints``
   and in its directory.
2. The new log's key is made, under another name; the one of a beginning that was cut off is taken.
3. Its first checkpoint, of no leaves, is signed by it, and by the key of the log before where that is at hand. It is
   published, and shuts out every sealer: this commits. The next sealer goes on from it.
4. The file ``checkpoint`` of its directory is written; the next sealer does it where that was cut off.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from infra.settings import Settings
from infra.topic_admin import count_partitions
from infra.topics import PUBLISHED
from ledger.errors import Misuse
from proofs.checkpoints import Checkpoint, FollowedHead, read_checkpoint
from proofs.errors import NotValid
from proofs.keys import SigningKey, VerifierKey, parse_verifier
from proofs.notes import SignedNote, parse_note, verify_note
from proofs.tree import EMPTY_ROOT
from seals.directory import CHECKPOINT_NAME, LogFiles, SealDirectory
from seals.history import CheckpointHistory
from seals.keys import (
    VERIFIERS_NAME,
    describe_put_away,
    locate_key,
    locate_seals,
    note_log,
    open_keys,
    read_noted,
    read_secret_key,
)
from seals.resuming import list_origins
from seals.topics import read_checkpoint_records


class TakesNote(Protocol):
    """What publishes a checkpoint (``seals.publishing``)."""

    def publish_note(self, note: SignedNote) -> None:
        """Publish a checkpoint; returns once it is committed."""
        ...


def find_last_head(settings: Settings, files: LogFiles, keys: Sequence[VerifierKey]) -> FollowedHead:
    """Find the last checkpoint of the log that lies in a directory, or behind an address.

    Args:
        settings: whose topic may hold later ones than its directory.
        files: of the log.
        keys: of the log that are trusted; else those of its directory.

    Raises:
        Misuse: it has no checkpoint that these keys signed, or another log follows it already.
        NotValid: its key signed two ends.
        Unavailable: the broker did not answer, or the files cannot be read.
    """
    trusted = list(keys) or _read_keys(files)
    history = CheckpointHistory(trusted)
    history.follow_all(read_checkpoint_records(settings))
    if history.successor is not None:
        raise Misuse(f"{history.successor.origin!r} follows that log already, as its key signed: no other does")
    heads = [_name_head(files.read_checkpoint(), history.keys)] if files.read_file(CHECKPOINT_NAME) else []
    if history.newest is not None and history.signing_key is not None:
        newest = history.newest.checkpoint
        heads.append(FollowedHead(history.signing_key, newest.size, newest.root))
    if not heads:
        raise Misuse("--after: there is no checkpoint of that log, there or in soc.checkpoints: name its directory")
    last = max(heads, key=lambda one: one.size)
    if any(one.size == last.size and one.root != last.root for one in heads):
        raise NotValid(f"split view: its directory and soc.checkpoints have two trees of {last.size:,} leaves")
    return last


def begin_after(
    settings: Settings,
    head: FollowedHead | None,
    old_key: SigningKey | None,
    open_publisher: Callable[[Settings], TakesNote],
) -> Checkpoint:
    """Begin the settings' log.

    Args:
        settings: of the new log.
        head: of the log that it follows; None where it follows none, though soc.checkpoints has another.
        old_key: of that log, which signs too; None where it is not at hand.
        open_publisher: of the first checkpoint; it shuts out whatever sealer is alive.

    Raises:
        Misuse: something of the log before is still in its place, or the new one has begun.
        Unavailable: the broker did not answer.
        OSError: key or directory cannot be written.
    """
    directory = SealDirectory(locate_seals(settings))
    try:
        _hold_free(settings, directory, head)
        keys = open_keys(settings, may_begin=True)
        if keys.origin in list_origins(settings):
            raise Misuse(f"the log {keys.origin!r} has begun already: it names what it names for ever")
        _hold_old_key(head, old_key)
        partitions = count_partitions(settings, PUBLISHED)
        first = Checkpoint(keys.origin, 0, EMPTY_ROOT, (0,) * partitions, figures=0, follows=head)
        note = keys.sign_text(first.write_text(), old_key)
        open_publisher(settings).publish_note(note)
        directory.write_checkpoint(str(note))
        note_log(settings, keys.origin)
        return first
    finally:
        directory.close()


def _hold_free(settings: Settings, directory: SealDirectory, head: FollowedHead | None) -> None:
    """Hold that key and directory of the log before are put away, before anything is written.

    A key that sealed from here is never taken for that of a new log: it would sign a second history.

    Raises:
        Misuse: they are not.
    """
    key, found = read_secret_key(locate_key(settings)), directory.read_file(CHECKPOINT_NAME)
    name = key.name if key is not None else settings.seal_origin
    if head is not None and head.key.name == name:
        raise Misuse(f"the log {name!r} is still in its place, or its name is: {describe_put_away(settings)}")
    if found or (key is not None and key.name == read_noted(settings)):
        raise Misuse(
            f"the log that is here has begun already, and goes on by itself; else {describe_put_away(settings)}"
        )


def _hold_old_key(head: FollowedHead | None, old_key: SigningKey | None) -> None:
    if old_key is not None and (head is None or old_key.make_verifier() != head.key):
        raise Misuse("--old-key: it is not the key that signed the last checkpoint of the log before")


def _read_keys(files: LogFiles) -> list[VerifierKey]:
    lines = (files.read_file(VERIFIERS_NAME) or b"").decode(errors="replace").splitlines()
    if not lines:
        raise Misuse("--key: there are no verifier keys of that log beside its files: name the one that you know")
    return [parse_verifier(line) for line in lines]


def _name_head(content: bytes, keys: Sequence[VerifierKey]) -> FollowedHead:
    """Name the checkpoint of a file, by the key that goes on from it. Raises Misuse, NotValid."""
    note = parse_note(content)
    found = read_checkpoint(note)
    signed = [one.key for one in verify_note(note, keys) if one.key.name == found.origin]
    if not signed:
        raise Misuse("--key: the checkpoint of that log is signed by none of its keys that are known here: name them")
    key = parse_verifier(found.next_key) if found.next_key else signed[-1]
    return FollowedHead(key, found.size, found.root)
