"""Activities (rule 5), function by function: who stays where, who leads, and whom a change of pillar moves."""

import pytest

from methodology.activity import Activity, ActivityLead, PillarShift, list_shifts
from methodology.standards import FOREVER
from methodology.stays import NOBODY, Stay
from methodology.versions import find_membership, list_in_force, make_version
from tests.methodology.facts import DAY, JULY_1_2023, JUNE_30_2023, fill_book, state_disruption

NOON = JULY_1_2023 * DAY + DAY // 2
PURSUE, PREVENT, PROTECT = (("PURSUE", JULY_1_2023), ("PREVENT", JULY_1_2023), ("PROTECT", JULY_1_2023))
D1, D2, D3, D9 = (1, "D1"), (2, "D2"), (3, "D3"), (9, "D9")


def make_activity(*stays):
    """An activity of these: side, rank, since and, when it ended, until."""
    activity = Activity()
    for side, rank, since, *until in stays:
        activity.enter_side(side, rank, since)
        for instant in until:
            activity.leave_side(side, rank, instant)
    return activity


def list_leads(leads):
    return [(lead.since, lead.rank[1], lead.pillar) for lead in leads]


def test_the_version_in_force_is_the_highest_entered_by_then():
    """Rule 9, both sides of each entry; of two at one instant the higher; none before the first."""
    facts = [state_disruption("D1", v, entered_at=NOON + at) for v, at in enumerate((0, 5, 5), 1)]
    versions = fill_book(*facts)[0].disruptions["D1"]
    first, _, third = versions
    assert list(list_in_force(versions, NOON - 1, NOON)) == []
    assert list(list_in_force(versions, NOON - 1)) == [(first, NOON, NOON + 5), (third, NOON + 5, FOREVER)]
    assert list(list_in_force(versions, NOON + 4, NOON + 5)) == [(first, NOON + 4, NOON + 5)]
    assert list(list_in_force(versions, NOON + 5, NOON + 9)) == [(third, NOON + 5, NOON + 9)]
    assert list(list_in_force(versions, NOON + 6)) == [(third, NOON + 6, FOREVER)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, (("metropolitan", "A"), PURSUE)),
        ({"activity_ref": "B"}, (("metropolitan", "B"), PURSUE)),
        ({"recorded_by": "essex"}, (("essex", "A"), PURSUE)),
        ({"pillar": "PREVENT", "event_date": JUNE_30_2023}, (("metropolitan", "A"), ("PREVENT", 0))),
        ({"activity_ref": None}, None),
        ({"change": "WITHDRAWN"}, None),
    ],
)
def test_a_version_takes_part_by_recorder_and_reference_unless_it_withdraws(said, expected):
    """On the side of its pillar, under the standard of its event date."""
    assert find_membership(make_version(state_disruption(**{"activity_ref": "A"} | said))) == expected


def test_nothing_takes_part_before_it_is_entered():
    """No version, no membership."""
    assert find_membership(None) is None


def test_an_activity_is_led_by_the_lowest_rank_that_stays():
    """D1 leads until it leaves; nobody before it enters, nor after the last has left."""
    activity = make_activity((PURSUE, D1, 1, 5), (PREVENT, D2, 2, 7), (PURSUE, D3, 3, 6))
    assert list_leads(activity.list_leads(0)) == [
        (0, "", None),
        (1, "D1", "PURSUE"),
        (5, "D2", "PREVENT"),
        (7, "", None),
    ]
    assert list_leads(activity.list_leads(5)) == [(5, "D2", "PREVENT"), (7, "", None)]
    assert list_leads(activity.list_leads(7)) == [(7, "", None)]


def test_one_that_comes_back_leads_from_then_on():
    """By rank, which is of version 1: D1 left on one side and is back on the other at 9, D2 leads meanwhile."""
    activity = make_activity((PURSUE, D1, 1, 5), (PREVENT, D2, 2), (PREVENT, D1, 9))
    assert list_leads(activity.list_leads(4)) == [(4, "D1", "PURSUE"), (5, "D2", "PREVENT"), (9, "D1", "PREVENT")]
    assert list_leads(activity.list_leads(4, but=D1)) == [(4, "D2", "PREVENT")]


def test_several_that_come_back_lead_in_the_order_of_their_coming():
    """D3 is there from 3 on, D2 from 8, D1 from 9; D9, behind D3 whenever it is there, never leads."""
    activity = make_activity((PURSUE, D1, 9), (PURSUE, D2, 8), (PURSUE, D3, 3), (PURSUE, D9, 9))
    assert list_leads(activity.list_leads(2)) == [
        (2, "", None),
        (3, "D3", "PURSUE"),
        (8, "D2", "PURSUE"),
        (9, "D1", "PURSUE"),
    ]


def test_who_changes_sides_at_once_leads_on_the_other():
    """D1 without a gap from PURSUE to PREVENT; a stay that ends when it begins is none."""
    activity = make_activity((PURSUE, D1, 1, 5), (PROTECT, D1, 5, 5), (PREVENT, D1, 5))
    assert list_leads(activity.list_leads(1)) == [(1, "D1", "PURSUE"), (5, "D1", "PREVENT")]


def test_only_those_of_another_pillar_are_asked_for_when_one_is_given():
    """Until one comes, nobody is said to lead; from then on whoever does."""
    activity = make_activity((PURSUE, D1, 1), (PREVENT, D2, 6))
    assert list_leads(activity.list_leads(2, pillar="PURSUE")) == [(2, "", None), (6, "D1", "PURSUE")]
    assert list_leads(activity.list_leads(7, pillar="PURSUE")) == [(7, "D1", "PURSUE")]
    assert list_leads(activity.list_leads(2, pillar="PREVENT")) == [(2, "D1", "PURSUE")]
    assert list_leads(make_activity((PURSUE, D1, 1)).list_leads(2, pillar="PURSUE")) == [(2, "", None)]
    assert list_leads(make_activity((PURSUE, D1, 1, 5)).list_leads(2, pillar="PREVENT")) == [
        (2, "D1", "PURSUE"),
        (5, "", None),
    ]


def test_nobody_is_of_interest_once_the_last_of_another_pillar_is_gone():
    """Beside PURSUE there is PREVENT from 2 to 5 alone."""
    activity = make_activity((PURSUE, D1, 1), (PREVENT, D2, 2, 5))
    assert list_leads(activity.list_leads(0, pillar="PURSUE")) == [(0, "", None), (2, "D1", "PURSUE"), (5, "", None)]


def test_a_stay_behind_another_for_as_long_as_both_lasted_is_looked_at_once():
    """D2 was behind D1 from 2 to 5 and both are over: nothing heard later makes it lead."""
    activity = make_activity((PURSUE, D1, 1, 5), (PREVENT, D2, 2, 5))
    assert list_leads(activity.list_leads(0, pillar="PURSUE")) == [(0, "", None), (2, "D1", "PURSUE"), (5, "", None)]
    assert list_leads(activity.list_leads(0, pillar="PURSUE")) == [(0, "", None)]
    assert list_leads(activity.list_leads(0)) == [(0, "", None), (1, "D1", "PURSUE"), (5, "", None)]


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ((PURSUE, D1, 1, 4), [(1, "D1", "PURSUE"), (4, "D2", "PREVENT"), (5, "", None)]),
        ((PURSUE, D3, 1, 9), [(1, "D3", "PURSUE"), (2, "D2", "PREVENT"), (5, "D3", "PURSUE"), (9, "", None)]),
    ],
)
def test_a_stay_that_outlasts_the_one_before_it_or_goes_before_it_leads(first, expected):
    """D2 is there from 2 to 5: behind D1 until 4, before D3 all the time; asked twice, the same."""
    activity = make_activity(first, (PREVENT, D2, 2, 5))
    assert [list_leads(activity.list_leads(1)) for _ in range(2)] == [expected] * 2


def test_a_stay_behind_one_that_stays_leads_when_that_one_leaves():
    """What is not over may still end: D1 leaves at 3."""
    activity = make_activity((PURSUE, D1, 1), (PREVENT, D2, 2, 5))
    assert list_leads(activity.list_leads(1)) == [(1, "D1", "PURSUE")]
    activity.leave_side(PURSUE, D1, 3)
    assert list_leads(activity.list_leads(1)) == [(1, "D1", "PURSUE"), (3, "D2", "PREVENT"), (5, "", None)]


LEADS = [
    ActivityLead(0, NOBODY, None),
    ActivityLead(2, D3, "PREVENT"),
    ActivityLead(4, NOBODY, None),
    ActivityLead(5, D9, "PREVENT"),
    ActivityLead(6, D1, "PROTECT"),
    ActivityLead(7, D9, "PREVENT"),
    ActivityLead(8, D3, "PROTECT"),
]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, "PURSUE", [(2, 6, "PREVENT", "PURSUE"), (7, 8, "PREVENT", "PURSUE"), (8, FOREVER, "PROTECT", "PURSUE")]),
        ("PURSUE", None, [(2, 6, "PURSUE", "PREVENT"), (7, 8, "PURSUE", "PREVENT"), (8, FOREVER, "PURSUE", "PROTECT")]),
        (None, "PREVENT", [(8, FOREVER, "PROTECT", "PREVENT")]),
        ("PURSUE", "PROTECT", [(2, 6, "PURSUE", "PROTECT"), (7, FOREVER, "PURSUE", "PROTECT")]),
        ("PURSUE", "PURSUE", []),
    ],
)
def test_a_pillar_shifts_where_the_disruption_leads_and_another_pillar_led(before, after, expected):
    """D2 against the above: it leads where D3 and D9 would, not where D1 does; an empty time parts nothing."""
    assert list_shifts(LEADS, D2, before, after) == expected


def test_a_shift_moves_the_stays_of_the_two_pillars_that_overlap_it():
    """Not those of a third pillar, nor those over before it or entered after it, nor the one that makes the shift."""
    activity = make_activity(
        (PURSUE, D1, 1), (PURSUE, D2, 1, 5), (PREVENT, D3, 4, 6), (PROTECT, D9, 1), (PREVENT, (8, "D8"), 8, 9)
    )
    shifts = [PillarShift(5, 8, "PURSUE", "PREVENT"), PillarShift(9, 12, "PREVENT", "PURSUE")]
    moved = list(activity.list_moved_stays(shifts, (0, "D0"), [JULY_1_2023]))
    assert moved == [
        (Stay(D1, 1, FOREVER), "PURSUE", shifts[0]),
        (Stay(D1, 1, FOREVER), "PURSUE", shifts[1]),
        (Stay(D3, 4, 6), "PREVENT", shifts[0]),
    ]
    assert [stay.rank for stay, _, _ in activity.list_moved_stays(shifts, D1, [JULY_1_2023])] == [D3]
    assert list(activity.list_moved_stays(shifts, D2, [0])) == []


def test_a_shift_does_not_look_past_its_end():
    """Of those who stay for good, only those first entered before its end are looked at."""
    activity = make_activity((PURSUE, D1, 1), (PURSUE, D2, 2), (PURSUE, D9, 9))
    shifts = [PillarShift(1, 2, "PURSUE", "PREVENT")]
    assert [stay.rank for stay, _, _ in activity.list_moved_stays(shifts, NOBODY, [JULY_1_2023])] == [D1]
