"""What a publisher says of a recorder while it has nothing else to say, so that silence can be read."""

from typing import Final, NamedTuple

from ledger.facts import Millis

SEQUENCE_MAX: Final = 2**63 - 1
INTERVAL_SECONDS_MAX: Final = 7 * 86_400


class Heartbeat(NamedTuple):
    """One heartbeat.

    Attributes:
        organisation: the recorder, by its code.
        last_sequence: the last number given in its sequence, 0 before the first; None where the sender does not know.
        sent_at: by the sender's clock.
        interval_seconds: the next one is promised within so long; None: no promise.
        source_system: which of the recorder's systems sent it.
    """

    organisation: str
    last_sequence: int | None
    sent_at: Millis
    interval_seconds: int | None = None
    source_system: str | None = None
