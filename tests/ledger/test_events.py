"""The events as people write them and the facts as the fold reads them: the same fields, the same symbols."""

import msgspec
import pytest

from ledger.events import DisruptionEvent, ThreatEvent
from ledger.facts import DisruptionFact, ThreatFact
from tests.methodology.facts import state_disruption, state_threat


@pytest.mark.parametrize(("event", "fact"), [(DisruptionEvent, DisruptionFact), (ThreatEvent, ThreatFact)])
def test_an_event_and_its_fact_have_the_same_fields_in_the_same_order(event, fact):
    """Whoever knows one knows the other (``ledger.events`` explains the fields)."""
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


def test_an_event_says_who_recorded_it_and_what_it_is_about():
    """A disruption is its recorder's, about itself; an assessment is its owner's, about its threat alone."""
    fact = state_disruption(disruption_id="D7", recorded_by="kent", threat_id="T7")
    assert (fact.record, fact.recorder, fact.subject, fact.disruption_id) == ("DisruptionEvent", "kent", "D7", "D7")
    fact = state_threat(owner="btp", threat_id="T7")
    assert (fact.record, fact.recorder, fact.subject, fact.disruption_id) == ("ThreatEvent", "btp", "T7", None)


def test_an_event_as_people_write_it_says_who_recorded_it():
    """The same as its fact does."""
    lead = {"event_id": "e", "disruption_id": "D7", "version": 1, "threat_id": "T7", "recorded_by": "kent"}
    lead |= {"change": "RECORDED", "type": "LEAD", "pillar": "PURSUE", "category": "MINOR", "actor": "a"}
    said = {"record": "DisruptionEvent", "event_date": "2022-06-30", "entered_at": "2022-07-01T09:00:00Z"}
    assert msgspec.convert(lead | said, DisruptionEvent).recorder == "kent"
    assessed = {"event_id": "e", "threat_id": "T7", "version": 1, "owner": "btp", "kind": "OCG", "crime_type": "DRUGS"}
    assessed |= {"assessment_type": "TACTICAL", "moderation_status": "MODERATED", "soc": True, "tier": 3}
    assessed |= {"phase": "Active", "assessed_on": "2022-06-30", "entered_at": "2022-07-01T09:00:00Z", "actor": "a"}
    assert msgspec.convert(assessed | {"record": "ThreatEvent"}, ThreatEvent).recorder == "btp"
