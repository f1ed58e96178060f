"""What each published event says of its feed: whose it is, its number in that sequence, and what became of it.

The number lies in the original bytes alone, so it is read out of what is stored, after it was stored, partition by
partition and never past a frontier: history included, and again from the beginning where the table was emptied
(docs/decisions/0021). Every position has one row, also one that could not be read: the last one says how far it went.
"""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

import msgspec

from ledger.bounds import REFERENCE_CHARACTERS_MAX
from ledger.errors import Rejected
from ledger.facts import DisruptionFact, Fact
from ledger.instants import EARLIEST, LATEST, count_days, make_date, make_instant
from ledger.organisations import find_organisation
from schemas.codec import Codec, UnrecognisedValue
from sinks.positions import find_frontiers
from sinks.store import Row, Store

PAGE_EVENTS: Final = 2_000
REFUSED: Final = "REFUSED"
UNREAD: Final = -1
COLUMNS: Final = [
    "partition",
    "offset",
    "organisation",
    "source_sequence",
    "ledger_time",
    "verdict",
    "code",
    "record",
    "event_id",
    "threat_id",
    "disruption_id",
    "version",
    "event_date",
    "entered_at",
    "has_activity",
]
_FIRST, _LAST = count_days(EARLIEST), count_days(LATEST)

_SOURCE: Final = """
SELECT partition, offset, toUnixTimestamp64Milli(ledger_time) AS learnt, verdict, '' AS code,
    base64Encode(value) AS value, header_names,
    arrayMap(one -> base64Encode(ifNull(one, '')), header_values) AS header_values
FROM entries WHERE part = 0 AND ({where})
UNION ALL
SELECT partition, offset, toUnixTimestamp64Milli(ledger_time) AS learnt, 'REFUSED' AS verdict, code,
    base64Encode(ifNull(value, '')) AS value, header_names,
    arrayMap(one -> base64Encode(ifNull(one, '')), header_values) AS header_values
FROM rejected WHERE {where}
"""
_PAGE: Final = "SELECT * FROM ({source}) ORDER BY partition, offset LIMIT 1 BY partition, offset LIMIT {most}"
_DONE: Final = "SELECT partition, max(offset) + 1 AS next FROM feed_events GROUP BY partition"


class FeedEventWriter:
    """Follows one store. Used by one thread."""

    def __init__(self, store: Store, codec: Codec, page: int = PAGE_EVENTS) -> None:
        self._store = store
        self._page = page
        self._codec = codec
        self._done: dict[int, int] | None = None
        self._writes: int | None = None

    def follow_store(self) -> int:
        """Write the next events, at most a page; how many. Raises Unavailable: nothing is lost by it."""
        writes = self._store.writes  # before the frontiers: a write meanwhile is seen next time
        if writes is not None and writes == self._writes:
            return 0
        if self._done is None:
            self._done = {row["partition"]: row["next"] for row in self._store.query(_DONE)}
        ends = {number: one.position for number, one in find_frontiers(self._store).items()}
        found = self._follow_to({number: end for number, end in ends.items() if self._done.get(number, 0) < end})
        if len(found) < self._page:
            self._writes = writes
        return len(found)

    def _follow_to(self, behind: Mapping[int, int]) -> list[Row]:
        """Write the next events of the partitions that reach further than was read; by partition, how far they do."""
        found = self._read_page(behind) if behind else []
        if found:
            self._store.insert_aside("feed_events", COLUMNS, [self.read_event(row) for row in found])
        self._note_done(found, behind)
        return found

    def read_event(self, row: Row) -> list[Any]:
        """Read the row of ``feed_events`` of one stored position. Raises Unavailable: the registry is away."""
        place = [row["partition"], row["offset"]]
        learnt = make_instant(int(row["learnt"]))
        fact = self._read_fact(row)
        if fact is None:
            return [*place, "", UNREAD, learnt, row["verdict"], row["code"], "", "", "", "", 0, None, None, False]
        organisation = fact.recorder if find_organisation(fact.recorder) else ""
        known = [organisation, fact.source_sequence, learnt, row["verdict"], row["code"]]
        names = [_cut_reference(one) for one in (fact.event_id, fact.threat_id, fact.disruption_id)]
        return [*place, *known, fact.record, *names, fact.version, *_read_times(fact), _has_activity(fact)]

    def _read_fact(self, row: Row) -> Fact | None:
        value = b64decode(row["value"])
        names, values = row["header_names"], map(b64decode, row["header_values"])
        try:
            return self._codec.decode(value, tuple(zip(names, values, strict=True)))
        except UnrecognisedValue as understood:
            return understood.fact
        except Rejected:
            return None

    def _read_page(self, behind: Mapping[int, int]) -> list[Row]:
        """Read the next stored positions in their order (numbers of our own; the primary key finds them)."""
        assert self._done is not None  # noqa: S101  (for the type checker: it was read)
        arms = [
            f"(partition = {int(number)} AND offset >= {int(self._done.get(number, 0))} AND offset < {int(end)})"
            for number, end in behind.items()
        ]
        source = _SOURCE.replace("{where}", " OR ".join(arms))
        page = self._store.read_ndjson(_PAGE.replace("{source}", source).replace("{most}", str(self._page)))
        return [msgspec.json.decode(line) for line in page.splitlines()]

    def _note_done(self, found: Iterable[Row], behind: Mapping[int, int]) -> None:
        rows = list(found)
        whole = len(rows) < self._page
        reached = dict(behind) if whole else {row["partition"]: int(row["offset"]) + 1 for row in rows}
        assert self._done is not None  # noqa: S101  (for the type checker: it was read)
        self._done |= reached


def _read_times(fact: Fact) -> tuple[date | None, datetime | None]:
    """Read event date and entry time, where the tables can hold them."""
    day = fact.event_date if isinstance(fact, DisruptionFact) else fact.assessed_on
    try:
        entered = make_instant(fact.entered_at)
    except OverflowError:
        entered = None
    held = entered if entered is not None and EARLIEST <= entered.date() <= LATEST else None
    return make_date(day) if _FIRST <= day <= _LAST else None, held


def _has_activity(fact: Fact) -> bool:
    return isinstance(fact, DisruptionFact) and bool(fact.activity_ref)


def _cut_reference(text: str | None) -> str:
    """Leave out what is no reference: a refused event may be as long as a record."""
    return text if text and len(text) <= REFERENCE_CHARACTERS_MAX else ""
