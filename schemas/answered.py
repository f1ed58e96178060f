"""Which rejection an event answers: a mended event says it in a header, as a CloudEvents extension attribute.

A mended event is a new event: an id that the ledger holds, admitted or rejected, names its content for ever. So the
desk hands it out under an id of its own, made of the rejected one: handed out twice it is one event, and sent twice a
duplicate. Mended in two ways, the second is rejected, as its id names the first (docs/decisions/0031).
"""

from typing import Final
from uuid import UUID, uuid5

ANSWERS: Final = "ce_answers"
"""Name of the header; its value is the position of the rejected event in ``soc.published``, as ``0:12``."""
MENDED_IDS: Final = UUID("6b0e0b9c-2f4e-5a53-9d0c-8f6f4b1f2a70")


def make_mended_id(place: str, event_id: str) -> str:
    """Make the id of the event that answers the rejection of an event at that place."""
    return str(uuid5(MENDED_IDS, f"{place} {event_id}"))
