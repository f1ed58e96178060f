"""Activities (rule 5), function by function: who takes part, who leads, and when another's lead is beyond doubt."""

import pytest

from methodology.activity import activity_instants, activity_pillar, led_by_another, takes_part, version_at
from methodology.book import version_of
from tests.methodology.facts import DAY, JULY_1_2023, book_of, disruption

NOON = JULY_1_2023 * DAY + DAY // 2
MET_A = ("metropolitan", "A")


def held(*stories):
    """A book of these disruptions; each is a name and its versions' (instant after noon, what is said)."""
    facts = [
        disruption(name, version, entered_at=NOON + at, **{"activity_ref": "A"} | said)
        for name, versions in stories
        for version, (at, said) in enumerate(versions, 1)
    ]
    return book_of(*facts)[0]


def test_the_version_at_an_instant_is_the_highest_entered_by_then():
    """Rule 9, both sides of each entry; of two at one instant the higher."""
    book = held(("D1", [(0, {}), (5, {"pillar": "PREVENT"}), (5, {"pillar": "PROTECT"})]))
    versions = book.disruptions["D1"]
    assert [version_at(versions, NOON + at) for at in (-1, 0, 4, 5)] == [None, versions[0], versions[0], versions[2]]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, True),
        ({"activity_ref": "B"}, False),
        ({"activity_ref": None}, False),
        ({"recorded_by": "essex"}, False),
        ({"change": "WITHDRAWN"}, False),
    ],
)
def test_a_version_takes_part_by_recorder_and_reference_unless_it_withdraws(said, expected):
    """Same recorder, same reference, not withdrawn."""
    assert takes_part(version_of(disruption(**{"activity_ref": "A"} | said)), *MET_A) is expected


def test_an_activity_has_no_pillar_before_it_is_entered_and_after_it_is_withdrawn():
    """None, not a guess."""
    book = held(("D1", [(0, {}), (5, {"change": "WITHDRAWN"})]))
    pillars = [activity_pillar(book, *MET_A, NOON + at) for at in (-1, 0, 4, 5)]
    assert pillars == [None, "PURSUE", "PURSUE", None]
    assert activity_pillar(book, "metropolitan", "unheard", NOON) is None


def test_the_instants_of_an_activity_are_those_of_every_member_after_a_given_one():
    """Strictly after."""
    book = held(("D1", [(0, {}), (5, {})]), ("D2", [(3, {})]), ("D3", [(4, {"activity_ref": "B"})]))
    assert activity_instants(book, "A", NOON) == {NOON + 3, NOON + 5}
    assert activity_instants(book, "unheard", NOON) == set()


@pytest.mark.parametrize(
    ("versions", "since", "expected"),
    [
        ([(0, {})], 3, True),
        ([(0, {}), (2, {"change": "WITHDRAWN"})], 3, False),
        ([(0, {}), (3, {"change": "WITHDRAWN"})], 3, False),
        ([(0, {}), (4, {"change": "WITHDRAWN"})], 3, False),
        ([(0, {}), (4, {"activity_ref": "B"}), (5, {})], 3, False),
        ([(0, {"activity_ref": "B"}), (2, {})], 3, True),
        ([(0, {"recorded_by": "essex"})], 3, False),
    ],
)
def test_another_leads_when_it_takes_part_from_the_instant_on_for_good(versions, since, expected):
    """D1 ranks before D2, which enters at ``since``."""
    book = held(("D1", versions))
    assert led_by_another(book, (NOON + since, "D2"), *MET_A, NOON + since) is expected


def test_a_disruption_of_a_later_rank_does_not_lead():
    """Neither by entry nor by disruption id; and a disruption is not another than itself."""
    book = held(("D5", [(3, {})]))
    ranks = [(NOON + 2, "D9"), (NOON + 3, "D1"), (NOON + 3, "D5")]
    assert [led_by_another(book, rank, *MET_A, NOON + 3) for rank in ranks] == [False] * 3
    assert led_by_another(book, (NOON + 3, "D6"), *MET_A, NOON + 3)


def test_the_second_of_rank_may_be_the_one_that_leads():
    """The first was withdrawn; the next takes part for good."""
    book = held(("D1", [(0, {}), (1, {"change": "WITHDRAWN"})]), ("D2", [(2, {})]))
    assert led_by_another(book, (NOON + 3, "D3"), *MET_A, NOON + 3)
