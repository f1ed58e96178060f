"""Streams of live movement as their readers see them, and writes that make them move."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sinks.store import Store
from tests.dashboard.conftest import ENTRY, POSTING, Known, make_event_id, make_instant, write_rows


class Message(NamedTuple):
    """One message of a stream."""

    event: str
    id: str | None
    data: dict[str, Any]


def read_messages(lines: Iterable[str]) -> Iterator[Message]:
    """The messages of a stream, read as the standard says; what has no data is none."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        if "data" in fields:
            yield Message(fields["event"], fields.get("id"), json.loads(fields["data"]))
        fields = {}


def read_changes(lines: Iterable[str]) -> Iterator[Message]:
    """The same without heartbeats."""
    return (message for message in read_messages(lines) if message.event != "heartbeat")


class Feed:
    """Writes disruptions as a loader does, postings before entries, and says that they were published."""

    def __init__(self, store: Store, published: Known) -> None:
        self._store = store
        self._published = published
        self.offset = 4  # of partition 0

    def count_one(self, organisation: str, type: str = "LEAD", sign: int = 1) -> None:
        """One disruption of that organisation begins to count, or no longer does."""
        offset, identity = self.offset, (make_event_id(100 + self.offset), "T-1", f"N-{self.offset}")
        account = (
            organisation,
            type,
            "PURSUE",
            "OCG",
            "DRUGS",
            "MAJOR",
            make_instant(1).date(),
            "COUNTED",
            sign,
            make_instant(7),
        )
        place = (0, offset, offset - 1, make_instant(7, 13))
        write_rows(self._store, "postings", POSTING, [(0, offset, 0, make_instant(7, 13), *identity, *account)])
        entry = (
            *place,
            "ADMITTED",
            "DisruptionEvent",
            *identity,
            1,
            organisation,
            make_instant(7),
            b"",
            b"",
            [],
            [],
            1,
            0,
        )
        write_rows(self._store, "entries", ENTRY, [entry])
        self.offset = self._published.ends[0] = offset + 1
