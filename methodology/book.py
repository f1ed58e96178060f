"""A book: all that is admitted about one threat, kept as small as the rules allow.

Versions and assessments are kept in version order, which is also the order of their entry times (admission sees to it).
So what is known at an instant is always a first part of each tuple.
"""

from bisect import bisect_left
from functools import lru_cache
from typing import NamedTuple

import msgspec

from ledger.entries import ThreatAccount
from ledger.facts import Day, DisruptionFact, Millis, ThreatFact
from ledger.identity import DIGEST_BYTES

FORMAT = 1


class Record(NamedTuple):
    """What few disruptions differ in: one object is shared by all versions that say the same."""

    change: str
    organisation: str
    type: str
    pillar: str
    category: str


class Version(NamedTuple):
    """One version of a disruption, as far as counting looks at it."""

    entered_at: Millis
    event_date: Day
    record: Record
    activity_ref: str | None


class Assessment(NamedTuple):
    """One version of the threat's assessment."""

    entered_at: Millis
    assessed_on: Day
    account: ThreatAccount


# More than all that organisations, types, pillars, categories and changes, or a threat's fields, combine to in use.
shared = lru_cache(maxsize=16_384)(Record)
shared_account = lru_cache(maxsize=16_384)(ThreatAccount)
shared_day = lru_cache(maxsize=16_384)(int)


class Book:
    """Mutable accumulator of one threat; exactly one fold owns it."""

    __slots__ = ("activities", "assessments", "disruptions", "events", "latest", "threat_id")

    def __init__(self, threat_id: str) -> None:
        self.threat_id = threat_id
        self.assessments: tuple[Assessment, ...] = ()
        self.disruptions: dict[str, tuple[Version, ...]] = {}
        self.activities: dict[str, tuple[str, ...]] = {}
        """Per activity reference, the disruptions that ever bore it, first entered first."""
        self.events: dict[bytes, bytes] = {}
        """Per event id, the digest of its content."""
        self.latest: Millis = -1
        """The latest entry instant in the book: nothing moves after it."""

    def add_version(self, disruption_id: str, version: Version) -> None:
        """Append a disruption's next version."""
        self.disruptions[disruption_id] = (*self.disruptions.get(disruption_id, ()), version)
        self.latest = max(self.latest, version.entered_at)
        if version.activity_ref is not None:
            self._join(version.activity_ref, disruption_id)

    def add_assessment(self, assessment: Assessment) -> None:
        """Append the threat's next assessment."""
        self.assessments = (*self.assessments, assessment)
        self.latest = max(self.latest, assessment.entered_at)

    def rank(self, disruption_id: str) -> tuple[Millis, str]:
        """Rule 5: first entered first, by version 1; a tie goes by disruption id."""
        return self.disruptions[disruption_id][0].entered_at, disruption_id

    def _join(self, activity_ref: str, disruption_id: str) -> None:
        members = self.activities.get(activity_ref, ())
        if disruption_id not in members:
            place = bisect_left(members, self.rank(disruption_id), key=self.rank)
            self.activities[activity_ref] = (*members[:place], disruption_id, *members[place:])

    def pack(self) -> bytes:
        """The book as bytes, for a snapshot; ``unpack`` gives it back."""
        records: dict[Record, int] = {}
        disruptions = [
            (
                one,
                [
                    (v.entered_at, v.event_date, records.setdefault(v.record, len(records)), v.activity_ref)
                    for v in all_
                ],
            )
            for one, all_ in self.disruptions.items()
        ]
        events = b"".join(key + digest for key, digest in self.events.items())
        return msgspec.msgpack.encode(_Packed(FORMAT, list(records), list(self.assessments), disruptions, events))

    @classmethod
    def unpack(cls, threat_id: str, data: bytes) -> "Book":
        """The book that ``pack`` wrote; a snapshot of another format is a ValueError, and to be folded anew."""
        packed = _unpack(data)
        book = cls(threat_id)
        records = [shared(*record) for record in packed.records]
        for assessment in packed.assessments:
            book.add_assessment(assessment._replace(account=shared_account(*assessment.account)))
        for disruption_id, versions in packed.disruptions:
            for entered_at, event_date, record, activity_ref in versions:
                book.add_version(
                    disruption_id, Version(entered_at, shared_day(event_date), records[record], activity_ref)
                )
        step, events = DIGEST_BYTES, packed.events
        for at in range(0, len(events), 2 * step):
            book.events[events[at : at + step]] = events[at + step : at + 2 * step]
        return book


class _Packed(msgspec.Struct, array_like=True, gc=False):
    format: int
    records: list[Record]
    assessments: list[Assessment]
    disruptions: list[tuple[str, list[tuple[Millis, Day, int, str | None]]]]
    events: bytes


_decoder = msgspec.msgpack.Decoder(_Packed)


def _unpack(data: bytes) -> _Packed:
    try:
        packed = _decoder.decode(data)
    except msgspec.DecodeError as error:
        raise ValueError("not a packed book: drop the snapshot and fold the entries again") from error
    if packed.format != FORMAT:
        raise ValueError("a book of another format: drop the snapshot and fold the entries again")
    return packed


def version_of(fact: DisruptionFact) -> Version:
    """What counting keeps of a disruption event."""
    record = shared(fact.change, fact.recorded_by, fact.type, fact.pillar, fact.category)
    return Version(fact.entered_at, shared_day(fact.event_date), record, fact.activity_ref)


def assessment_of(fact: ThreatFact) -> Assessment:
    """What counting keeps of a threat event; *closed* is "contains 'closed', any case" (section 2, phase)."""
    account = shared_account(
        fact.owner,
        fact.kind,
        fact.crime_type,
        fact.assessment_type,
        fact.moderation_status,
        fact.soc,
        fact.tier,
        "closed" in fact.phase.casefold(),
    )
    return Assessment(fact.entered_at, fact.assessed_on, account)
