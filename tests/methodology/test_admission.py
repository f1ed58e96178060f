"""Admission: every code of the fold, with both sides of its edge. Expected codes by hand, from methodology/RULES.md."""

import pytest

from ledger.vocabulary import Code
from methodology.admission import check_key, draw_changes, reject_misrouted
from methodology.book import Book
from methodology.posting import post_event
from methodology.rejection_sentences import SENTENCES, Rejection
from methodology.standards import LEGAL_CHANGES
from tests.methodology.facts import DAY, FAR, JULY_1_2023, make_event_id, state_disruption, state_threat
from tests.methodology.verdicts import judge_last

NOON = JULY_1_2023 * DAY + DAY // 2


@pytest.mark.parametrize(
    "said",
    [
        {"event_id": "17"},
        {"disruption_id": ""},
        {"threat_id": ""},
        {"actor": ""},
        {"activity_ref": ""},
        {"event_date": -1},
        {"entered_at": -1, "event_date": 0},
    ],
)
def test_a_disruption_with_an_impossible_value_is_refused(said):
    """UNRECOGNISED_VALUE: no UUID, an empty reference, a date before 1970."""
    assert judge_last(state_disruption(**said)) == "UNRECOGNISED_VALUE"


@pytest.mark.parametrize(
    "said",
    [
        {"event_id": "17"},
        {"threat_id": ""},
        {"actor": ""},
        {"assessed_on": -1},
        {"entered_at": -1, "assessed_on": 0},
        {"tier": 0},
        {"tier": 6},
    ],
)
def test_a_threat_with_an_impossible_value_is_refused(said):
    """UNRECOGNISED_VALUE: the same, and a tier that is not 1 to 5."""
    assert judge_last(state_threat(**said)) == "UNRECOGNISED_VALUE"


@pytest.mark.parametrize("tier", [1, 5])
def test_tiers_go_from_one_to_five(tier):
    """Methodology section 2, tier."""
    assert judge_last(state_threat(tier=tier)) == "ADMITTED"


@pytest.mark.parametrize(
    "said",
    [
        {"disruption_id": ""},
        {"event_date": -1},
    ],
)
def test_the_sentence_of_an_impossible_value_says_which(said):
    """An empty reference and an early date have different remedies."""
    message = post_event(Book("T1"), state_disruption(**said), FAR).message
    assert ("empty" in message, "1970" in message) == ("event_date" not in said, "event_date" in said)


def test_the_first_day_and_instant_are_allowed():
    """1970-01-01 is the first that an event may name."""
    assert judge_last(state_disruption(event_date=0, entered_at=0)) == "ADMITTED"
    assert judge_last(state_threat(assessed_on=0, entered_at=0)) == "ADMITTED"


@pytest.mark.parametrize(
    "fact",
    [
        state_disruption(recorded_by="atlantis"),
        state_disruption(recorded_by="rocu-eastern", type="SUPPORT", benefits="atlantis"),
        state_disruption(benefits="atlantis"),
        state_disruption(benefits=""),
        state_threat(owner="atlantis"),
    ],
)
def test_an_organisation_that_is_not_on_the_list_is_refused(fact):
    """UNKNOWN_ORGANISATION, as recorder, beneficiary or owner."""
    assert judge_last(fact) == "UNKNOWN_ORGANISATION"


@pytest.mark.parametrize("recorder", ["metropolitan", "btp"])
def test_a_force_records_only_what_it_led(recorder):
    """Rule 1: "a force may record only disruptions that it led"; territorial and special."""
    assert judge_last(state_disruption(recorded_by=recorder, type="SUPPORT", benefits="essex")) == "SUPPORT_BY_FORCE"
    assert judge_last(state_disruption(recorded_by=recorder, type="LEAD")) == "ADMITTED"


@pytest.mark.parametrize("recorder", ["rocu-eastern", "nca"])
def test_a_unit_or_an_agency_records_lead_and_support(recorder):
    """Rule 1: "a ROCU may record lead disruptions and support ones"; an agency likewise [D]."""
    assert judge_last(state_disruption(recorded_by=recorder, type="SUPPORT", benefits="essex")) == "ADMITTED"
    assert judge_last(state_disruption(recorded_by=recorder, type="LEAD")) == "ADMITTED"


def test_support_names_who_benefited():
    """Rule 2."""
    assert judge_last(state_disruption(recorded_by="nca", type="SUPPORT")) == "SUPPORT_WITHOUT_BENEFICIARY"


def test_support_is_of_another():
    """Rule 2: "the organisation that benefited, which is not the recorder"."""
    assert judge_last(state_disruption(recorded_by="nca", type="SUPPORT", benefits="nca")) == "SUPPORT_OF_ITSELF"
    assert judge_last(state_disruption(recorded_by="nca", type="LEAD", benefits="nca")) == "ADMITTED"


def test_the_same_event_again_is_a_duplicate():
    """Rule 13 and "twice is once": same id and content; for disruptions, threats, and after later versions."""
    first, second, other = state_disruption(), state_disruption(version=2), state_threat()
    assert (
        judge_last(first, first) == judge_last(other, other) == judge_last(first, first, other, second) == "DUPLICATE"
    )


def test_an_event_id_with_other_content_is_refused():
    """EVENT_ID_REUSED, whatever the other content: the same disruption, another, or the threat."""
    first = state_disruption(event_id=make_event_id(7))
    assert judge_last(state_disruption(event_id=make_event_id(7), reason="x"), first) == "EVENT_ID_REUSED"
    assert judge_last(state_disruption("D2", event_id=make_event_id(7)), first) == "EVENT_ID_REUSED"
    assert judge_last(state_threat(event_id=make_event_id(7)), first) == "EVENT_ID_REUSED"


def test_a_refused_event_id_may_be_used_again():
    """Corrected and sent again under its id, an event is admitted."""
    book = Book("T1")
    assert post_event(book, state_disruption(event_id=make_event_id(8), version=2), FAR).code == "VERSION_NOT_NEXT"
    assert post_event(book, state_disruption(event_id=make_event_id(8)), FAR).verdict == "ADMITTED"


@pytest.mark.parametrize("version", [-1, 0, 1, 3])
def test_a_version_other_than_the_next_is_refused(version):
    """VERSION_NOT_NEXT: behind, again or ahead; also below 1."""
    assert judge_last(state_disruption(version=version), state_disruption()) == "VERSION_NOT_NEXT"
    assert judge_last(state_threat(version=version), state_threat()) == "VERSION_NOT_NEXT"


@pytest.mark.parametrize("version", [0, 2])
def test_the_first_version_is_one(version):
    """Versions are from 1."""
    assert (
        judge_last(state_disruption(version=version)) == judge_last(state_threat(version=version)) == "VERSION_NOT_NEXT"
    )


def test_version_one_is_recorded():
    """CHANGE_NOT_LEGAL: a story begins with RECORDED."""
    changes = ("AMENDED", "REASSESSED", "WITHDRAWN")
    assert [judge_last(state_disruption(change=change)) for change in changes] == ["CHANGE_NOT_LEGAL"] * 3


@pytest.mark.parametrize("before", ["AMENDED", "REASSESSED"])
@pytest.mark.parametrize("change", ["AMENDED", "REASSESSED", "WITHDRAWN"])
def test_a_living_disruption_may_be_corrected_and_withdrawn(before, change):
    """Rule 13: corrections are new events."""
    story = state_disruption(), state_disruption(version=2, change=before)
    assert judge_last(state_disruption(version=2, change=change), story[0]) == "ADMITTED"
    assert judge_last(state_disruption(version=3, change=change), *story) == "ADMITTED"
    assert judge_last(state_disruption(version=3, change="RECORDED"), *story) == "CHANGE_NOT_LEGAL"


@pytest.mark.parametrize("change", ["RECORDED", "AMENDED", "REASSESSED", "WITHDRAWN"])
def test_nothing_follows_withdrawn(change):
    """CHANGE_NOT_LEGAL."""
    story = state_disruption(), state_disruption(version=2, change="WITHDRAWN")
    assert judge_last(state_disruption(version=3, change=change), *story) == "CHANGE_NOT_LEGAL"


def test_entry_times_do_not_go_back():
    """ENTERED_BEFORE_PREVIOUS, by a millisecond; the same instant is allowed."""
    assert judge_last(state_disruption(version=2, entered_at=NOON - 1), state_disruption()) == "ENTERED_BEFORE_PREVIOUS"
    assert judge_last(state_disruption(version=2, entered_at=NOON), state_disruption()) == "ADMITTED"
    first = state_threat(entered_at=NOON)
    assert judge_last(state_threat(2, entered_at=NOON - 1), first) == "ENTERED_BEFORE_PREVIOUS"
    assert judge_last(state_threat(2, entered_at=NOON), first) == "ADMITTED"


@pytest.mark.parametrize("make", [state_disruption, state_threat])
def test_a_clock_may_run_five_minutes_ahead(make):
    """ENTERED_IN_FUTURE: "over 5 minutes after the broker's append time"."""
    assert judge_last(make(entered_at=NOON), ledger_time=NOON - 300_000) == "ADMITTED"
    assert judge_last(make(entered_at=NOON), ledger_time=NOON - 300_001) == "ENTERED_IN_FUTURE"


def test_an_event_is_not_later_than_the_day_of_its_entry_in_london():
    """EVENT_AFTER_ENTRY: in July the day in London begins at 23:00 UTC."""
    almost, midnight = JULY_1_2023 * DAY + 23 * 3_600_000 - 1, JULY_1_2023 * DAY + 23 * 3_600_000
    tomorrow = JULY_1_2023 + 1
    assert judge_last(state_disruption(event_date=tomorrow, entered_at=almost)) == "EVENT_AFTER_ENTRY"
    assert judge_last(state_disruption(event_date=tomorrow, entered_at=midnight)) == "ADMITTED"
    assert judge_last(state_threat(assessed_on=tomorrow, entered_at=almost)) == "EVENT_AFTER_ENTRY"
    assert judge_last(state_threat(assessed_on=tomorrow, entered_at=midnight)) == "ADMITTED"
    assert judge_last(state_disruption(event_date=JULY_1_2023, entered_at=JULY_1_2023 * DAY)) == "ADMITTED"


EACH_WORSE_THAN_THE_LAST = (
    ("EVENT_AFTER_ENTRY", {"event_date": JULY_1_2023 + 400}),
    ("ENTERED_IN_FUTURE", {"entered_at": 2 * FAR}),
    ("ENTERED_BEFORE_PREVIOUS", {"entered_at": 0}),
    ("CHANGE_NOT_LEGAL", {"change": "RECORDED"}),
    ("VERSION_NOT_NEXT", {"version": 9}),
    ("EVENT_ID_REUSED", {"event_id": make_event_id(99)}),
    ("SUPPORT_OF_ITSELF", {"type": "SUPPORT", "recorded_by": "nca", "benefits": "nca"}),
    ("SUPPORT_WITHOUT_BENEFICIARY", {"benefits": None}),
    ("SUPPORT_BY_FORCE", {"recorded_by": "metropolitan"}),
    ("UNKNOWN_ORGANISATION", {"recorded_by": "atlantis"}),
    ("UNRECOGNISED_VALUE", {"activity_ref": ""}),
)


@pytest.mark.parametrize("many", range(1, len(EACH_WORSE_THAN_THE_LAST) + 1))
def test_the_first_code_in_order_names_the_refusal(many):
    """An event with many faults is refused for the first in the order of the codes."""
    said = {"version": 2, "change": "AMENDED"}
    for _, fault in EACH_WORSE_THAN_THE_LAST[:many]:
        said |= fault
    expected = EACH_WORSE_THAN_THE_LAST[many - 1][0]
    assert judge_last(state_disruption(**said), state_disruption(event_id=make_event_id(99))) == expected
    order = [str(code) for code in Code]
    assert order.index(expected) >= order.index(Code.UNRECOGNISED_VALUE)


def test_the_key_is_the_threat_id():
    """KEY_MISMATCH: another key, none, or the id in another case."""
    fact = state_disruption(threat_id="Fjörd")
    assert check_key("Fjörd".encode(), fact) is None
    assert [check_key(key, fact).code for key in (None, b"", b"T1", "fjörd".encode())] == ["KEY_MISMATCH"] * 4


def test_an_impossible_value_is_named_before_a_wrong_key_or_partition():
    """UNRECOGNISED_VALUE stands in front of KEY_MISMATCH and MISROUTED."""
    for fact in (
        state_disruption(event_id="17"),
        state_disruption(actor=""),
        state_threat(event_id="17"),
        state_threat(tier=9),
    ):
        assert check_key(b"other", fact).code == reject_misrouted(fact).code == "UNRECOGNISED_VALUE"
    assert (
        reject_misrouted().code
        == reject_misrouted(state_disruption()).code
        == reject_misrouted(state_threat()).code
        == "MISROUTED"
    )


def test_every_refusal_says_what_to_do_without_a_value_of_the_record():
    """A sentence for each code that has one, that ends in an instruction; it is fixed text."""
    said_where_read = {Code.UNDECODABLE, Code.UNKNOWN_SCHEMA, Code.UNRECOGNISED_VALUE}
    assert list(SENTENCES) == [code for code in Code if code not in said_where_read]
    doing = ("Send", "Set", "Use", "Record", "Fill", "Name", "Check", "Correct", "Shorten", "Write")
    for code, sentence in SENTENCES.items():
        assert sentence.endswith(".")
        assert any(f" {verb} " in sentence for verb in doing), code
        assert len(sentence) < 250
    fact = state_disruption(disruption_id="SECRET-1", recorded_by="atlantis", actor="SECRET-2")
    assert "SECRET" not in post_event(Book("T1"), fact, FAR).message
    assert "atlantis" not in post_event(Book("T1"), fact, FAR).message


def test_refusals_of_the_fold_say_the_sentence_of_their_code():
    """What the table says is what is said."""
    answer = post_event(Book("T1"), state_disruption(version=2), FAR)
    assert answer == Rejection(Code.VERSION_NOT_NEXT, SENTENCES[Code.VERSION_NOT_NEXT])


def test_the_diagram_draws_the_table_and_nothing_else():
    """ARCHITECTURE.md draws what admission judges by."""
    drawn = draw_changes().splitlines()
    assert drawn[:2] == ["stateDiagram-v2", "    [*] --> RECORDED"]
    assert drawn[-2:] == ["    REASSESSED --> WITHDRAWN", "    WITHDRAWN --> [*]"]
    assert len(drawn) == 2 + len(LEGAL_CHANGES) == 12
