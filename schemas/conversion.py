"""From the event as people write it to the fact as the wire and the fold hold it: days and milliseconds."""

from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import Final

from ledger.errors import Misuse
from ledger.events import DisruptionEvent, Event, ThreatEvent
from ledger.facts import Day, DisruptionFact, Fact, Millis, ThreatFact

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_MILLISECOND: Final = timedelta(milliseconds=1)
_disruption_values: Final = attrgetter(*DisruptionEvent.__struct_fields__)
_threat_values: Final = attrgetter(*ThreatEvent.__struct_fields__)


def days(day: date) -> Day:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH_DAY


def millis(instant: datetime) -> Millis:
    """Milliseconds since 1970-01-01T00:00Z, rounded down.

    Raises:
        Misuse: the instant names no time zone.
    """
    if instant.tzinfo is None:
        raise Misuse("an instant without a time zone: add its offset, such as Z or +01:00")
    return (instant - _EPOCH) // _MILLISECOND


def fact_of(event: Event) -> Fact:
    """The fact that a typed event states; one without a sequence is numbered 0 until its publisher numbers it.

    Raises:
        Misuse: ``entered_at`` names no time zone.
    """
    if isinstance(event, DisruptionEvent):
        fields = dict(zip(DisruptionEvent.__struct_fields__, _disruption_values(event), strict=True))
        fields["event_date"] = days(event.event_date)
        kind: type[DisruptionFact] | type[ThreatFact] = DisruptionFact
    else:
        fields = dict(zip(ThreatEvent.__struct_fields__, _threat_values(event), strict=True))
        fields["assessed_on"] = days(event.assessed_on)
        kind = ThreatFact
    fields["entered_at"] = millis(event.entered_at)
    fields["tags"] = list(event.tags)
    fields["source_sequence"] = event.source_sequence or 0
    return kind(**fields)
