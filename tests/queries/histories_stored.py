"""Histories that the real engine is asked of: folded by the methodology, stored by the loader's own writer."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from infra.settings import load_settings
from ledger.entries import SourceRecord
from ledger.facts import Fact
from methodology.book import Book
from methodology.posting import Posted, post_event
from queries.snapshot import Snapshot, take_snapshot
from sinks.store import Store
from tests.sinks.broker import Broker
from tests.sinks.records import CODEC, Writer
from tests.stores import open_migrated

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rename_apart(number: int, arrivals: list[tuple[Fact, int]]) -> list[tuple[Fact, int]]:
    """Give a history's threats and events names of its own."""
    named = []
    for fact, learnt in arrivals:
        own = {"threat_id": f"H{number}-{fact.threat_id}", "event_id": str(UUID(int=number << 32 | len(named)))}
        named.append((msgspec.structs.replace(fact, **own), learnt))
    return named


def make_instant(millis: int) -> datetime:
    """An instant of the fold."""
    return EPOCH + timedelta(milliseconds=millis)


class StoredHistory:
    """A store, and the books behind what is in it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._writer = Writer(store)
        self._books: dict[tuple[int, str], Book] = {}
        self._ends: dict[int, int] = {}

    def hear_events(self, *histories: Iterable[tuple[Fact, int]]) -> None:
        """Admit events, each learnt at its instant; each history in a partition of its own, all as one block."""
        values = [self._write(*one, number) for number, arrivals in enumerate(histories) for one in arrivals]
        self._writer.write_entries(*values)

    def take_snapshot(self) -> Snapshot:
        """All that was told."""
        return take_snapshot(self.store, Broker(dict(self._ends)))

    def clear(self) -> None:
        """Forget all of it."""
        for table in ("entries", "postings", "threat_postings"):
            self.store.query(f"TRUNCATE TABLE {table}")
        self.store.forget_coverage()
        self._books, self._ends = {}, {}

    def _write(self, fact: Fact, learnt: int, partition: int) -> bytes:
        book = self._books.setdefault((partition, fact.threat_id), Book(fact.threat_id))
        posted = post_event(book, fact, learnt)
        assert isinstance(posted, Posted), posted
        offset = self._ends.get(partition, 0)
        self._ends[partition] = offset + 1
        source = SourceRecord(partition, offset, offset - 1, learnt, fact.threat_id.encode(), b"", ())
        return CODEC.encode_entry(source, fact, posted)


@contextmanager
def open_history(directory: Path) -> Iterator[StoredHistory]:
    """An empty one, over the engine in process."""
    with open_migrated(load_settings(directory).model_copy(update={"clickhouse_dsn": None})) as store:
        yield StoredHistory(store)
