"""Why a figure moved between two extractions, told from the legs of each event."""

from collections.abc import Iterator
from typing import Any

from demo.extract_comparison import (
    ExtractDifference,
    MovementCause,
    PostedLeg,
    count_causes,
    draw_difference,
    find_cause,
)
from tests.demo.test_progress_screen import drawn

JUNE_28, JULY_2 = 19_171, 19_175  # 2022, in days since 1970
_offsets = iter(range(1_000))


def event(*legs: dict[str, Any], organisation: str = "metropolitan") -> list[PostedLeg]:
    """One event's legs of one disruption."""
    offset = next(_offsets)
    account: dict[str, Any] = {
        "organisation": organisation,
        "type": "LEAD",
        "pillar": "PURSUE",
        "kind": "OCG",
        "crime_type": "DRUGS",
        "category": "MINOR",
        "event_date": JUNE_28,
        "standing": "COUNTED",
        "entered_at": 0,
        "disruption_id": "metropolitan-d00001",
        "partition": 0,
        "offset": offset,
    }
    return [PostedLeg(**{**account, "leg": number, **leg}) for number, leg in enumerate(legs)]


IN, OUT = {"sign": 1}, {"sign": -1}


def why(*legs: dict[str, Any]) -> MovementCause:
    """The cause of one event's legs."""
    found = event(*legs)
    return find_cause(found, sum(leg.sign for leg in found if leg.counts))


def test_a_first_record_was_entered_late() -> None:
    """Nothing stood before."""
    assert why(IN) == MovementCause("entered late", 1)


def test_a_disruption_that_stands_nowhere_was_withdrawn() -> None:
    """Nothing stands after."""
    assert why(OUT) == MovementCause("withdrawn", -1)


def test_a_corrected_event_date_moves_into_the_year_or_out_of_it() -> None:
    """28 June is in the year, 2 July is not."""
    assert why(OUT, IN | {"event_date": JULY_2}) == MovementCause("event date corrected out of the year", -1)
    assert why(OUT | {"event_date": JULY_2}, IN) == MovementCause("event date corrected into the year", 1)


def test_an_assessment_brings_a_disruption_in_or_takes_it_out() -> None:
    """Unassessed and assessed; assessed and without effect."""
    unassessed = {"category": "UNASSESSED", "standing": "UNASSESSED"}
    without_effect = {"category": "NONE", "standing": "CATEGORY_NOT_COUNTED"}
    assert why(OUT | unassessed, IN) == MovementCause("reassessed, now counted", 1)
    assert why(OUT, IN | without_effect) == MovementCause("reassessed, no longer counted", -1)


def test_threats_move_disruptions_too() -> None:
    """A threat becomes known, or turns out to be a vulnerability."""
    awaiting = {"kind": "UNKNOWN", "crime_type": "UNKNOWN", "standing": "AWAITING_THREAT"}
    turned = {"kind": "VULNERABILITY", "standing": "KIND_NOT_PERMITTED"}
    assert why(OUT | awaiting, IN) == MovementCause("its threat became known", 1)
    assert why(OUT, IN | turned) == MovementCause("threat reclassified: no longer an OCG", -1)


def legs() -> Iterator[PostedLeg]:
    """Two late entries, one withdrawal, one corrected pillar."""
    yield from event(IN)
    yield from event(IN)
    yield from event(OUT)
    yield from event(OUT | {"pillar": "PREVENT"}, IN)
    yield from event(IN, organisation="btp")


def test_causes_are_counted_by_organisation_and_a_corrected_pillar_is_none() -> None:
    """A disruption that stays in the figure does not move it."""
    assert count_causes(legs()) == {
        MovementCause("entered late", 1): {"metropolitan": 2, "btp": 1},
        MovementCause("withdrawn", -1): {"metropolitan": -1},
    }


def test_a_difference_adds_up_or_says_that_it_does_not() -> None:
    """First extraction and causes are the second, for each organisation."""
    first = {"metropolitan": 10, "btp": 3, "city-of-london": 5}
    second = {"metropolitan": 11, "btp": 4, "city-of-london": 5}
    assert ExtractDifference(first, second, count_causes(legs())).adds_up
    assert not ExtractDifference(first, second | {"btp": 3}, count_causes(legs())).adds_up


def test_the_table_leads_from_one_extraction_to_the_other() -> None:
    """Both figures, and the causes between them."""
    second = {"metropolitan": 8021, "btp": 4, "city-of-london": 5}
    lines = drawn(draw_difference(ExtractDifference(dict.fromkeys(second, 1), second, count_causes(legs()))))
    assert [line.split()[:2] for line in lines if line][2:] == [
        ["as", "at"],
        ["entered", "late"],
        ["withdrawn", "-1"],
        ["as", "at"],
    ]
    assert "8,021" in lines[-1]
