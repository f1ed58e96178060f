"""Where a disruption stands: rules 4 to 7 and 12, with expected accounts by hand."""

import pytest

from ledger.vocabulary import Category, Standing
from tests.methodology.facts import (
    DAY,
    JULY_1_2023,
    JUNE_30_2023,
    fill_book,
    find_accounts,
    state_disruption,
    state_threat,
)

NOON = JULY_1_2023 * DAY + DAY // 2


def find_account(*facts, of="D1"):
    """The account that the disruption stands in after all of these."""
    return find_accounts(fill_book(*facts)[1])[of]


def find_standing_of(*facts, of="D1"):
    return find_account(*facts, of=of).standing


def test_an_account_is_read_off_the_disruption_and_its_threat():
    """Recorder, type, pillar, kind, crime type, category, event date, standing: the whole account."""
    made = state_threat(kind="VULNERABILITY", crime_type="FRAUD"), state_disruption(recorded_by="nca", pillar="PROTECT")
    assert find_account(*made) == ("nca", "LEAD", "PROTECT", "VULNERABILITY", "FRAUD", "MAJOR", JULY_1_2023, "COUNTED")


def test_a_disruption_of_an_unknown_threat_waits_for_it():
    """Rule 7: "one that does not (yet) is kept and flagged"; rule 16: kind and crime type are UNKNOWN."""
    found = find_account(state_disruption())
    assert (found.standing, found.kind, found.crime_type) == ("AWAITING_THREAT", "UNKNOWN", "UNKNOWN")


def test_a_waiting_disruption_is_counted_once_its_threat_is_known():
    """Rule 7, "(yet)"."""
    assert find_standing_of(state_disruption(), state_threat()) == "COUNTED"


@pytest.mark.parametrize(
    ("kind", "event_date", "expected"),
    [
        ("OCG", JUNE_30_2023, "COUNTED"),
        ("PRIORITY_INDIVIDUAL", JUNE_30_2023, "KIND_NOT_PERMITTED"),
        ("VULNERABILITY", JUNE_30_2023, "KIND_NOT_PERMITTED"),
        ("OCG", JULY_1_2023, "COUNTED"),
        ("PRIORITY_INDIVIDUAL", JULY_1_2023, "COUNTED"),
        ("VULNERABILITY", JULY_1_2023, "COUNTED"),
    ],
)
def test_the_kinds_permitted_are_those_of_the_standard_at_the_event_date(kind, event_date, expected):
    """Rule 4: before 1 July 2023 an OCG alone, from that day on every kind; whenever it is entered."""
    assert find_standing_of(state_threat(kind=kind), state_disruption(event_date=event_date)) == expected


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("MAJOR", "COUNTED"),
        ("MODERATE", "COUNTED"),
        ("MINOR", "COUNTED"),
        ("NONE", "CATEGORY_NOT_COUNTED"),
        ("NEGATIVE", "CATEGORY_NOT_COUNTED"),
        ("UNASSESSED", "UNASSESSED"),
    ],
)
def test_major_moderate_and_minor_are_counted(category, expected):
    """Rule 6: "count only major, moderate and minor"."""
    assert find_standing_of(state_threat(), state_disruption(category=category)) == expected


def test_the_first_reason_that_holds_is_the_standing():
    """A disruption with every fault, cured one by one, in the order of the table."""
    first = state_disruption("D0", activity_ref="A", entered_at=NOON - 1)
    bad = {"activity_ref": "A", "pillar": "PREVENT", "category": "UNASSESSED", "event_date": JUNE_30_2023}
    vulnerable = state_threat(kind="VULNERABILITY")
    assert find_standing_of(first, state_disruption(**bad)) == "AWAITING_THREAT"
    assert find_standing_of(vulnerable, first, state_disruption(**bad)) == "KIND_NOT_PERMITTED"
    bad["event_date"] = JULY_1_2023
    assert find_standing_of(vulnerable, first, state_disruption(**bad)) == "SECOND_PILLAR"
    bad["pillar"] = "PURSUE"
    assert find_standing_of(vulnerable, first, state_disruption(**bad)) == "UNASSESSED"
    bad["category"] = "NEGATIVE"
    assert find_standing_of(vulnerable, first, state_disruption(**bad)) == "CATEGORY_NOT_COUNTED"
    bad["category"] = "MINOR"
    assert find_standing_of(vulnerable, first, state_disruption(**bad)) == "COUNTED"


def test_the_order_of_standings_is_that_of_the_vocabulary():
    """What the test above walks through is all there is."""
    walked = ["AWAITING_THREAT", "KIND_NOT_PERMITTED", "SECOND_PILLAR", "UNASSESSED", "CATEGORY_NOT_COUNTED", "COUNTED"]
    assert list(Standing) == walked
    assert len(Category) == 6


def make_assessments(*days_kinds):
    """Assessments of these days and kinds, versions in the order given, all entered on one instant."""
    return [
        state_threat(version, assessed_on=day, kind=kind, crime_type=crime, entered_at=NOON)
        for version, (day, kind, crime) in enumerate(days_kinds, 1)
    ]


@pytest.mark.parametrize(
    ("event_date", "kind", "crime_type"),
    [
        (JULY_1_2023 - 31, "OCG", "DRUGS"),
        (JULY_1_2023 - 30, "OCG", "DRUGS"),
        (JULY_1_2023 - 11, "OCG", "DRUGS"),
        (JULY_1_2023 - 10, "VULNERABILITY", "FRAUD"),
        (JULY_1_2023, "VULNERABILITY", "FRAUD"),
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_kind_and_crime_type_are_as_assessed_at_the_event_date(event_date, kind, crime_type, late):
    """Rule 12: the latest assessment not after the event date, or else the earliest; in either order of versions."""
    days = [(JULY_1_2023 - 30, "OCG", "DRUGS"), (JULY_1_2023 - 10, "VULNERABILITY", "FRAUD")]
    found = find_account(
        *make_assessments(*(reversed(days) if late else days)), state_disruption(event_date=event_date)
    )
    assert (found.kind, found.crime_type) == (kind, crime_type)


def test_of_two_assessments_of_one_day_the_higher_version_holds_after_it_and_the_lower_before():
    """Rule 12, ties."""
    both = make_assessments((JULY_1_2023 - 5, "OCG", "DRUGS"), (JULY_1_2023 - 5, "VULNERABILITY", "FRAUD"))
    assert find_account(*both, state_disruption(event_date=JULY_1_2023 - 5)).kind == "VULNERABILITY"
    assert find_account(*both, state_disruption(event_date=JULY_1_2023 - 6)).kind == "OCG"


def test_an_assessment_entered_later_speaks_only_from_then_on():
    """Rules 9 and 12: before its entry the record stood as it was."""
    _, posted = fill_book(
        state_threat(), state_disruption(), state_threat(2, kind="VULNERABILITY", entered_at=NOON + 5)
    )
    assert [(leg.account.kind, leg.sign, leg.entered_at) for leg in posted[2].legs] == [
        ("OCG", -1, NOON + 5),
        ("VULNERABILITY", 1, NOON + 5),
    ]


def test_an_activity_has_one_pillar_that_of_its_first_entered():
    """Rule 5: the county lines dealer arrested (pursue) and then safeguarded (prevent) is one pursue disruption."""
    arrested = state_disruption("D1", activity_ref="A", pillar="PURSUE", entered_at=NOON)
    safeguarded = state_disruption("D2", activity_ref="A", pillar="PREVENT", entered_at=NOON + 1)
    found = find_accounts(fill_book(state_threat(), arrested, safeguarded)[1])
    assert {name: one.standing for name, one in found.items()} == {"D1": "COUNTED", "D2": "SECOND_PILLAR"}
    assert find_accounts(fill_book(state_threat(), safeguarded, arrested)[1]) == found


@pytest.mark.parametrize(
    "apart",
    [
        {"pillar": "PURSUE"},
        {"activity_ref": "B"},
        {"activity_ref": None},
        {"recorded_by": "essex"},
    ],
)
def test_disruptions_apart_do_not_meet(apart):
    """Rule 5: the same pillar, another activity, none, or another recorder is no second pillar."""
    first = state_disruption("D1", activity_ref="A", entered_at=NOON - 1)
    second = {"activity_ref": "A", "pillar": "PREVENT"} | apart
    assert find_standing_of(state_threat(), first, state_disruption("D2", **second), of="D2") == "COUNTED"


def test_disruptions_of_no_activity_do_not_meet():
    """Rule 5: "(not null)"."""
    assert (
        find_standing_of(state_threat(), state_disruption("D1"), state_disruption("D2", pillar="PREVENT"), of="D2")
        == "COUNTED"
    )


def test_first_entered_is_by_version_one_and_a_tie_goes_by_disruption_id():
    """Rule 5 [D]: a later version does not make it later; D1 comes before D2 at one instant."""
    early = state_disruption("D2", activity_ref="A", pillar="PREVENT", entered_at=NOON - 1)
    amended = state_disruption("D2", 2, activity_ref="A", pillar="PREVENT", entered_at=NOON + 9)
    later = state_disruption("D1", activity_ref="A", entered_at=NOON)
    assert find_standing_of(state_threat(), early, later, amended) == "SECOND_PILLAR"
    same = state_disruption("D2", activity_ref="A", pillar="PREVENT", entered_at=NOON)
    assert find_accounts(fill_book(state_threat(), same, later)[1])["D2"].standing == "SECOND_PILLAR"
    assert find_standing_of(state_threat(), same, later) == "COUNTED"


def test_a_withdrawn_first_disruption_gives_its_place_to_the_next():
    """Rule 5: "its first entered disruption that is not withdrawn"; from the withdrawal on."""
    first = state_disruption("D1", activity_ref="A", entered_at=NOON)
    second = state_disruption("D2", activity_ref="A", pillar="PREVENT", entered_at=NOON + 1)
    gone = state_disruption("D1", 2, change="WITHDRAWN", activity_ref="A", entered_at=NOON + 2)
    _, posted = fill_book(state_threat(), first, second, gone)
    assert [(leg.disruption_id, leg.account.standing, leg.sign, leg.entered_at) for leg in posted[3].legs] == [
        ("D1", "COUNTED", -1, NOON + 2),
        ("D2", "SECOND_PILLAR", -1, NOON + 2),
        ("D2", "COUNTED", 1, NOON + 2),
    ]


def test_an_amended_first_disruption_changes_the_pillar_of_its_activity():
    """Rule 5: the pillar is as of its version at the instant."""
    first = state_disruption("D1", activity_ref="A", entered_at=NOON)
    second = state_disruption("D2", activity_ref="A", pillar="PREVENT", entered_at=NOON + 1)
    amended = state_disruption("D1", 2, activity_ref="A", pillar="PREVENT", entered_at=NOON + 2)
    found = find_accounts(fill_book(state_threat(), first, second, amended)[1])
    assert [found[name].standing for name in ("D1", "D2")] == ["COUNTED", "COUNTED"]


def test_a_disruption_amended_out_of_an_activity_leaves_it():
    """Rule 5: membership, too, is as of the version at the instant; and it may come back."""
    first = state_disruption("D1", activity_ref="A", entered_at=NOON)
    second = state_disruption("D2", activity_ref="A", pillar="PREVENT", entered_at=NOON + 1)
    out = state_disruption("D1", 2, activity_ref=None, entered_at=NOON + 2)
    back = state_disruption("D1", 3, activity_ref="A", entered_at=NOON + 3)
    assert find_standing_of(state_threat(), first, second, out, of="D2") == "COUNTED"
    assert find_standing_of(state_threat(), first, second, out, back, of="D2") == "SECOND_PILLAR"


def test_a_first_disruption_heard_late_unseats_those_heard_before():
    """Rule 5 and rule 9: first is by entry, not by arrival."""
    second = state_disruption("D2", activity_ref="A", pillar="PREVENT", entered_at=NOON + 1)
    first = state_disruption("D1", activity_ref="A", entered_at=NOON)
    _, posted = fill_book(state_threat(), second, first)
    assert [(leg.disruption_id, leg.account.standing, leg.sign, leg.entered_at) for leg in posted[2].legs] == [
        ("D1", "COUNTED", 1, NOON),
        ("D2", "COUNTED", -1, NOON + 1),
        ("D2", "SECOND_PILLAR", 1, NOON + 1),
    ]
