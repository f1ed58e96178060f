"""What lies in ``soc.published`` past what is stored, and whether any of it is, or may become, a record.

The order of asking, for all partitions at once:

1. the high watermark: whatever had been appended before lies below it;
2. the last stable offset: once it has reached that, all below is decided (no transaction is open there);
3. the records from the stored position to the last stable offset (``queries.waiting``).
"""

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final, NamedTuple

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from infra.kept_admin import KeptAdmin
from infra.settings import Settings
from infra.topic_admin import build_admin_client
from infra.topic_identity import find_highs, find_stable_ends
from infra.topics import PUBLISHED
from ledger.errors import Unavailable
from ledger.facts import Millis
from queries.broker_presence import BrokerPresence
from queries.waiting import CALL_TIMEOUT_SECONDS, RecordSearch
from sinks.store import Store
from sinks.topics import StoredTopics

PATIENCE_SECONDS: Final = 1.0  # for whoever else is asking, and for a broker that did not answer before


class Tail(NamedTuple):
    """One partition past the position that was asked about.

    Attributes:
        stable: the last stable offset; what lies from here on is not decided, and not published yet.
        high: the high watermark; greater than ``stable`` while a transaction is open.
        waiting: whether a record lies from the position to ``stable``, or lay there and was deleted unjudged.
        since: when the first of them was appended; None where it could not be seen.
    """

    stable: int
    high: int
    waiting: bool
    since: Millis | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing that had been appended past the position is, or can become, a record."""
        return self.stable >= self.high and not self.waiting


def do_nothing() -> None:
    """Hold no identity: whoever asks has no store."""


class Published:
    """Asks the broker; connects when first asked. Safe to use from several threads.

    Args:
        settings: where the broker is.
        hold_answer: raises Unavailable where the topic is not the one that is asked about.

    Attributes:
        margin: how far clocks may differ, and how long a record that was appended may wait to be seen.
    """

    def __init__(self, settings: Settings, hold_answer: Callable[[], None] = do_nothing) -> None:
        self.margin = timedelta(seconds=settings.completeness_margin_seconds)
        self._hold_answer = hold_answer
        self._lock = threading.Lock()
        self._admin = KeptAdmin(lambda: build_admin_client(settings))
        self._search = RecordSearch(settings)
        self._presence = BrokerPresence()

    def find_tails(self, positions: Mapping[int, int]) -> dict[int, Tail]:
        """Find what lies past these positions (0 where none is given), for every partition.

        A broker that did not answer keeps nobody waiting: it is asked every two seconds, shortly, by whoever comes.

        Raises:
            Unavailable: the broker does not answer, or did not a moment ago, or somebody else still waits for it.
        """
        self._presence.hold_presence()
        if not self._lock.acquire(timeout=self._choose_patience()):
            raise Unavailable("the broker cannot be asked: it has not answered somebody else yet")
        try:
            self._presence.hold_presence()  # it may have been found away meanwhile
            return self._ask_or_note(positions)
        finally:
            self._lock.release()

    def has_own_time(self, number: int, offset: int) -> bool:
        """Tell whether a record has its time from its broker, and not from whoever wrote it. Raises Unavailable."""
        self._presence.hold_presence()
        with self._lock:
            return self._search.has_own_time(number, offset)

    def _ask_or_note(self, positions: Mapping[int, int]) -> dict[int, Tail]:
        """Ask, and note for whoever comes next whether that was answered. Raises Unavailable."""
        try:
            found = self._admin.ask_broker(lambda client: self._ask_tails(client, positions))
        except (KafkaException, Unavailable) as error:
            client = isinstance(error, KafkaException)
            why = f"the broker did not answer: {error.args[0].str()}" if client else str(error)
            self._presence.note_absence(why)
            self._search.forget_consumer()
            raise Unavailable(why) from error
        self._presence.note_answer()
        return found

    def _choose_patience(self) -> float:
        return CALL_TIMEOUT_SECONDS if self._presence.has_answered else PATIENCE_SECONDS

    def _ask_tails(self, client: AdminClient, positions: Mapping[int, int]) -> dict[int, Tail]:
        numbers = list_partitions(client, self._choose_patience())
        places = [(PUBLISHED, number) for number in numbers]
        high = {n: end for (_, n), end in find_highs(client, places, CALL_TIMEOUT_SECONDS).items()}
        stable = {n: end for (_, n), end in find_stable_ends(client, places, CALL_TIMEOUT_SECONDS).items()}
        begun = {number: positions.get(number, 0) for number in numbers}
        waiting = self._search.find_waiting(begun, stable)
        self._hold_answer()  # after the offsets were asked for: an identity that is gone does not come back
        since = {number: self._search.find_appended(number) for number in waiting}
        return {n: Tail(stable[n], high[n], n in waiting, since.get(n)) for n in numbers}

    def close(self) -> None:
        """Leave the broker."""
        with self._lock:
            self._search.close()
            self._admin.leave_broker()


def open_published(settings: Settings, store: Store) -> Published:
    """Open what is published beside a store: no answer from topics that are not those whose records it holds."""
    return Published(settings, StoredTopics(settings, store).hold_answer)


def find_ends(tails: Mapping[int, Tail], positions: Mapping[int, int]) -> dict[int, int]:
    """Find by partition where what is published ends: at ``positions`` where no record follows, whatever markers do."""
    return {number: tail.stable if tail.waiting else positions.get(number, 0) for number, tail in tails.items()}


def list_partitions(client: AdminClient, seconds: float = CALL_TIMEOUT_SECONDS) -> list[int]:
    """List the numbers of the partitions of ``soc.published``. Raises Unavailable, KafkaException."""
    found = client.list_topics(PUBLISHED, timeout=seconds).topics[PUBLISHED]
    if found.error is not None:
        raise Unavailable(f"the broker does not have {PUBLISHED}")
    return sorted(found.partitions)
