"""What a rejection says: a sentence or two that a duty officer can act on, without a value of the record."""

from types import MappingProxyType
from typing import NamedTuple

from ledger.errors import Rejected
from ledger.originals import Misfit
from ledger.vocabulary import Code
from methodology.standards import FUTURE_TOLERANCE_MILLIS


class Rejection(NamedTuple):
    """Why an event is not admitted: the fixed code, and what to do about it."""

    code: Code
    message: str


SENTENCES: MappingProxyType[Code, str] = MappingProxyType(
    {
        Code.RECORD_TOO_LARGE: (
            "The record is larger than the ledger can carry; it is kept by its size, digest and position alone. "
            "Send a smaller event: every field has a bound."
        ),
        Code.UNREADABLE_HEADERS: (
            "The name of a header is not UTF-8. Name headers in UTF-8, as CloudEvents does, and send the event again."
        ),
        Code.FIELD_TOO_LONG: "A field is longer than its bound. Shorten it and send the event again.",
        Code.REFERENCE_NOT_CANONICAL: (
            "A reference has white space at an end, control characters, another Unicode form than NFC, "
            "or is a UUID in capital letters. Write it in its canonical form and send the event again."
        ),
        Code.KEY_MISMATCH: "The message key is not the event's threat_id. Send the event again keyed by its threat_id.",
        Code.MISROUTED: (
            "The message lies in another partition than its key names. "
            "Set the publisher to the standard (murmur2) partitioner and send the event again."
        ),
        Code.UNKNOWN_ORGANISATION: (
            "An organisation code is not on the ledger's list. "
            "Use the code as listed, or ask the ledger's operators to add the organisation."
        ),
        Code.SUPPORT_BY_FORCE: (
            "A force records only disruptions that it led. "
            "Record it as LEAD if the force led it, or ask the regional unit to record its support."
        ),
        Code.SUPPORT_WITHOUT_BENEFICIARY: (
            "A support disruption names the organisation that benefited. Fill in benefits and send the event again."
        ),
        Code.SUPPORT_OF_ITSELF: (
            "A support disruption benefits another organisation than its recorder. "
            "Name that organisation in benefits, or record the disruption as LEAD."
        ),
        Code.EVENT_ID_REUSED: (
            "An event with other content was admitted under this event_id. Send this one again with a new event_id."
        ),
        Code.VERSION_NOT_NEXT: (
            "The version is not the next one after the last admitted. "
            "Send the missing versions first, or give this event the next version number."
        ),
        Code.CHANGE_NOT_LEGAL: (
            "Version 1 is RECORDED, later versions are not, and nothing follows WITHDRAWN. "
            "Send the change that fits, or record a new disruption."
        ),
        Code.ENTERED_BEFORE_PREVIOUS: (
            "entered_at is earlier than in the version before. "
            "Check the record system's clock and send the event again with its true entry time."
        ),
        Code.ENTERED_IN_FUTURE: (
            f"entered_at is more than {FUTURE_TOLERANCE_MILLIS // 60_000} minutes ahead of the ledger. "
            "Set the record system's clock right and send the event again."
        ),
        Code.EVENT_AFTER_ENTRY: (
            "The event date or assessment date is later than the day on which it was entered. "
            "Correct the date and send the event again."
        ),
        Code.LOST: (
            "Records were deleted from soc.published before they were judged, and an operator acknowledged the loss. "
            "Send them again."
        ),
    }
)

BAD_EVENT_ID = Rejection(
    Code.UNRECOGNISED_VALUE, "event_id is not a UUID. Give the event a UUID of its own and send it again."
)
EMPTY_REFERENCE = Rejection(
    Code.UNRECOGNISED_VALUE,
    "disruption_id, threat_id or actor is empty, or activity_ref is given and empty. "
    "Fill it in, or leave activity_ref out, and send the event again.",
)
TOO_EARLY = Rejection(
    Code.UNRECOGNISED_VALUE,
    "A date or an entry time is earlier than 1 January 1970. Correct it in the record system and send the event again.",
)
BAD_TIER = Rejection(Code.UNRECOGNISED_VALUE, "tier is not one of 1 to 5. Correct it and send the event again.")


def summarise_reason(code: str) -> str | None:
    """Summarise what a code finds, the first of its sentences; None where every rejection of it says its own."""
    sentence = SENTENCES.get(Code(code)) if code in Code.__members__ else None
    return None if sentence is None else f"{sentence.split('. ')[0].removesuffix('.')}."


def reject_for(code: Code) -> Rejection:
    """Return the rejection of that code."""
    return Rejection(code, SENTENCES[code])


class UnfitRecord(Rejected):
    """A record that is refused by how it is packed; ``original`` says what of it is not carried."""

    def __init__(self, misfit: Misfit) -> None:
        super().__init__(misfit.code, misfit.sentence or SENTENCES[misfit.code])
        self.original = misfit.original
