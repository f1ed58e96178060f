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
