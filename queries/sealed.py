"""How far the ledger is sealed, as the log's directory on this machine says: for people, beside what is stored.

The checkpoint's signature is held to the verifier keys beside it. That its leaves are the ledger's outputs is for
``disruptions audit seals`` to say.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from infra.settings import Settings
from ledger.errors import LedgerError
from proofs.checkpoints import Checkpoint, read_checkpoint
from proofs.notes import parse_note, verify_note
from seals.directory import CHECKPOINT_NAME
from seals.keys import locate_seals, read_verifiers


class SealedState(NamedTuple):
    """The newest checkpoint, and when its file was written."""

    checkpoint: Checkpoint
    written_at: datetime


def read_sealed(settings: Settings) -> SealedState | None:
    """Read the newest checkpoint; None where the log lies elsewhere, or its file is none that its keys signed."""
    seals = locate_seals(settings)
    file = seals / CHECKPOINT_NAME
    try:
        written_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        note = parse_note(file.read_bytes())
        signed = verify_note(note, read_verifiers(seals))
        return SealedState(read_checkpoint(note), written_at) if signed else None
    except (OSError, LedgerError):
        return None
