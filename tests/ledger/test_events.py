"""The events as people write them and the facts as the fold reads them: the same fields, the same symbols."""

import msgspec
import pytest

from ledger.events import DisruptionEvent, ThreatEvent
from ledger.facts import DisruptionFact, ThreatFact


@pytest.mark.parametrize(("event", "fact"), [(DisruptionEvent, DisruptionFact), (ThreatEvent, ThreatFact)])
def test_an_event_and_its_fact_have_the_same_fields_in_the_same_order(event, fact):
    """design.md, "The facts on the wire"."""
    assert event.__struct_fields__ == fact.__struct_fields__


def test_a_line_names_its_record():
    """NDJSON: ``record`` is DisruptionEvent or ThreatEvent; ISO dates and instants."""
    line = (
        '{"record":"ThreatEvent","event_id":"e","threat_id":"T1","version":1,"owner":"btp","kind":"OCG",'
        '"crime_type":"DRUGS","assessment_type":"TACTICAL","moderation_status":"MODERATED","soc":true,"tier":3,'
        '"phase":"Active","assessed_on":"2022-06-30","entered_at":"2022-07-01T09:00:00Z","actor":"a"}'
    )
    event = msgspec.json.decode(line, type=DisruptionEvent | ThreatEvent)
    assert isinstance(event, ThreatEvent)
    assert (event.kind, event.assessed_on.isoformat(), event.entered_at.isoformat()) == (
        "OCG",
        "2022-06-30",
        "2022-07-01T09:00:00+00:00",
    )
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(line.replace("OCG", "UNRECOGNISED"), type=DisruptionEvent | ThreatEvent)
