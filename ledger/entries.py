"""Entries and their postings: what admitting an event writes, and what a rejection writes.

An *account* is where a disruption stands; a *leg* moves one disruption into (+1) or out of (-1) an account, from the
entry instant ``entered_at`` on. A *position* is that of the event in ``soc.published`` and is the identity of its one
output.
"""

from typing import NamedTuple

from ledger.facts import Day, Millis


class Account(NamedTuple):
    """Where one disruption stands; lead and support are different accounts.

    Attributes:
        organisation: code of the recorder.
        type: lead or support.
        pillar: which of the 4Ps.
        kind: what its threat was assessed as at the event date, ``UNKNOWN`` while nothing is known.
        crime_type: the threat's, as at the event date, ``UNKNOWN`` while nothing is known.
        category: how the disruption was assessed.
        event_date: the day on which it happened.
        standing: why it is, or is not, in the figure (``vocabulary.Standing``).
    """

    organisation: str
    type: str
    pillar: str
    kind: str
    crime_type: str
    category: str
    event_date: Day
    standing: str


class Leg(NamedTuple):
    """One signed leg of a posting.

    Attributes:
        disruption_id: which disruption moves.
        account: where it moves in or out.
        sign: +1 in, -1 out.
        entered_at: the entry instant from which it has moved.
    """

    disruption_id: str
    account: Account
    sign: int
    entered_at: Millis


class ThreatAccount(NamedTuple):
    """Where one threat stands on the master list: what rule 8 looks at, and what a count is broken down by.

    Attributes:
        owner: code of the organisation that owns it.
        kind: what it was assessed as.
        crime_type: its primary crime type.
        assessment_type: tactical or thematic.
        moderation_status: whether the assessment was moderated.
        soc: whether it is flagged as serious and organised crime.
        tier: 1 to 5; a threat of tier 5 is not counted (rule 8).
        closed: whether its phase contains "closed".
    """

    owner: str
    kind: str
    crime_type: str
    assessment_type: str
    moderation_status: str
    soc: bool
    tier: int
    closed: bool


class ThreatLeg(NamedTuple):
    """One signed leg of a threat's posting.

    Attributes:
        account: where the threat of the entry moves in or out.
        sign: +1 in, -1 out.
        entered_at: the entry instant from which it has moved.
    """

    account: ThreatAccount
    sign: int
    entered_at: Millis


class EntryPart(NamedTuple):
    """Which part of its entry a record is: an event that moves very many disruptions is written in several.

    Attributes:
        part: its number, from 0.
        parts: how many there are.
        first_leg: the number, within the entry, of this part's first leg.
    """

    part: int = 0
    parts: int = 1
    first_leg: int = 0


WHOLE = EntryPart()
"""The usual entry: one part."""


class JudgedBy(NamedTuple):
    """By what an output was judged: rules as data, the schema that wrote the event, the software.

    Attributes:
        rules_version: version of the rules.
        rules_digest: SHA-256, in hexadecimal, of the rules' content.
        schema_fingerprint: SHA-256, in hexadecimal, of the parsing canonical form of the schema that wrote the event;
            None where no schema is known.
        software: name and version of what judged.
    """

    rules_version: str
    rules_digest: str
    schema_fingerprint: str | None
    software: str


class SourceRecord(NamedTuple):
    """One record of ``soc.published``, as it came.

    Attributes:
        partition: where it lies.
        offset: its place there; both together are the position.
        previous_offset: offset of the record before it in its partition (-1 for the first): each output covers
            ``(previous_offset, offset]``, so holes in the offsets never look like losses.
        ledger_time: the greatest broker append time seen in the partition up to and including this record, so it never
            goes back.
        key: the message's key, the threat id in UTF-8 when it is right.
        value: the message's bytes.
        headers: the message's headers, in order.
    """

    partition: int
    offset: int
    previous_offset: int
    ledger_time: Millis
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
