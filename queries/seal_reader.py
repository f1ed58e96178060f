"""How far the ledger is sealed, as ``soc.checkpoints`` has it: the newest checkpoint, and whose names are under it.

The checkpoint's signature is held to the log's keys. Cosignatures are named and not verified: whose key a witness has
is for the reader to know (``disruptions audit seals --witness``). Nor is held what the log says that it follows, as
whoever has a key can say that (docs/decisions/0038).
"""

from base64 import b64encode
from typing import Final

from audit.certificate import read_last_certificate
from infra.settings import Settings
from ledger.instants import format_millis
from proofs.checkpoints import FollowedHead
from proofs.notes import NoteSignature
from queries.figure_answers import CosignatureRow, FollowedRow, SealAnswer
from queries.figure_queries import SealQuery
from queries.plain import key_by_text
from queries.snapshot import Snapshot
from queries.topic_reading import ANSWER_SECONDS, CHECKPOINTS_READ, TopicReading
from seals.keys import locate_seals, read_verifiers
from seals.ledger_log import LedgerLog, open_log

_MILLIS: Final = 1_000
_LATEST_SECONDS: Final = 2**33


class SealReader:
    """Reads the newest checkpoint when it is asked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reading = TopicReading(CHECKPOINTS_READ, self._read_log)

    def answer_seal(self, _: Snapshot, query: SealQuery) -> SealAnswer:  # noqa: ARG002  (it has no fields)
        """Answer how far the ledger is sealed; with no log where its keys are elsewhere. Raises Unavailable."""
        keys = read_verifiers(locate_seals(self._settings))
        newest = self._reading.take_reading().history.newest if keys else None
        checkpoint = newest.checkpoint if newest else None
        known = {key.key_id for key in keys}
        others = [one for one in newest.note.signatures if one.key_id not in known] if newest else []
        return {
            "log": checkpoint.origin if checkpoint else None,
            "size": checkpoint.size if checkpoint else 0,
            "root": b64encode(checkpoint.root).decode() if checkpoint else None,
            "figures": checkpoint.figures if checkpoint else None,
            "positions": key_by_text(dict(enumerate(checkpoint.positions if checkpoint else ()))),
            "sealed_at": format_millis(newest.appended_at) if newest else None,
            "keys": [str(key) for key in keys],
            "cosignatures": [_describe_cosignature(one) for one in others],
            "note": str(newest.note) if newest else None,
            "certificate": read_last_certificate(self._settings.state),
            "follows": _describe_followed(checkpoint.follows) if checkpoint and checkpoint.follows else None,
        }

    def _read_log(self) -> LedgerLog:
        return open_log(self._settings, newest_only=True, patience=ANSWER_SECONDS)


def _describe_followed(head: FollowedHead) -> FollowedRow:
    root = b64encode(head.root).decode()
    return {"log": head.key.name, "key": str(head.key), "size": head.size, "root": root}


def _describe_cosignature(line: NoteSignature) -> CosignatureRow:
    seconds = line.read_time()
    at = None if seconds is None or seconds >= _LATEST_SECONDS else format_millis(seconds * _MILLIS)
    return {"name": line.name, "key_id": line.key_id.hex(), "at": at}
