"""A witness at work: looks at a log again and again, cosigns what goes on, names what does not (``seals.witness``).

It reads the checkpoints of ``soc.checkpoints`` and publishes there what it cosigned; or it reads a log's directory,
wherever that is served, and leaves what it cosigned in its own.
"""

import threading
from collections.abc import Sequence
from typing import Final

import structlog

from infra.settings import Settings
from infra.status import WORKING, end_trouble, report_trouble, wait_alive
from ledger.errors import Unavailable
from proofs.errors import NotValid
from proofs.keys import VerifierKey
from proofs.notes import SignedNote
from seals.directory import LogFiles
from seals.history import CheckpointHistory, PassedCheckpoint, SealedCheckpoint
from seals.publishing import publish_cosigned
from seals.topics import read_checkpoint_records
from seals.witness import Witness

REFUSED, AWAY = "refused", "away"
ASK_KEEPER: Final = "keep what is under `refused` in the witness's directory, and ask the log's keeper"
KEPT_CHECKPOINTS: Final = 1_000
_log = structlog.get_logger("services.witnessing")


class TopicWitness:
    """A witness of the log in ``soc.checkpoints``.

    Args:
        keys: verifier keys of the log.
        files: the log's tiles.
    """

    def __init__(self, settings: Settings, witness: Witness, keys: Sequence[VerifierKey], files: LogFiles) -> None:
        self._settings, self._witness, self._files = settings, witness, files
        self._history = CheckpointHistory(keys)
        self._next = 0

    def look_again(self) -> bool:
        """Look at what is new; whether nothing was refused. Raises Unavailable."""
        records = list(read_checkpoint_records(self._settings, self._next))
        found = list(self._history.follow_records(records))
        self._next = max([self._next, *(record.offset + 1 for record in records)])
        passed = [one for one in found if isinstance(one, PassedCheckpoint)]
        for one in passed:
            _log.warning("passed over", where=str(one))
        newest = self._history.newest
        if newest is not None:
            self._witness.recall_cosigned(one.note for one in self._history.checkpoints)
            self._cosign_newest(newest)
        self._history.forget_old(KEPT_CHECKPOINTS)
        return not any("split view" in one.why for one in passed)

    def _cosign_newest(self, newest: SealedCheckpoint) -> None:
        cosigned = cosign_one(self._witness, newest.note, self._files)
        if cosigned is None and not self._witness.has_cosigned(newest.note):  # killed before it was published
            cosigned = self._witness.read_cosigned()
        if cosigned is not None:
            publish_cosigned(self._settings, cosigned)


class DirectoryWitness:
    """A witness of a log whose files are served somewhere; arguments as for ``TopicWitness``."""

    def __init__(self, witness: Witness, keys: Sequence[VerifierKey], files: LogFiles) -> None:
        self._witness, self._files = witness, files
        self._history = CheckpointHistory(keys)

    def look_again(self) -> bool:
        """Look at the newest checkpoint; whether it was not refused. Raises Unavailable, NotValid."""
        found = self._history.follow_note(0, 0, self._files.read_checkpoint())
        if found is not None:
            cosign_one(self._witness, found.note, self._files)
        self._history.forget_old(KEPT_CHECKPOINTS)
        return True


def cosign_one(witness: Witness, note: SignedNote, files: LogFiles) -> SignedNote | None:
    """Cosign a note that counts, and say so. Raises NotValid, Unavailable."""
    cosigned = witness.cosign_note(note, files)
    if cosigned is not None and witness.last is not None:
        _log.info("cosigned", log=witness.last.origin, leaves=witness.last.size)
    return cosigned


def keep_witnessing(looking: TopicWitness | DirectoryWitness, stop: threading.Event, every: float) -> bool:
    """Look again and again until ``stop`` is set; whether nothing was ever refused.

    A log that is refused once is looked at again: what it shows later is cosigned where it goes on from what was seen.
    """
    well, said = True, ""
    while True:
        try:
            well = looking.look_again() and well
            said = ""
            for key in (REFUSED, AWAY):
                end_trouble(key)
        except NotValid as error:
            well = False
            report_trouble(REFUSED, f"the log is refused: {error}", remedy=ASK_KEEPER)
            if str(error) != said:
                _log.error("refused", why=str(error))
            said = str(error)
        except Unavailable as error:
            _tell_away(str(error))
        except OSError as error:  # its own directory: cosigned is what was written there, so nothing was
            _tell_away(f"{error.filename or 'the disk'}: {error.strerror}")
        if wait_alive(stop, every, WORKING):
            return well


def _tell_away(why: str) -> None:
    _log.warning("not looked at", why=why)
    report_trouble(AWAY, f"nothing is cosigned: {why}", remedy="do what the sentence says; it is tried again")
