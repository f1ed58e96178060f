"""Postings: legs by hand for each kind of change, threats' own accounts, and what a duplicate and a refusal leave
behind.
"""

from dataclasses import replace
from typing import Any

import pytest

from ledger.entries import Account, Leg, ThreatAccount, ThreatLeg
from ledger.vocabulary import Verdict
from methodology.book import Book
from methodology.posting import Posted, foresee_posting, post_event, restore_event
from methodology.ruleset import IN_FORCE
from tests.methodology.facts import DAY, FAR, JULY_1_2023, fill_book, state_disruption, state_threat

NOON = JULY_1_2023 * DAY + DAY // 2
JANUARY = (JULY_1_2023 - 180) * DAY + DAY // 2


def make_account(**said):
    fields: dict[str, Any] = {
        "organisation": "metropolitan",
        "type": "LEAD",
        "pillar": "PURSUE",
        "kind": "OCG",
        "crime_type": "DRUGS",
        "category": "MAJOR",
        "event_date": JULY_1_2023,
        "standing": "COUNTED",
    }
    return Account(**(fields | said))


def make_threat_account(**said):
    fields: dict[str, Any] = {
        "owner": "metropolitan",
        "kind": "OCG",
        "crime_type": "DRUGS",
        "assessment_type": "TACTICAL",
        "moderation_status": "MODERATED",
        "soc": True,
        "tier": 2,
        "closed": False,
    }
    return ThreatAccount(**(fields | said))


def post_last(*facts):
    """What posting the last of these facts wrote."""
    return fill_book(*facts)[1][-1]


def test_a_recorded_disruption_is_posted_once():
    """One leg, from its entry on."""
    assert post_last(state_threat(), state_disruption()) == Posted(
        Verdict.ADMITTED, (Leg("D1", make_account(), 1, NOON),), ()
    )


def test_an_amendment_is_a_reversal_and_a_new_posting():
    """Rule 13: at the amendment's entry instant, the reversal first."""
    posted = post_last(
        state_threat(), state_disruption(), state_disruption(version=2, category="MINOR", entered_at=NOON + 7)
    )
    assert posted.legs == (
        Leg("D1", make_account(), -1, NOON + 7),
        Leg("D1", make_account(category="MINOR"), 1, NOON + 7),
    )


def test_an_amendment_at_the_same_instant_takes_the_place_of_what_it_amends():
    """Ties: the higher version wins."""
    posted = post_last(
        state_threat(), state_disruption(), state_disruption(version=2, pillar="PREPARE", entered_at=NOON)
    )
    assert posted.legs == (Leg("D1", make_account(), -1, NOON), Leg("D1", make_account(pillar="PREPARE"), 1, NOON))


def test_an_amendment_of_what_is_not_counted_by_writes_no_leg():
    """A new reason or tag moves nothing, and is an entry all the same."""
    assert post_last(
        state_threat(), state_disruption(), state_disruption(version=2, tags=["x"], entered_at=NOON + 1)
    ) == ("ADMITTED", (), ())


def test_a_withdrawal_is_a_reversal_alone():
    """Rule 13: nothing is deleted, and a withdrawn disruption stands nowhere."""
    posted = post_last(
        state_threat(), state_disruption(), state_disruption(version=2, change="WITHDRAWN", entered_at=NOON + 1)
    )
    assert posted.legs == (Leg("D1", make_account(), -1, NOON + 1),)


def test_a_late_entry_counts_in_its_year_from_its_entry_on():
    """Rule 9: the event date is a year back, the leg takes effect when it was entered."""
    posted = post_last(state_threat(), state_disruption(event_date=JULY_1_2023 - 365))
    assert posted.legs == (Leg("D1", make_account(event_date=JULY_1_2023 - 365), 1, NOON),)


def test_a_threat_heard_after_its_disruptions_moves_them_from_the_instant_it_was_entered():
    """Arrival order does not matter: entered before them, it was known to them all along."""
    posted = post_last(state_disruption(), state_threat(entered_at=NOON - 9))
    waiting = make_account(kind="UNKNOWN", crime_type="UNKNOWN", standing="AWAITING_THREAT")
    assert posted.legs == (Leg("D1", waiting, -1, NOON), Leg("D1", make_account(), 1, NOON))
    assert posted.threat_legs == (ThreatLeg(make_threat_account(), 1, NOON - 9),)


def test_a_disruption_heard_late_is_judged_by_each_assessment_from_its_entry_on():
    """Two legs more where the threat was reclassified after the disruption's entry."""
    reclassified = state_threat(2, kind="VULNERABILITY", entered_at=NOON + 3)
    assert post_last(state_threat(), reclassified, state_disruption()).legs == (
        Leg("D1", make_account(), 1, NOON),
        Leg("D1", make_account(), -1, NOON + 3),
        Leg("D1", make_account(kind="VULNERABILITY"), 1, NOON + 3),
    )


def test_one_leg_may_be_written_twice():
    """Postings are a multiset. D3 moves between two activities whose pillars change places later.

    Left where it was, D3 would have come to be counted at NOON + 9; moved, it stops being counted at that instant.
    """
    first, second = {"activity_ref": "A1"}, {"activity_ref": "A2", "pillar": "PREVENT"}
    story = [
        state_threat(),
        state_disruption("D1", **first),
        state_disruption("D2", **second),
        state_disruption("D1", 2, **first | {"pillar": "PREVENT"}, entered_at=NOON + 9),
        state_disruption("D2", 2, **second | {"pillar": "PURSUE"}, entered_at=NOON + 9),
        state_disruption("D3", activity_ref="A1", pillar="PREVENT", entered_at=NOON + 2),
        state_disruption("D3", 2, activity_ref="A2", pillar="PREVENT", entered_at=NOON + 3),
    ]
    counted = make_account(pillar="PREVENT")
    out = make_account(pillar="PREVENT", standing="SECOND_PILLAR")
    assert post_last(*story).legs == (
        Leg("D3", out, -1, NOON + 3),
        Leg("D3", counted, 1, NOON + 3),
        *[Leg("D3", counted, -1, NOON + 9)] * 2,
        *[Leg("D3", out, 1, NOON + 9)] * 2,
    )


def test_a_threat_is_posted_by_its_highest_version():
    """Rule 8: owner, kind, crime type, assessment type, moderation, SOC flag, tier and closed."""
    changes = {
        "owner": "essex",
        "kind": "VULNERABILITY",
        "crime_type": "FRAUD",
        "assessment_type": "THEMATIC",
        "moderation_status": "REJECTED",
        "soc": False,
        "tier": 5,
    }
    for name, value in changes.items():
        posted = post_last(state_threat(), state_threat(2, **{name: value}, entered_at=NOON))
        assert posted.threat_legs == (
            ThreatLeg(make_threat_account(), -1, NOON),
            ThreatLeg(make_threat_account(**{name: value}), 1, NOON),
        )


@pytest.mark.parametrize(
    ("phase", "closed"),
    [
        ("Active", False),
        ("closed", True),
        ("4 - CLOSED by force", True),
        ("Disclosed", True),
        ("Close", False),
        ("", False),
    ],
)
def test_a_phase_that_contains_closed_is_closed(phase, closed):
    """Section 2, phase: "contains 'closed', any case"."""
    assert post_last(state_threat(phase=phase)).threat_legs == (
        ThreatLeg(make_threat_account(closed=closed), 1, JANUARY),
    )


def test_an_assessment_that_changes_no_account_writes_no_leg():
    """The same assessment again, later: an entry, no posting."""
    again = state_threat(2, assessed_on=JULY_1_2023 - 100, phase="Still active", entered_at=NOON)
    assert post_last(state_threat(), state_disruption(), again) == ("ADMITTED", (), ())


def test_a_duplicate_and_a_refused_event_leave_the_book_as_it_was():
    """Twice is once."""
    fact = state_disruption()
    book, _ = fill_book(state_threat(), fact)
    packed = book.pack()
    assert post_event(book, fact, FAR) == Posted(Verdict.DUPLICATE, (), ())
    assert post_event(book, state_disruption(version=9), FAR).code == "VERSION_NOT_NEXT"
    assert book.pack() == packed


def test_what_posting_would_answer_is_foreseen_and_the_book_stays_as_it_was():
    """Admitted, refused, a duplicate or without an identity: the same answer, and nothing is advanced."""
    first, second = state_disruption(activity_ref="A"), state_disruption("D2", activity_ref="A", pillar="PREVENT")
    book, _ = fill_book(state_threat(), first)
    packed = book.pack()
    asked = [
        second,
        first,
        state_disruption(version=9),
        state_disruption(event_id="17"),
        state_threat(2, kind="VULNERABILITY"),
    ]
    answers = [foresee_posting(book, fact, FAR) for fact in asked]
    assert book.pack() == packed
    assert [answer[0] for answer in answers] == [
        "ADMITTED",
        "DUPLICATE",
        "VERSION_NOT_NEXT",
        "UNRECOGNISED_VALUE",
        "ADMITTED",
    ]
    assert answers[0].legs == (Leg("D2", make_account(pillar="PREVENT", standing="SECOND_PILLAR"), 1, NOON),)
    assert [post_event(book, fact, FAR) for fact in asked[:4]] == answers[:4]


def test_an_amendment_that_changes_nothing_that_counts_is_admitted_without_legs():
    """Of a disruption in an activity, where an amendment may move others too."""
    book, _ = fill_book(state_threat(), state_disruption(activity_ref="A"))
    amended = state_disruption(
        version=2, change="AMENDED", activity_ref="A", reason="a typing error", entered_at=NOON + 1
    )
    assert post_event(book, amended, FAR) == Posted(Verdict.ADMITTED, (), ())


def test_what_is_foreseen_is_judged_by_the_rules_that_are_given():
    """Rules of which a reason may have three characters reject four, foreseen and posted; those in force admit them."""
    fact, strict = state_disruption(reason="four"), replace(IN_FORCE, bounds=IN_FORCE.bounds._replace(reason=3))
    assert foresee_posting(Book("T1"), fact, FAR, strict).code == "FIELD_TOO_LONG"
    assert post_event(Book("T1"), fact, FAR, strict).code == "FIELD_TOO_LONG"
    assert foresee_posting(Book("T1"), fact, FAR).verdict == "ADMITTED"


def test_restoring_is_posting_without_the_postings():
    """Recovery: the same books, and the same identities seen."""
    facts = (
        state_threat(),
        state_disruption(activity_ref="A"),
        state_disruption(version=2, activity_ref="B", entered_at=NOON + 1),
    )
    book, restored = fill_book(*facts)[0], Book("T1")
    for fact in facts:
        restore_event(restored, fact)
    assert restored.pack() == book.pack()
    assert post_event(restored, facts[0], FAR).verdict == "DUPLICATE"


def test_what_was_never_admitted_is_not_restored():
    """An entry without a UUID is none of this ledger's."""
    with pytest.raises(ValueError, match=r"^an admitted event has a UUID .* by this ledger$"):
        restore_event(Book("T1"), state_disruption(event_id="17"))


def test_the_legs_of_one_posting_are_in_order():
    """By entry instant, reversals first, then by disruption id."""
    story = [state_disruption(name, entered_at=NOON + n) for n, name in enumerate(("D3", "D1", "D2"))]
    posted = post_last(*story, state_threat(entered_at=NOON + 1))
    assert [(leg.entered_at - NOON, leg.sign, leg.disruption_id) for leg in posted.legs] == [
        (1, -1, "D1"),
        (1, -1, "D3"),
        (1, 1, "D1"),
        (1, 1, "D3"),
        (2, -1, "D2"),
        (2, 1, "D2"),
    ]


def test_two_legs_of_one_posting_are_in_order():
    """Rule 5: from NOON + 9 on D1 would be behind D0, which was entered before it. Having left their activity before,
    D1 stays counted: a reversal, then the posting.
    """
    story = [
        state_threat(),
        state_disruption("D0", pillar="PREVENT"),
        state_disruption("D1", activity_ref="A1", entered_at=NOON + 1),
        state_disruption("D0", 2, pillar="PREVENT", activity_ref="A1", entered_at=NOON + 9),
        state_disruption("D1", 2, entered_at=NOON + 5),
    ]
    assert post_last(*story).legs == (
        Leg("D1", make_account(standing="SECOND_PILLAR"), -1, NOON + 9),
        Leg("D1", make_account(), 1, NOON + 9),
    )
