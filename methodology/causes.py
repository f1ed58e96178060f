"""Causes: why a figure of then differs from the figure of now, read from the legs between the two states of the record.

The way from then to now has two steps. First the ledger learns what had been entered by then: ``LEARNT_LATE``. Then
it goes on from entry instant to entry instant, as known now; what each instant did to a disruption is one ``Move``, of
one cause. So every leg between the states has exactly one cause, whatever order events arrived in, and in every cell
the causes sum to the difference.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class Cause(StrEnum):
    """Why a count is another now than then; in the order in which they are shown."""

    HAPPENED_SINCE = "HAPPENED_SINCE"
    ENTERED_LATE = "ENTERED_LATE"
    LEARNT_LATE = "LEARNT_LATE"
    REASSESSED = "REASSESSED"
    AMENDED = "AMENDED"
    WITHDRAWN = "WITHDRAWN"
    THREAT_KNOWN = "THREAT_KNOWN"
    THREAT_RECLASSIFIED = "THREAT_RECLASSIFIED"
    ACTIVITY_CHANGED = "ACTIVITY_CHANGED"


CAUSE_SENTENCES: Final[Mapping[Cause, str]] = MappingProxyType({
    Cause.HAPPENED_SINCE: "It happened after then, and was entered since.",
    Cause.ENTERED_LATE: "It had happened by then, and was first entered after it.",
    Cause.LEARNT_LATE: "It was entered by then on the recorder's clock, and reached this ledger only afterwards:"
    " a record, a correction or an assessment.",
    Cause.REASSESSED: "Its assessment category was changed: it came into the count, left it, or moved within it.",
    Cause.AMENDED: "Its recorder corrected something else: the pillar, the event date, the recorder, the type or the"
    " activity.",
    Cause.WITHDRAWN: "Its recorder withdrew it.",
    Cause.THREAT_KNOWN: "It had waited for an assessment of its threat, and one was entered.",
    Cause.THREAT_RECLASSIFIED: "Its threat was assessed as another kind or crime type.",
    Cause.ACTIVITY_CHANGED: "Another disruption of the same activity came, went or changed, so that this one is behind"
    " a first pillar, or no longer is (rule 5).",
})  # fmt: skip
"""What each says of a disruption."""


class Move(NamedTuple):
    """What one entry instant after then, or the late learning of all before it, did to one disruption.

    Attributes:
        learnt_late: it was entered by then.
        shift: 1 where it stood nowhere before, -1 where it stands nowhere after, 0 where it stands elsewhere.
        happened_since: its event date is after then.
        category: its category is another.
        record: another recorder, type, pillar or event date.
        awaited: it had waited for its threat.
        threat: another kind or crime type of its threat.
        own_entry: a version of its own was entered at the instant.
    """

    learnt_late: bool
    shift: int
    happened_since: bool
    category: bool
    record: bool
    awaited: bool
    threat: bool
    own_entry: bool


def find_cause(move: Move) -> Cause:
    """Find the one cause of a move: the first that holds, what the recorder did before what befell the record."""
    if move.learnt_late:
        return Cause.LEARNT_LATE
    if move.shift > 0:
        return Cause.HAPPENED_SINCE if move.happened_since else Cause.ENTERED_LATE
    if move.shift < 0:
        return Cause.WITHDRAWN
    if move.category:
        return Cause.REASSESSED
    if move.record:
        return Cause.AMENDED
    return _find_cause_outside(move)


def _find_cause_outside(move: Move) -> Cause:
    """Find it where only what is known of its threat, or its standing, is another."""
    if move.awaited:
        return Cause.THREAT_KNOWN
    if move.threat:
        return Cause.THREAT_RECLASSIFIED
    return Cause.AMENDED if move.own_entry else Cause.ACTIVITY_CHANGED


def name_cause(cause: str) -> str:
    """Name a cause in words: ``entered late``."""
    return cause.replace("_", " ").lower()
