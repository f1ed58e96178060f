"""Entries and their postings: what admitting an event writes, and what a refusal writes.

An *account* is where a disruption stands; a *leg* moves one disruption into (+1) or out of (-1) an account, from the
entry instant ``entered_at`` on. A *position* is that of the event in ``soc.published`` and is the identity of its one
output.
"""

from typing import NamedTuple

from ledger.facts import Day, Millis


class Account(NamedTuple):
    """Where one disruption stands; lead and support are different accounts."""

    organisation: str
    type: str
    pillar: str
    kind: str
    crime_type: str
    category: str
    event_date: Day
    standing: str


class Leg(NamedTuple):
    """One signed leg of a posting: ``sign`` is +1 or -1."""

    disruption_id: str
    account: Account
    sign: int
    entered_at: Millis


class ThreatAccount(NamedTuple):
    """Where one threat stands on the master list."""

    owner: str
    kind: str
    crime_type: str
    assessment_type: str
    moderation_status: str
    soc: bool
    tier: int
    closed: bool


class ThreatLeg(NamedTuple):
    """One signed leg of a threat's posting."""

    account: ThreatAccount
    sign: int
    entered_at: Millis


class EntryPart(NamedTuple):
    """Which part of its entry a record is: an event that moves very many disruptions is written in several.

    ``part`` counts from 0, ``parts`` is how many there are, ``first_leg`` the number of this part's first leg.
    """

    part: int = 0
    parts: int = 1
    first_leg: int = 0


WHOLE = EntryPart()
"""The usual entry: one part."""


class JudgedBy(NamedTuple):
    """By what an output was judged: rules as data, the schema that wrote the event, the software.

    Digests are SHA-256 in hexadecimal; ``schema_fingerprint`` is that of the parsing canonical form, None where no
    schema is known.
    """

    rules_version: str
    rules_digest: str
    schema_fingerprint: str | None
    software: str


class Source(NamedTuple):
    """One record of ``soc.published``, as it came.

    ``previous_offset`` is the offset of the record before it in its partition (-1 for the first): each output covers
    ``(previous_offset, offset]``, so holes in the offsets never look like losses. ``ledger_time`` is the greatest
    broker append time seen in the partition up to and including this record, so it never goes back.
    """

    partition: int
    offset: int
    previous_offset: int
    ledger_time: Millis
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
