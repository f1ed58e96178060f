"""The loader: ``soc.entries`` and ``soc.rejected`` into the store, nothing lost, nothing twice.

The order of effects:

1. Make sure that the topics are those whose records the store holds; every few seconds again.
2. On taking a partition (all of them in process, a share in a group with a server): hold the stored legs to what the
   entries say (``sinks.integrity``), ask the store which source positions it holds, and begin where all that was read
   before is within them (``sinks.progress``); at the first record where something of it was lost. Begin at the
   committed offset where that is lower: a rewind is a normal thing to do. Records that are gone must be stored already.
3. Consume a batch: what has come when the store is free, and what comes while it is not (``sinks.gathering``).
4. Leave out what is held already (a repeated output has the same id, and the first occurrence wins).
5. Write (``sinks.writing``: postings, then entries), while the next batch is consumed.
6. All of it is on the disk: commit the offsets, and every second write down in the store how far it has come, and
   where it would begin again.
7. As the ledger grows: make closings of it (``sinks.closing_maker``), in a thread of their own.
8. Between two writes, now and then: hold the stored rows to what the entries say, again.
9. On an error of the world: commit nothing, leave, wait, and begin again at 1. The outcome of a write that was cut off
   is unknown, and is asked about at 2. An engine in process that goes on finding its own data broken, or that memory
   has run out, ends the process: the next one opens the store anew, and 2 finds what lacks.
"""

import threading
import time
from typing import Final

import structlog
from confluent_kafka import KafkaException

from infra.settings import Settings
from infra.status import STARTING, WAITING
from ledger.errors import LedgerError, Misuse, Unavailable
from schemas.registry import resolve_ids
from sinks.block import RecordSchemas
from sinks.closing_maker import ClosingMaker
from sinks.faults import OutOfMemory, SpentEngine
from sinks.integrity import IntegrityCheck
from sinks.loader_health import LoaderHealth
from sinks.role import LIVE, LoaderRole
from sinks.session import LoaderSession, describe_outage
from sinks.store import Store
from sinks.topics import StoredTopics
from sinks.unloadable import count_unloadable
from sinks.writing import BlockWriter

RETRY_FIRST_SECONDS: Final = 0.1
RETRY_MOST_SECONDS: Final = 5.0
SPENT_SECONDS: Final = 20.0  # for which an engine in process may find its data broken, before its process ends
SPENT_LATELY_SECONDS: Final = 3.0  # the same, where this process has done its work: then the next one may again
_log = structlog.get_logger("sinks.loader")


class Loader:
    """Consumes both output topics until told to stop. ``health`` may be read from any thread."""

    def __init__(self, settings: Settings, store: Store, role: LoaderRole = LIVE) -> None:
        self._settings = settings
        self._role = role
        self._store = store
        ids = resolve_ids(settings)
        self._writers = RecordSchemas(ids)
        self._writing = BlockWriter(store, ids, self._writers)
        self._integrity = IntegrityCheck(store)
        self._closings = ClosingMaker(store)
        self._topics = StoredTopics(settings, store)
        self._spent_at: float | None = None
        self._did_work = False
        self.health = LoaderHealth()

    def run(self, stop: threading.Event) -> None:
        """Load until ``stop`` is set; waits out the world's faults.

        A store that belongs to other topics, or that cannot be filled from what is left of them, is left as it is; it
        goes on answering, and health says what is the matter.

        Raises:
            SpentEngine: an engine in process has found its data broken, or no memory, for so long: end, to be started
                again.
        """
        wait = RETRY_FIRST_SECONDS
        try:
            while not stop.is_set():
                before = self.health.stored
                self._role.report_status(WAITING if self.health.trouble else STARTING)
                try:
                    self._run_session(stop)
                except (Misuse, Unavailable, KafkaException) as error:
                    wait = RETRY_FIRST_SECONDS if self.health.stored > before else min(wait * 2, RETRY_MOST_SECONDS)
                    self._hold_engine(error, stored=self.health.stored > before)
                    self._note_waiting(error, wait)
                    stop.wait(wait)
        except LedgerError as error:
            self.health.trouble = str(error)
            raise
        finally:
            self._closings.close()
            self.health.state = "stopped"

    def _run_session(self, stop: threading.Event) -> None:
        """Run one membership of the group, from joining to stop or trouble."""
        self._topics.hold_topics()
        self.health.unloadable = count_unloadable(self._store)
        parts = self._writers, self._writing, self._integrity, self._topics, self._closings
        session = LoaderSession(self._settings, self._store, *parts, self.health, self._role)
        try:
            session.run(stop)
        finally:
            session.close()

    def _hold_engine(self, error: Exception, *, stored: bool) -> None:
        """Raise an engine's finding that it cannot go on, once it has been finding that for too long.

        Memory that was short for a while, and let something be ``stored`` in between, is waited for.
        """
        self._did_work |= self.health.state == "loading"
        recovers = stored and isinstance(error, OutOfMemory)
        if recovers or not (isinstance(error, SpentEngine) and self._store.embedded):
            self._spent_at = None
        elif self._spent_at is None:
            self._spent_at = time.monotonic()
        elif time.monotonic() - self._spent_at >= (SPENT_LATELY_SECONDS if self._did_work else SPENT_SECONDS):
            raise error

    def _note_waiting(self, error: LedgerError | KafkaException, seconds: float) -> None:
        text = describe_outage(error)
        if (self.health.state, self.health.trouble) != ("waiting", text):
            _log.warning("waiting", trouble=text, retry_seconds=round(seconds, 1))
        self.health.state, self.health.trouble = "waiting", text
