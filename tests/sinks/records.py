"""Outputs of intake, written by hand: entries with their legs, and refusals, at named positions and instants."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from infra.topics import ENTRIES, REJECTED
from ledger.entries import WHOLE, Account, EntryPart, Leg, SourceRecord, ThreatAccount, ThreatLeg
from ledger.facts import DisruptionFact
from ledger.vocabulary import Code, Verdict
from methodology.posting import Posted
from queries.balance_queries import CountQuery
from queries.balances import answer_count
from queries.snapshot import Snapshot
from schemas.codec import Codec
from schemas.registry import pin_ids
from sinks.block import RecordSchemas, SourcePosition
from sinks.store import Store
from sinks.writing import BlockWriter, OutputRecord, UnloadableRecord
from tests.facts import make_disruption

START = datetime(2022, 7, 1, tzinfo=UTC)
EPOCH_DAY = datetime(1970, 1, 1, tzinfo=UTC).date()
CODEC = Codec(pin_ids())
BINARY = b"\x00\x01\xfe\xff"
HEADERS = (("ce_id", b"one"), ("nothing", None), ("binary", BINARY), ("ce_id", b"again"))


def tell_instant(minute: float) -> datetime:
    """The instant so many minutes after the start of the story."""
    return START + timedelta(minutes=minute)


def count_millis_of(minute: float) -> int:
    """The same, in milliseconds."""
    return round(tell_instant(minute).timestamp() * 1000)


def count_day(date: str) -> int:
    """A date as the ledger counts it."""
    return (datetime.fromisoformat(date).date() - EPOCH_DAY).days


def make_leg(sign: int, entered: int, disruption: str = "D1", on: str = "2022-01-10", **changed: Any) -> Leg:
    """A leg on a counted lead account of the Metropolitan Police, where not ``changed``."""
    account = Account("metropolitan", "LEAD", "PURSUE", "OCG", "DRUGS", "MAJOR", count_day(on), "COUNTED")
    return Leg(disruption, account._replace(**changed), sign, count_millis_of(entered))


def make_threat_leg(sign: int, entered: int, **changed: str | bool | int) -> ThreatLeg:
    """A leg on an account that rule 8 counts, where not ``changed``."""
    account = ThreatAccount("metropolitan", "OCG", "DRUGS", "TACTICAL", "MODERATED", True, 2, False)
    return ThreatLeg(account._replace(**changed), sign, count_millis_of(entered))  # type: ignore[arg-type]  # fields by name


def make_fact(offset: int, disruption: str, threat: str, version: int) -> DisruptionFact:
    """The least that an entry needs of its event."""
    return make_disruption(
        event_id=str(UUID(int=offset + 1)),
        disruption_id=disruption,
        version=version,
        threat_id=threat,
        source_sequence=offset,
        event_date=count_day("2022-01-10"),
        entered_at=count_millis_of(0),
    )


def make_source(partition: int, offset: int, learnt: float, previous: int | None = None) -> SourceRecord:
    """A published record, whose bytes are no text."""
    before = offset - 1 if previous is None else previous
    return SourceRecord(partition, offset, before, count_millis_of(learnt), b"T1", BINARY, HEADERS)


def make_entry(
    partition: int,
    offset: int,
    learnt: float,
    legs: Sequence[Leg] = (),
    threat_legs: Sequence[ThreatLeg] = (),
    *,
    previous: int | None = None,
    disruption: str = "D1",
    threat: str = "T1",
    version: int = 1,
    verdict: Verdict = Verdict.ADMITTED,
    part: EntryPart = WHOLE,
) -> bytes:
    """The value of an entry in ``soc.entries``."""
    posted = Posted(verdict, tuple(legs), tuple(threat_legs))
    return CODEC.encode_entry(
        make_source(partition, offset, learnt, previous),
        make_fact(offset, disruption, threat, version),
        posted,
        part=part,
    )


def make_rejection(
    partition: int,
    offset: int,
    learnt: float,
    code: Code = Code.KEY_MISMATCH,
    *,
    previous: int | None = None,
    known: DisruptionFact | None = None,
) -> bytes:
    """The value of a refusal in ``soc.rejected``."""
    return CODEC.encode_rejection(
        make_source(partition, offset, learnt, previous), code, "Key it by its threat.", known
    )


class Writer:
    """Writes values into a store, as the loader does; their offsets in the output topic are counted here."""

    def __init__(self, store: Store) -> None:
        ids = pin_ids()
        self._writers = RecordSchemas(ids)
        self._writing = BlockWriter(store, ids, self._writers)
        self._next = 0

    def write_entries(self, *values: bytes) -> list[UnloadableRecord]:
        """One block of entries."""
        return self._writing.write_records([self._record(ENTRIES, value) for value in values], [])

    def write_rejections(self, *values: bytes) -> list[UnloadableRecord]:
        """One block of refusals."""
        return self._writing.write_records([self._record(REJECTED, value) for value in values], [])

    def write_unchecked(self, values: Iterable[tuple[int, bytes]]) -> list[UnloadableRecord]:
        """One block of entries whose source offsets are said, not read."""
        records = [
            OutputRecord(ENTRIES, 0, self._count_offset(), SourcePosition(offset), read_schema_id(value), value)
            for offset, value in values
        ]
        return self._writing.write_records(records, [])

    def _record(self, topic: str, value: bytes) -> OutputRecord:
        partition = CODEC.decode_entry(value).source.partition if topic == ENTRIES else _find_rejected(value)
        schema_id, position = self._writers.read_position(topic, partition, value)
        return OutputRecord(topic, partition, self._count_offset(), position, schema_id, value)

    def _count_offset(self) -> int:
        self._next += 1
        return self._next - 1


def _find_rejected(value: bytes) -> int:
    return CODEC.decode_rejection(value).source.partition


def read_schema_id(value: bytes) -> int:
    """The schema id that a value is framed with."""
    return int.from_bytes(value[1:5], "big")


def count_rows(store: Store, table: str) -> int:
    """Rows as readers see them."""
    found: int = store.query(f"SELECT count() AS n FROM {table} FINAL")[0]["n"]  # noqa: S608  (a table's name)
    return found


def count_lead(found: Snapshot) -> int:
    """The lead disruptions of a moment."""
    return sum(int(row["n"]) for row in answer_count(found, CountQuery()).rows)
