"""What holds for a date from when on (rule 12), by hand; and that finding it takes few steps."""

import pytest

from methodology.assessed import UNASSESSED, AssessedDays, AssessedSpan
from methodology.standards import FOREVER


def hear_assessments(*said):
    """These assessments: instant of entry, day, kind."""
    days = AssessedDays()
    for entered_at, assessed_on, kind in said:
        days.add_assessment(entered_at, assessed_on, kind, "DRUGS")
    return days


def list_kinds(days, day):
    """The kinds of a date with the instants from which they hold."""
    return [(span.since, span.kind) for span in days.find_last_span(day).list_from(0, FOREVER)]


def test_before_any_assessment_nothing_is_known():
    """Kind None and crime type UNKNOWN, at every instant."""
    days = AssessedDays()
    assert days.find_last_span(50) is UNASSESSED
    assert (UNASSESSED.kind, UNASSESSED.crime_type) == (None, "UNKNOWN")
    assert UNASSESSED.list_from(7, FOREVER) == [UNASSESSED]
    assert (days.since, days.kinds) == (FOREVER, ())


def test_the_first_assessment_holds_for_every_date():
    """The latest not after the date, or else the earliest: there is one."""
    days = hear_assessments((7, 50, "OCG"))
    for day in (0, 49, 50, 51):
        assert list_kinds(days, day) == [(-1, None), (7, "OCG")]
    assert (days.since, days.kinds) == (7, ("OCG",))


def test_a_later_day_holds_from_it_on_and_an_earlier_one_before_the_next():
    """60 takes what is from 60 on; 40 takes what is before 50; 50 keeps its own ten days."""
    days = hear_assessments((1, 50, "OCG"), (2, 60, "VULNERABILITY"), (3, 40, "PRIORITY_INDIVIDUAL"))
    assert [days.find_last_span(day).kind for day in (0, 39, 40, 49)] == ["PRIORITY_INDIVIDUAL"] * 4
    assert [days.find_last_span(day).kind for day in (50, 59, 60, 99)] == [
        "OCG",
        "OCG",
        "VULNERABILITY",
        "VULNERABILITY",
    ]
    assert list_kinds(days, 45) == [(-1, None), (1, "OCG"), (3, "PRIORITY_INDIVIDUAL")]


def test_of_one_day_the_higher_version_holds_from_it_on_and_the_lower_before_it():
    """Rule 12, ties."""
    days = hear_assessments((1, 50, "OCG"), (2, 50, "VULNERABILITY"))
    assert [days.find_last_span(day).kind for day in (49, 50)] == ["OCG", "VULNERABILITY"]


def test_of_two_entered_at_one_instant_the_later_version_holds():
    """There is no time at which the earlier one did; when it says what held before, nothing happened."""
    assert list_kinds(
        hear_assessments((1, 50, "OCG"), (2, 50, "VULNERABILITY"), (2, 50, "PRIORITY_INDIVIDUAL")), 50
    ) == [
        (-1, None),
        (1, "OCG"),
        (2, "PRIORITY_INDIVIDUAL"),
    ]
    assert list_kinds(hear_assessments((1, 50, "OCG"), (2, 50, "VULNERABILITY"), (2, 50, "OCG")), 50) == [
        (-1, None),
        (1, "OCG"),
    ]


def test_an_assessment_that_says_the_same_is_no_turn():
    """Neither of the same day nor of another."""
    assert list_kinds(hear_assessments((1, 50, "OCG"), (2, 50, "OCG"), (3, 70, "OCG")), 80) == [(-1, None), (1, "OCG")]


def test_kind_and_crime_type_are_both_said():
    """Another of either is another turn."""
    turn = AssessedSpan(1, "OCG", "DRUGS")
    assert turn.has_assessed("OCG", "DRUGS")
    assert not turn.has_assessed("OCG", "FRAUD")
    assert not turn.has_assessed("VULNERABILITY", "DRUGS")


@pytest.mark.parametrize(
    ("known", "new", "expected"),
    [
        ((), 50, (0, FOREVER)),
        ((50,), 60, (60, FOREVER)),
        ((50,), 50, (50, FOREVER)),
        ((50,), 40, (0, 50)),
        ((50, 70, 90), 60, (60, 70)),
        ((50, 70), 50, (50, 70)),
    ],
)
def test_an_assessment_speaks_for_the_dates_up_to_the_next_one(known, new, expected):
    """What need not be judged anew is what rule 12 leaves to other assessments."""
    assert hear_assessments(*((1, day, "OCG") for day in known)).find_dates(new) == expected


def test_the_turns_of_a_time_begin_with_the_one_in_force():
    """From 20 to before 40: that of 20, and those after it; a turn that begins at the end is not in it."""
    days = hear_assessments(*((10 * n, 50, ("OCG", "VULNERABILITY")[n % 2]) for n in range(1, 6)))
    turn = days.find_last_span(50)
    assert [one.since for one in turn.list_from(20, 40)] == [20, 30]
    assert [one.since for one in turn.list_from(25, 26)] == [20]
    assert [one.since for one in turn.list_from(45, FOREVER)] == [40, 50]
    assert [one.since for one in turn.list_from(5, 11)] == [-1, 10]


def test_a_turn_is_found_in_steps_as_few_as_the_logarithm_of_all():
    """Of 10,000 turns any is found right, in fewer than 40 steps."""
    turn = UNASSESSED
    for instant in range(10_000):
        turn = turn.follow_with(instant, ("OCG", "VULNERABILITY")[instant % 2], "DRUGS")
    for instant in (0, 1, 2, 777, 4_999, 8_191, 9_998, 9_999):
        assert turn.find_at(instant).since == instant
        assert count_steps(turn, instant) < 40
    assert turn.find_at(10**9) is turn


def count_steps(turn, instant):
    steps = 0
    while turn.since > instant:
        turn = turn.far if turn.far.since > instant else turn.before
        steps += 1
    return steps
