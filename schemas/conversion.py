"""From the event as people write it to the fact as the wire and the fold hold it: days and milliseconds."""

from operator import attrgetter
from typing import Final

from ledger.events import DisruptionEvent, Event, ThreatEvent
from ledger.facts import DisruptionFact, Fact, ThreatFact
from ledger.instants import count_days, count_millis

_disruption_values: Final = attrgetter(*DisruptionEvent.__struct_fields__)
_threat_values: Final = attrgetter(*ThreatEvent.__struct_fields__)


def make_fact(event: Event) -> Fact:
    """Make the fact that a typed event states; one without a sequence is numbered 0 until its publisher numbers it.

    Raises:
        Misuse: ``entered_at`` names no time zone.
    """
    if isinstance(event, DisruptionEvent):
        fields = dict(zip(DisruptionEvent.__struct_fields__, _disruption_values(event), strict=True))
        fields["event_date"] = count_days(event.event_date)
        kind: type[DisruptionFact] | type[ThreatFact] = DisruptionFact
    else:
        fields = dict(zip(ThreatEvent.__struct_fields__, _threat_values(event), strict=True))
        fields["assessed_on"] = count_days(event.assessed_on)
        kind = ThreatFact
    fields["entered_at"] = count_millis(event.entered_at)
    fields["tags"] = list(event.tags)
    fields["source_sequence"] = event.source_sequence or 0
    return kind(**fields)
