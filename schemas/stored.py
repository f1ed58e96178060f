"""Entries and rejections as they lie in ``soc.entries`` and ``soc.rejected``: plain values to and from Avro records."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ledger.entries import WHOLE, Account, EntryPart, JudgedBy, Leg, SourceRecord, ThreatAccount, ThreatLeg
from ledger.facts import Millis
from ledger.originals import UNREAD, Original
from schemas.event_fields import EventNames
from schemas.upcast import Record


class PostedEvent(Protocol):
    """What the codec takes of ``methodology.posting.Posted``."""

    @property
    def verdict(self) -> str:
        """ADMITTED or DUPLICATE."""
        ...

    @property
    def legs(self) -> Sequence[Leg]:
        """Postings of disruptions."""
        ...

    @property
    def threat_legs(self) -> Sequence[ThreatLeg]:
        """Postings of the threat."""
        ...


class StoredEntry(NamedTuple):
    """One record of ``soc.entries``."""

    source: SourceRecord
    verdict: str
    record: str
    event_id: str
    threat_id: str
    disruption_id: str | None
    version: int
    organisation: str
    entered_at: Millis
    legs: tuple[Leg, ...]
    threat_legs: tuple[ThreatLeg, ...]
    judged: JudgedBy
    part: EntryPart = WHOLE

    @property
    def recorder(self) -> str:
        """Whose it is, as a fact names it."""
        return self.organisation


class StoredRejection(NamedTuple):
    """One record of ``soc.rejected``."""

    source: SourceRecord
    code: str
    message: str
    event_id: str | None
    threat_id: str | None
    disruption_id: str | None
    judged: JudgedBy
    original_size: int | None = None
    original_digest: str | None = None


StoredOutput = StoredEntry | StoredRejection


def read_entry(record: Record) -> StoredEntry:
    """Read the entry in an Entry record."""
    return StoredEntry(
        source=read_source(record),
        verdict=record["verdict"],
        record=record["record"],
        event_id=record["event_id"],
        threat_id=record["threat_id"],
        disruption_id=record["disruption_id"],
        version=record["version"],
        organisation=record["organisation"],
        entered_at=record["entered_at"],
        legs=read_legs(record),
        threat_legs=tuple([_read_threat_leg(leg) for leg in record["threat_legs"]]),
        judged=read_judged(record),
        part=EntryPart(record["part"], record["parts"], record["first_leg"]),
    )


def read_legs(record: Record) -> tuple[Leg, ...]:
    """Read the postings of disruptions in an Entry record."""
    return tuple([_read_leg(leg) for leg in record["legs"]])


def _read_leg(leg: Record) -> Leg:
    account = Account(
        leg["organisation"],
        leg["type"],
        leg["pillar"],
        leg["kind"],
        leg["crime_type"],
        leg["category"],
        leg["event_date"],
        leg["standing"],
    )
    return Leg(leg["disruption_id"], account, leg["sign"], leg["entered_at"])


def _read_threat_leg(leg: Record) -> ThreatLeg:
    account = ThreatAccount(*[leg[name] for name in ThreatAccount._fields])
    return ThreatLeg(account, leg["sign"], leg["entered_at"])


def read_judged(record: Record) -> JudgedBy:
    """Read by what an output was judged."""
    return JudgedBy(*[record[name] for name in JudgedBy._fields])


def make_rejection_record(  # noqa: PLR0913, PLR0917 - a record's fields
    source: SourceRecord,
    code: str,
    message: str,
    fact: EventNames | None,
    judged: JudgedBy,
    original: Original | None = None,
) -> Record:
    """Make the Rejection record of a rejected event.

    Args:
        source: the published record; without its bytes where ``original`` stands for them.
        code: why it was rejected.
        message: what to do about it.
        fact: what could be read of the event.
        judged: by what it was judged.
        original: size and digest of an original that is not carried.
    """
    size, digest = original or UNREAD
    return {
        "code": code,
        "partition": source.partition,
        "offset": source.offset,
        "previous_offset": source.previous_offset,
        "ledger_time": source.ledger_time,
        "message": message,
        "event_id": fact.event_id if fact else None,
        "threat_id": fact.threat_id if fact else None,
        "disruption_id": fact.disruption_id if fact else None,
        "key": source.key,
        "value": source.value,
        "header_names": [name for name, _ in source.headers],
        "header_values": [found for _, found in source.headers],
        **judged._asdict(),
        "original_size": size,
        "original_digest": digest,
    }


def read_rejection(record: Record) -> StoredRejection:
    """Read the rejection in a Rejection record."""
    return StoredRejection(
        read_source(record),
        record["code"],
        record["message"],
        record["event_id"],
        record["threat_id"],
        record["disruption_id"],
        read_judged(record),
        record["original_size"],
        record["original_digest"],
    )


def read_source(record: Record) -> SourceRecord:
    """Read the published record that an output covers."""
    return SourceRecord(
        record["partition"],
        record["offset"],
        record["previous_offset"],
        record["ledger_time"],
        record["key"],
        record["value"],
        tuple(zip(record["header_names"], record["header_values"], strict=True)),
    )
