"""What each published event says of its feed: whose it is, its number in that sequence, and what became of it.

The number lies in the original bytes alone, so it is read out of what is stored, after it was stored, partition by
partition and never past a frontier: history included, and again from the beginning where the table was emptied
(docs/decisions/0021). Every position has one row, also one that could not be read: the last one says how far it went.
Most events are of one kind and one schema, and were admitted, so they read: these are read in columns.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from ledger.bounds import REFERENCE_CHARACTERS_MAX
from ledger.errors import Rejected
from ledger.facts import Day, DisruptionFact, Fact, Millis
from ledger.instants import EARLIEST, LATEST, MILLIS_PER_DAY, count_days
from ledger.organisations import find_organisation
from schemas.codec import Codec, UnrecognisedValue
from schemas.definitions import DISRUPTION, read_plain
from schemas.wire import SCHEMA_HEADER
from sinks.feed_columns import ColumnReader, UnreadableColumns
from sinks.position_span import PositionSpan, select_spans
from sinks.positions import find_frontiers
from sinks.store import Store

PAGE_EVENTS: Final = 10_000  # a page of 2,000 costs a third more for each event, one of 40,000 no less
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
USUAL_FIELDS: Final = (
    *("event_id", "disruption_id", "version", "threat_id", "recorded_by", "source_sequence"),
    *("activity_ref", "event_date", "entered_at"),
)
_FIRST, _LAST = count_days(EARLIEST), count_days(LATEST)

_SOURCE: Final = """
SELECT partition, offset, toUnixTimestamp64Milli(ledger_time) AS learnt, verdict, '' AS code,
    base64Encode(value) AS value, {schema} AS schema
FROM entries WHERE part = 0 AND ({where})
UNION ALL
SELECT partition, offset, toUnixTimestamp64Milli(ledger_time) AS learnt, 'REFUSED' AS verdict, code,
    base64Encode(ifNull(value, '')) AS value, {schema} AS schema
FROM rejected WHERE {where}
"""
# Of the headers, the one that may name the schema which wrote the value, where it is there (schemas.wire).
_SCHEMA: Final = f"""
base64Encode(arrayFirst((value, name) -> name = '{SCHEMA_HEADER}' AND value IS NOT NULL, header_values, header_names))
"""
_PAGE: Final = "SELECT * FROM ({source}) ORDER BY partition, offset LIMIT 1 BY partition, offset"
_DONE: Final = "SELECT partition, max(offset) + 1 AS next FROM feed_events GROUP BY partition"


class StoredEvent(msgspec.Struct, frozen=True, gc=False):
    """What is stored of one position: the bytes of the original, what became of it, and the header that names its
    schema, where one does.
    """

    partition: int
    offset: int
    learnt: Millis
    verdict: str
    code: str
    value: bytes
    schema: bytes | None = None


_PAGE_READER: Final = msgspec.json.Decoder(StoredEvent, strict=False)  # an engine may write long numbers as texts


class FeedEventWriter:
    """Follows one store. Used by one thread."""

    def __init__(self, store: Store, codec: Codec) -> None:
        self._store = store
        self._codec = codec
        self._columns = ColumnReader(read_plain(DISRUPTION), USUAL_FIELDS)
        self._done: dict[int, int] | None = None
        self._writes: int | None = None

    def follow_store(self) -> int:
        """Write the events of the next positions, at most a page of them; how many positions.

        Raises:
            Unavailable: nothing is lost by it.
        """
        writes = self._store.writes  # before the frontiers: a write meanwhile is seen next time
        if writes is not None and writes == self._writes:
            return 0
        if self._done is None:
            self._done = {row["partition"]: row["next"] for row in self._store.query(_DONE)}
        ends = {number: one.position for number, one in find_frontiers(self._store).items()}
        spans = choose_spans(self._done, ends, PAGE_EVENTS)
        if spans:
            self._follow_spans(spans)
            self._done |= {one.partition: one.end for one in spans}
        followed = sum(one.end - one.start for one in spans)
        if followed < PAGE_EVENTS:
            self._writes = writes
        return followed

    def _follow_spans(self, spans: Sequence[PositionSpan]) -> None:
        found = self._read_page(spans)
        if found:
            self._store.insert_columns("feed_events", COLUMNS, self.read_events(found))

    def read_events(self, found: Sequence[StoredEvent]) -> list[Sequence[Any]]:
        """Read the columns of ``feed_events`` of stored positions, in any order. Raises Unavailable: as below."""
        prefix = self._codec.find_prefix(DISRUPTION)
        usual = [one for one in found if one.verdict != REFUSED and one.schema is None and one.value.startswith(prefix)]
        columns: list[Sequence[Any]] = [()] * len(COLUMNS)
        try:
            columns = self._read_usual(usual, len(prefix)) if usual else columns
        except UnreadableColumns:
            usual = []
        if len(usual) == len(found):
            return columns
        known = {(one.partition, one.offset) for one in usual}
        rows = [self.read_event(one) for one in found if (one.partition, one.offset) not in known]
        return [[*column, *others] for column, others in zip(columns, zip(*rows, strict=True), strict=True)]

    def _read_usual(self, usual: Sequence[StoredEvent], skipped: int) -> list[Sequence[Any]]:
        """Read disruptions that the current schema wrote, in columns. Raises UnreadableColumns."""
        said = self._columns.read_columns([one.value for one in usual], skipped)
        recorders = {one: one if find_organisation(one) else "" for one in set(said["recorded_by"])}
        days, instants = said["event_date"], said["entered_at"]
        is_held = (days >= _FIRST) & (days <= _LAST)
        is_held_at = (instants // MILLIS_PER_DAY >= _FIRST) & (instants // MILLIS_PER_DAY <= _LAST)
        return [
            [one.partition for one in usual],
            [one.offset for one in usual],
            [recorders[one] for one in said["recorded_by"]],
            said["source_sequence"].tolist(),
            [one.learnt for one in usual],
            [one.verdict for one in usual],
            [one.code for one in usual],
            [DisruptionFact.record] * len(usual),
            *([_cut_reference(one) for one in said[name]] for name in ("event_id", "threat_id", "disruption_id")),
            said["version"].tolist(),
            _keep_held(days, is_held),
            _keep_held(instants, is_held_at),
            [bool(one) for one in said["activity_ref"]],
        ]

    def read_event(self, stored: StoredEvent) -> list[Any]:
        """Read the row of ``feed_events`` of one stored position: dates and instants as days and milliseconds, which
        is how they are stored. Raises Unavailable: the registry is away.
        """
        place, learnt, became = (stored.partition, stored.offset), stored.learnt, (stored.verdict, stored.code)
        fact = self._read_fact(stored)
        if fact is None:
            return [*place, "", UNREAD, learnt, *became, "", "", "", "", 0, None, None, False]
        organisation = fact.recorder if find_organisation(fact.recorder) else ""
        known = [organisation, fact.source_sequence, learnt, *became]
        names = [_cut_reference(one) for one in (fact.event_id, fact.threat_id, fact.disruption_id)]
        return [*place, *known, fact.record, *names, fact.version, *_read_times(fact), _has_activity(fact)]

    def _read_fact(self, stored: StoredEvent) -> Fact | None:
        headers = () if stored.schema is None else ((SCHEMA_HEADER, stored.schema),)
        try:
            return self._codec.decode(stored.value, headers)
        except UnrecognisedValue as understood:
            return understood.fact
        except Rejected:
            return None

    def _read_page(self, spans: Sequence[PositionSpan]) -> list[StoredEvent]:
        """Read what is stored there, in its order."""
        source = _SOURCE.replace("{where}", select_spans(spans)).replace("{schema}", _SCHEMA)
        return _PAGE_READER.decode_lines(self._store.read_ndjson(_PAGE.replace("{source}", source)))


def choose_spans(done: Mapping[int, int], ends: Mapping[int, int], most: int) -> list[PositionSpan]:
    """Choose the next positions, at most so many: the engine reads no row that is not to be followed now."""
    spans: list[PositionSpan] = []
    for partition, end in sorted(ends.items()):
        start = done.get(partition, 0)
        last = min(end, start + most)
        if last > start:
            spans.append(PositionSpan(partition, start, last))
            most -= last - start
    return spans


def _keep_held(numbers: Any, is_held: Any) -> list[int | None]:
    """List numbers, and nothing where the tables cannot hold one."""
    listed: list[int | None] = numbers.tolist()
    return listed if is_held.all() else [one if held else None for one, held in zip(listed, is_held, strict=True)]


def _read_times(fact: Fact) -> tuple[Day | None, Millis | None]:
    """Read event date and entry time, where the tables can hold them."""
    day = fact.event_date if isinstance(fact, DisruptionFact) else fact.assessed_on
    entered_at = fact.entered_at
    is_held = _FIRST <= entered_at // MILLIS_PER_DAY <= _LAST
    return day if _FIRST <= day <= _LAST else None, entered_at if is_held else None


def _has_activity(fact: Fact) -> bool:
    return isinstance(fact, DisruptionFact) and bool(fact.activity_ref)


def _cut_reference(text: str | None) -> str:
    """Leave out what is no reference: a rejected event may be as long as a record."""
    return text if text and len(text) <= REFERENCE_CHARACTERS_MAX else ""
