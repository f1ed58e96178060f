"""The shape of a synthetic year: the same for the same seed, numbered without gaps, in the order it is sent."""

import hashlib
import io
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from ledger.errors import Misuse
from ledger.events import DisruptionEvent, Event, ThreatEvent
from ledger.organisations import ORGANISATIONS
from ledger.vocabulary import Category, Change, Code, DisruptionType
from synthetic import PlannedEvent, make_national_year, refuse_unfinished, write_year


@pytest.fixture(scope="module")
def sent() -> list[PlannedEvent]:
    """The year of the reports."""
    return make_national_year(1, 2022)


def list_records(sent: list[PlannedEvent]) -> list[DisruptionEvent]:
    """Good disruption events, resends left out."""
    good = (item.event for item in sent if item.code is None and not item.resend)
    return [event for event in good if isinstance(event, DisruptionEvent)]


def find_recorder(event: Event) -> str:
    """Whose sequence an event is in."""
    return event.recorded_by if isinstance(event, DisruptionEvent) else event.owner


def digest_year(sent: list[PlannedEvent]) -> str:
    out = io.BytesIO()
    write_year(sent, out)
    return hashlib.sha256(out.getvalue()).hexdigest()


def test_a_seed_and_a_year_are_the_same_bytes_every_time(sent: list[PlannedEvent]) -> None:
    """Byte for byte; another seed is another year."""
    assert digest_year(make_national_year(1, 2022)) == digest_year(sent)
    assert digest_year(make_national_year(2, 2022)) != digest_year(sent)


def test_every_line_reads_back_as_its_event(sent: list[PlannedEvent]) -> None:
    """NDJSON in the names of the wire, one event a line."""
    out = io.BytesIO()
    assert write_year(sent, out) == len(sent)
    lines = out.getvalue().splitlines()
    read = msgspec.json.Decoder(DisruptionEvent | ThreatEvent)
    assert [read.decode(line) for line in lines] == [item.event for item in sent]


def test_the_volume_is_that_of_a_national_year(sent: list[PlannedEvent]) -> None:
    """50,000 to 70,000 events."""
    assert 50_000 < len(sent) < 70_000


def test_every_organisation_records_and_only_they(sent: list[PlannedEvent]) -> None:
    """44 forces, nine regional units and three agencies own threats and record disruptions."""
    known = {one.code for one in ORGANISATIONS}
    good = [item.event for item in sent if item.code is None]
    assert {event.recorded_by for event in good if isinstance(event, DisruptionEvent)} == known
    assert {event.owner for event in good if isinstance(event, ThreatEvent)} == known
    assert len(known) == 44 + 9 + 3


def test_sequences_have_no_gap_and_no_repeat_but_resends(sent: list[PlannedEvent]) -> None:
    """Each recorder's events are 1, 2, 3... in the order sent."""
    numbers = defaultdict(list)
    for item in sent:
        if not item.resend:
            numbers[find_recorder(item.event)].append(item.event.source_sequence)
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


def test_good_events_are_sent_when_they_are_entered(sent: list[PlannedEvent]) -> None:
    """In the order of entry, and none after 31 January."""
    instants = [item.event.entered_at for item in sent if item.code is None and not item.resend]
    assert instants == sorted(instants)
    assert instants[-1] < datetime(2023, 1, 31, 23, 59, 59, tzinfo=UTC)


def test_resends_are_copies_of_events_already_sent(sent: list[PlannedEvent]) -> None:
    """A resend is the same event again, later."""
    before: set[int] = set()
    resends = 0
    for item in sent:
        if item.resend:
            assert hash(item.event) in before
            resends += 1
        before.add(hash(item.event))
    assert 200 < resends < 300


def test_event_ids_are_unique_but_for_resends_and_the_planted_reuse(sent: list[PlannedEvent]) -> None:
    """Three systems reuse an id; nobody else does."""
    ids = Counter(item.event.event_id for item in sent if not item.resend)
    assert sum(n - 1 for n in ids.values()) == 3


def test_each_mistake_is_there_as_often_as_planned(sent: list[PlannedEvent]) -> None:
    """Every code that a published event can be refused with once it is encoded, keyed and routed."""
    assert Counter(item.code for item in sent if item.code) == {
        Code.UNRECOGNISED_VALUE: 2,
        Code.UNKNOWN_ORGANISATION: 4,
        Code.SUPPORT_BY_FORCE: 9,
        Code.SUPPORT_WITHOUT_BENEFICIARY: 5,
        Code.SUPPORT_OF_ITSELF: 2,
        Code.EVENT_ID_REUSED: 3,
        Code.VERSION_NOT_NEXT: 8,
        Code.CHANGE_NOT_LEGAL: 4,
        Code.ENTERED_BEFORE_PREVIOUS: 3,
        Code.ENTERED_IN_FUTURE: 2,
        Code.EVENT_AFTER_ENTRY: 6,
    }


def test_records_are_entered_late_and_corrected(sent: list[PlannedEvent]) -> None:
    """Some 5 percent are entered more than six weeks on; every kind of change occurs by the hundred."""
    found = list_records(sent)
    first = [event for event in found if event.version == 1]
    late = [event for event in first if event.entered_at.date() - event.event_date > timedelta(days=45)]
    assert 0.05 < len(late) / len(first) < 0.12
    changes = Counter(event.change for event in found)
    assert min(changes[change] for change in Change) > 500


def test_support_is_recorded_by_regional_units_for_others(sent: list[PlannedEvent]) -> None:
    """Rules 1 and 2, over all good events."""
    support = [event for event in list_records(sent) if event.type is DisruptionType.SUPPORT]
    assert {event.recorded_by for event in support} == {
        one.code for one in ORGANISATIONS if one.code.startswith("rocu-")
    }
    assert all(event.benefits and event.benefits != event.recorded_by for event in support)
    assert all(event.benefits is None for event in list_records(sent) if event.type is DisruptionType.LEAD)


def test_some_threats_are_met_before_they_are_known_and_some_never_are(sent: list[PlannedEvent]) -> None:
    """Rule 7: disruptions wait for their threat."""
    known = {
        item.event.threat_id: item.event.entered_at for item in reversed(sent) if isinstance(item.event, ThreatEvent)
    }
    found = list_records(sent)
    assert any(event.threat_id not in known for event in found)
    assert any(event.entered_at < known[event.threat_id] for event in found if event.threat_id in known)


def test_every_category_is_used(sent: list[PlannedEvent]) -> None:
    """Counted or not (rule 6)."""
    assert {event.category for event in list_records(sent)} == set(Category)


def test_a_year_with_late_entries_to_come_is_refused() -> None:
    """Its last entries lie on 31 January of the next year; the message names a year that is over."""
    refuse_unfinished(2022, date(2023, 2, 1))
    with pytest.raises(Misuse, match="--year 2021"):
        refuse_unfinished(2022, date(2023, 1, 31))
    with pytest.raises(Misuse, match="--year 2022"):
        refuse_unfinished(2030, date(2023, 6, 1))
