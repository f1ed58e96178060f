"""The topics as this worker first saw them: whoever judges or passes over records makes sure that they are still those.

A look is one metadata request. What was fetched before a look began is of the topics that it found.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path

from infra.kept_admin import KeptAdmin
from infra.settings import Settings
from infra.topic_admin import build_admin_client
from infra.topic_identity import (
    Standstill,
    TopicIdentity,
    describe_added_partitions,
    describe_other_topics,
    find_lows,
    find_other_topics,
    hold_identities,
    identify_topics,
)
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.errors import Unavailable
from streams.losses import explain_outputs_gone

TOPICS = (PUBLISHED, ENTRIES, REJECTED)


class TopicWatch:
    """Looks at the three topics; safe to use from several threads. What is another topic once stays so."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._known: dict[str, TopicIdentity] = {}
        self._looked_at = float("-inf")
        self._answering_since: float | None = None
        self._admin = KeptAdmin(lambda: build_admin_client(settings))

    def hold_topics(self, since: float) -> dict[str, str]:
        """Return the topics' ids, once a look that began at ``since`` (monotonic) or later found them as they were.

        Raises:
            Standstill: a topic was deleted or made again, or partitions were added: nothing may be judged any more.
            Unavailable: the broker did not answer.
        """
        with self._lock:
            if self._looked_at < since:
                began = time.monotonic()
                self._hold_found(self._identify_topics(began))
                self._looked_at = began
            return {name: one.topic_id for name, one in self._known.items()}

    def has_looked(self, since: float) -> bool:
        """Tell whether a look that began at ``since`` or later found the topics as they were."""
        return self._looked_at >= since

    def measure_answering(self) -> float:
        """Measure for how long every look has been answered; 0 where the last one was not."""
        since = self._answering_since
        return 0.0 if since is None else time.monotonic() - since

    def _identify_topics(self, began: float) -> dict[str, TopicIdentity]:
        try:
            found = self._admin.ask_broker(lambda client: identify_topics(client, TOPICS))
        except Unavailable:
            self._answering_since = None
            raise
        self._answering_since = began if self._answering_since is None else self._answering_since
        return found

    def _hold_found(self, found: dict[str, TopicIdentity]) -> None:
        missing = [name for name, one in found.items() if not one.topic_id]
        if missing:
            raise describe_other_topics(missing)
        if self._known:
            hold_identities(self._known, found)
        for name, one in found.items():
            if one.partitions != self._settings.partitions:
                raise describe_added_partitions(name, self._settings.partitions, one.partitions)
        self._known = self._known or found

    def find_deleted(self, partitions: Iterable[int]) -> list[Standstill]:
        """Find where records of the output topics are gone, from which books are rebuilt. Raises Unavailable."""
        places = [(topic, one) for one in partitions for topic in (ENTRIES, REJECTED)]
        lows = self._admin.ask_broker(lambda client: find_lows(client, places)) if places else {}
        return [
            explain_outputs_gone(topic, partition, low) for (topic, partition), low in sorted(lows.items()) if low > 0
        ]


def hold_snapshot(snapshot: Path, topics: Mapping[str, str]) -> None:
    """Refuse a snapshot of some of these topics: one of all is used, one of none is of a ledger that is gone.

    Raises:
        Standstill: a topic was made again beside others that were not.
    """
    remembered = _read_topics(snapshot)
    other = find_other_topics(remembered, topics)
    if other and len(other) < len(topics):
        raise describe_other_topics(other)


def _read_topics(snapshot: Path) -> dict[str, str]:
    """Read the topics that a snapshot says it is of; none where it says nothing that can be read."""
    with suppress(sqlite3.Error, ValueError, TypeError, LookupError):
        with closing(sqlite3.connect(f"{snapshot.absolute().as_uri()}?mode=ro", uri=True)) as store:
            row = store.execute("SELECT said FROM reached").fetchone()
        found = json.loads(row[0])[2]
        return found if isinstance(found, dict) else {}
    return {}
