"""Then beside now: each cause by a story of one threat, told to the real engine; expected values by hand.

The threat is an OCG from the start. Then is the end of 4 July 2022; whatever a test tells comes to pass around it.
"""

from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from ledger.facts import Fact
from methodology.causes import CAUSE_SENTENCES, Cause
from queries.answers import CompareAnswer
from queries.compare_queries import CompareQuery, MoveQuery
from queries.differences import answer_compare
from queries.errors import WrongField
from queries.moves import answer_moves
from queries.snapshot import Snapshot
from tests.facts import DAY_MILLIS, make_disruption, make_threat
from tests.queries.histories_stored import StoredHistory

THEN = "2022-07-04"
PERIOD = {"from_": "2021-07-01", "to": "2022-07-31"}
_numbers = count(1)


def count_noon(day: str) -> int:
    """Noon of a day, UTC, in milliseconds."""
    return count_day(day) * DAY_MILLIS + DAY_MILLIS // 2


def count_day(day: str) -> int:
    """A date as the fold holds it."""
    return date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal()


class RecordedStory:
    """What the Metropolitan Police say of threat T-1, each entered and, unless told, learnt at noon of a day."""

    def __init__(self, history: StoredHistory) -> None:
        self._history = history
        self._versions: dict[str, int] = {}

    def assess_threat(self, kind: str, on: str, entered: str, learnt: str | None = None) -> None:
        """They assess it."""
        version = self._versions["threat"] = self._versions.get("threat", 0) + 1
        said = {"kind": kind, "assessed_on": count_day(on), "version": version}
        self._store_fact(make_threat(event_id=name_event(), entered_at=count_noon(entered), **said), learnt or entered)

    def record_disruption(
        self, change: str, entered: str, learnt: str | None = None, disruption: str = "D", **said: object
    ) -> None:
        """They record, amend, reassess or withdraw; 28 June 2022 unless told."""
        version = self._versions[disruption] = self._versions.get(disruption, 0) + 1
        said = {"event_date": count_day("2022-06-28"), "category": "MINOR"} | said
        identity = {"event_id": name_event(), "change": change, "disruption_id": disruption, "version": version}
        self._store_fact(make_disruption(entered_at=count_noon(entered), **identity, **said), learnt or entered)

    def compare_cells(self, then: str = THEN, **asked: str) -> list[Any]:
        """The cells of then beside now."""
        return self.answer_whole(then=then, **asked)["rows"]

    def answer_whole(self, **asked: str) -> CompareAnswer:
        """The whole answer."""
        return answer_compare(self.take_snapshot(), CompareQuery.parse_fields(**PERIOD | asked))

    def take_snapshot(self) -> Snapshot:
        """All that was told."""
        return self._history.take_snapshot()

    def _store_fact(self, fact: Fact, learnt: str) -> None:
        self._history.hear_events([(fact, count_noon(learnt))])


def name_event() -> str:
    """An event id that no other has."""
    return str(UUID(int=next(_numbers)))


def make_cell(then: int, now: int, **causes: int) -> dict[str, Any]:
    """A cell without dimensions."""
    return {"then": then, "now": now, "difference": now - then, "causes": causes}


@pytest.fixture
def story(history: StoredHistory) -> RecordedStory:
    """A threat, and nothing said of it yet."""
    history.clear()
    found = RecordedStory(history)
    found.assess_threat("OCG", on="2021-09-01", entered="2021-09-01")
    return found


def test_entered_late(story: RecordedStory) -> None:
    """It happened on 28 June and was first entered on 1 August."""
    story.record_disruption("RECORDED", entered="2022-08-01")
    assert story.compare_cells() == [make_cell(0, 1, ENTERED_LATE=1)]


def test_happened_since(story: RecordedStory) -> None:
    """It happened after then: it is not late."""
    story.record_disruption("RECORDED", entered="2022-07-20", event_date=count_day("2022-07-19"))
    assert story.compare_cells() == [make_cell(0, 1, HAPPENED_SINCE=1)]


def test_learnt_late(story: RecordedStory) -> None:
    """The force entered it in time; it came to the ledger after then. As at then, by what is known now, it counts."""
    story.record_disruption("RECORDED", entered="2022-07-01", learnt="2022-07-09")
    assert story.compare_cells() == [make_cell(0, 1, LEARNT_LATE=1)]
    assert story.answer_whole(then_as_at=THEN)["rows"] == [make_cell(1, 1)]


def test_a_correction_that_was_entered_by_then_is_learnt_late_too(story: RecordedStory) -> None:
    """Withdrawn on 2 July, which the ledger heard on 9 July."""
    story.record_disruption("RECORDED", entered="2022-07-01")
    story.record_disruption("WITHDRAWN", entered="2022-07-02", learnt="2022-07-09")
    assert story.compare_cells() == [make_cell(1, 0, LEARNT_LATE=-1)]


def test_reassessed(story: RecordedStory) -> None:
    """Unassessed then, minor now; and from minor to major it changes cells and no total."""
    story.record_disruption("RECORDED", entered="2022-07-01", category="UNASSESSED")
    story.record_disruption("RECORDED", entered="2022-07-01", disruption="E")
    story.record_disruption("REASSESSED", entered="2022-07-08")
    story.record_disruption("REASSESSED", entered="2022-07-09", disruption="E", category="MAJOR")
    assert story.compare_cells() == [make_cell(1, 2, REASSESSED=1)]
    assert story.compare_cells(by="category") == [
        {"category": "MAJOR"} | make_cell(0, 1, REASSESSED=1),
        {"category": "MINOR"} | make_cell(1, 1),
    ]


def test_amended(story: RecordedStory) -> None:
    """Another pillar moves it between cells; an event date out of the period takes it out of the figure."""
    story.record_disruption("RECORDED", entered="2022-07-01")
    story.record_disruption("RECORDED", entered="2022-07-01", disruption="E")
    story.record_disruption("AMENDED", entered="2022-07-08", pillar="PREVENT")
    story.record_disruption("AMENDED", entered="2022-07-09", disruption="E", event_date=count_day("2021-06-30"))
    assert story.compare_cells() == [make_cell(2, 1, AMENDED=-1)]
    assert story.compare_cells(by="pillar") == [
        {"pillar": "PREVENT"} | make_cell(0, 1, AMENDED=1),
        {"pillar": "PURSUE"} | make_cell(2, 0, AMENDED=-2),
    ]


def test_withdrawn(story: RecordedStory) -> None:
    """It stands nowhere now."""
    story.record_disruption("RECORDED", entered="2022-07-01")
    story.record_disruption("WITHDRAWN", entered="2022-07-08")
    assert story.compare_cells() == [make_cell(1, 0, WITHDRAWN=-1)]


def test_threat_known(history: StoredHistory) -> None:
    """It waited for its threat."""
    history.clear()
    waiting = RecordedStory(history)
    waiting.record_disruption("RECORDED", entered="2022-07-01")
    waiting.assess_threat("OCG", on="2021-09-01", entered="2022-07-08")
    assert waiting.compare_cells() == [make_cell(0, 1, THREAT_KNOWN=1)]


def test_threat_reclassified(story: RecordedStory) -> None:
    """Its threat was a vulnerability on 1 June already, which was entered in August: no OCG, so not permitted."""
    story.record_disruption("RECORDED", entered="2022-07-01")
    story.assess_threat("VULNERABILITY", on="2022-06-01", entered="2022-08-01")
    assert story.compare_cells(by="kind") == [{"kind": "OCG"} | make_cell(1, 0, THREAT_RECLASSIFIED=-1)]


def test_activity_changed(story: RecordedStory) -> None:
    """The first disruption of the activity is withdrawn: the second, of another pillar, counts in its place."""
    story.record_disruption("RECORDED", entered="2022-07-01", activity_ref="A1")
    story.record_disruption("RECORDED", entered="2022-07-02", disruption="E", activity_ref="A1", pillar="PROTECT")
    story.record_disruption("WITHDRAWN", entered="2022-07-08", activity_ref="A1")
    assert story.compare_cells(by="pillar") == [
        {"pillar": "PROTECT"} | make_cell(0, 1, ACTIVITY_CHANGED=1),
        {"pillar": "PURSUE"} | make_cell(1, 0, WITHDRAWN=-1),
    ]


def test_leaving_an_activity_is_an_amendment_of_its_own(story: RecordedStory) -> None:
    """The same change of standing, by its own recorder's correction."""
    story.record_disruption("RECORDED", entered="2022-07-01", activity_ref="A1")
    story.record_disruption("RECORDED", entered="2022-07-02", disruption="E", activity_ref="A1", pillar="PROTECT")
    story.record_disruption("AMENDED", entered="2022-07-08", disruption="E", pillar="PROTECT")
    assert story.compare_cells() == [make_cell(1, 2, AMENDED=1)]


def test_a_record_that_came_and_went_since_has_both_causes(story: RecordedStory) -> None:
    """Nothing then and nothing now, and the cell says what happened in between."""
    story.record_disruption("RECORDED", entered="2022-07-08")
    story.record_disruption("WITHDRAWN", entered="2022-07-09")
    assert story.compare_cells() == [make_cell(0, 0, ENTERED_LATE=1, WITHDRAWN=-1)]


def test_a_threat_that_was_learnt_first_takes_no_cause_from_what_was_entered_after_it(story: RecordedStory) -> None:
    """Recorded on 1 July, reclassified as entered on 2 August, and the ledger heard the assessment first."""
    story.assess_threat("VULNERABILITY", on="2022-06-01", entered="2022-08-02", learnt="2022-08-02")
    story.record_disruption("RECORDED", entered="2022-07-01", learnt="2022-08-09")
    assert story.answer_whole(then_as_at=THEN)["rows"] == [make_cell(1, 0, THREAT_RECLASSIFIED=-1)]


def test_a_then_that_is_known_at_an_instant_alone_is_that_instant_by_both_clocks_for_causes(
    story: RecordedStory,
) -> None:
    """Of 4 July: one came on the 6th that was entered before, one was entered after, one happened on the 5th."""
    story.record_disruption("RECORDED", entered="2022-07-03", disruption="C")
    story.record_disruption("RECORDED", entered="2022-07-03", learnt="2022-07-06")
    story.record_disruption("RECORDED", entered="2022-07-06", disruption="E")
    story.record_disruption("RECORDED", entered="2022-07-06", disruption="F", event_date=count_day("2022-07-05"))
    moved = make_cell(1, 4, LEARNT_LATE=1, ENTERED_LATE=1, HAPPENED_SINCE=1)
    assert story.answer_whole(then_known_at=THEN)["rows"] == [moved]


def test_states_are_by_both_clocks_and_complete_each_for_itself(story: RecordedStory) -> None:
    """A then that is known at its instant is the same for ever; now is live."""
    found = story.answer_whole(then=THEN, now_as_at="2022-07-10")
    assert (found["then"]["as_at"], found["then"]["known_at"]) == ("2022-07-04T22:59:59.999Z",) * 2
    assert found["now"]["as_at"] == "2022-07-10T22:59:59.999Z"
    assert found["then"]["complete"]


def test_the_same_comparison_is_the_same_after_more_has_come(story: RecordedStory) -> None:
    """Both states are fixed by both clocks."""
    story.record_disruption("RECORDED", entered="2022-07-08")
    asked = {"then": THEN, "now": "2022-07-20", "by": "pillar"}
    before = story.answer_whole(**asked)["rows"]
    story.record_disruption("RECORDED", entered="2022-07-01", learnt="2022-08-01", disruption="E")
    story.record_disruption("WITHDRAWN", entered="2022-08-02")
    assert story.answer_whole(**asked)["rows"] == before == [{"pillar": "PURSUE"} | make_cell(0, 1, ENTERED_LATE=1)]


@pytest.mark.parametrize(
    ("asked", "field", "says"),
    [
        ({}, "then", "say as at which instant"),
        ({"then": "2022-07-04", "now": "2022-07-03"}, "then_as_at", "comes after now"),
        ({"then_as_at": "2022-07-04", "now_known_at": "2022-07-10"}, "then_known_at", "comes after now"),
        ({"then": "2022-07-04", "now": "2199-01-01"}, "now_as_at", "still to come"),
        ({"then": "2022-07-04", "from_": "2022-08-01"}, "to", "before it starts"),
    ],
)
def test_states_that_make_no_sense_are_refused_by_the_name_of_their_field(
    story: RecordedStory, asked: dict[str, str], field: str, says: str
) -> None:
    """Each with the remedy."""
    with pytest.raises(WrongField, match=says) as refused:
        story.answer_whole(**asked)
    assert refused.value.field == field


def test_every_cause_has_a_sentence() -> None:
    """In the order in which they are shown."""
    assert list(CAUSE_SENTENCES) == list(Cause)


def list_moves(story: RecordedStory, **asked: str) -> tuple[int, int, list[tuple[str, str, int]]]:
    """How many disruptions moved, what they sum to, and reference, cause and direction of each."""
    query = MoveQuery.parse_fields(**PERIOD | {"then": THEN} | asked)
    found = answer_moves(story.take_snapshot(), query)
    return (
        found["total"],
        found["difference"],
        [(row["disruption_id"], row["cause"], row["net"]) for row in found["rows"]],
    )


def test_the_disruptions_that_a_difference_is_made_of_are_listed(story: RecordedStory) -> None:
    """Of a cell, of a cause, at most so many; one that moves within a cell is none of its difference."""
    story.record_disruption("RECORDED", entered="2022-07-01")
    story.record_disruption("RECORDED", entered="2022-07-08", disruption="E")
    story.record_disruption("AMENDED", entered="2022-07-09", pillar="PREVENT")
    story.record_disruption("RECORDED", entered="2022-07-02", learnt="2022-07-10", disruption="F")
    assert list_moves(story) == (2, 2, [("F", "LEARNT_LATE", 1), ("E", "ENTERED_LATE", 1)])
    assert list_moves(story, cause="ENTERED_LATE") == (1, 1, [("E", "ENTERED_LATE", 1)])
    assert list_moves(story, pillar="PURSUE") == (
        3,
        1,
        [("F", "LEARNT_LATE", 1), ("E", "ENTERED_LATE", 1), ("D", "AMENDED", -1)],
    )
    assert list_moves(story, pillar="PREVENT", region="London", month="2022-06") == (1, 1, [("D", "AMENDED", 1)])
    assert list_moves(story, limit="1") == (2, 2, [("F", "LEARNT_LATE", 1)])
    assert list_moves(story, org="kent") == (0, 0, [])


def test_a_cause_that_is_none_is_refused(story: RecordedStory) -> None:
    """By the name of its field."""
    with pytest.raises(WrongField, match="cause"):
        list_moves(story, cause="WEATHER")
