"""Records and facts for the tests of streams, built without a broker."""

from typing import Any, NamedTuple

from ledger.facts import DisruptionFact, Fact, ThreatFact
from methodology.book import Book
from schemas.codec import Codec
from schemas.registry import pin_ids
from tests.facts import DAY_MILLIS, make_disruption, make_threat

CODEC = Codec(pin_ids())
DAY = DAY_MILLIS
MONDAY = 19_000  # 8 January 2022


class Record(NamedTuple):
    """What intake reads of aiokafka's ConsumerRecord."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


def state_threat(number: int = 1, threat_id: str = "T1", **changes: Any) -> ThreatFact:
    """An assessment, legal as version 1."""
    fields = {
        "event_id": f"00000000-0000-4000-8000-1{number:011d}",
        "threat_id": threat_id,
        "source_sequence": number,
        "assessed_on": MONDAY,
        "entered_at": MONDAY * DAY,
    }
    return make_threat(**fields | changes)


def state_disruption(number: int, threat_id: str = "T1", **changes: Any) -> DisruptionFact:
    """A recorded lead disruption, legal by itself."""
    fields = {
        "event_id": f"00000000-0000-4000-8000-{number:012d}",
        "disruption_id": f"D{number}",
        "threat_id": threat_id,
        "source_sequence": number,
        "event_date": MONDAY,
        "entered_at": MONDAY * DAY + number,
    }
    return make_disruption(**fields | changes)


def make_record(offset: int, fact: Fact, timestamp: int = (MONDAY + 1) * DAY, key: bytes | None = None) -> Record:
    """The fact as published, keyed by its threat unless said otherwise."""
    return Record(offset, timestamp, fact.threat_id.encode() if key is None else key, CODEC.encode_fact(fact))


class PlainShelf:
    """Books in memory alone."""

    def __init__(self) -> None:
        self.live: dict[str, Book] = {}
        self.touched: set[str] = set()

    def fetch_book(self, threat_id: str) -> Book:
        """Make a new book."""
        return self.live.setdefault(threat_id, Book(threat_id))
