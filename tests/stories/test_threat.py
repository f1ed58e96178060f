"""One threat's story, and what becomes of its disruptions."""

from typing import Any


def test_a_disruption_waits_for_its_threat(story: Any) -> None:
    """Recorded before the threat is on the list: kept, flagged, and counted once it is there."""
    story.record_disruption("RECORDED", "early", event_date="2022-01-10", entered="2022-01-11")
    assert story.count_standings(as_at="2022-01-31") == {"AWAITING_THREAT": 1}

    story.assess_threat("OCG", on="2022-01-05", entered="2022-02-01")

    assert story.sum_figure(as_at="2022-02-28", crime_type="DRUGS") == 1
    assert story.sum_figure(as_at="2022-01-31") == 0, "as at January its threat was not on the list"


def test_a_reclassified_threat_judges_each_disruption_by_its_kind_at_the_event_date(story: Any) -> None:
    """A vulnerability from April on: March's disruption counts, May's does not (before July 2023, OCGs alone do)."""
    story.assess_threat("OCG", on="2022-01-05", entered="2022-01-05")
    story.record_disruption("RECORDED", "march", event_date="2022-03-10", entered="2022-03-10")
    story.record_disruption("RECORDED", "may", event_date="2022-05-10", entered="2022-05-10")
    assert story.sum_figure(as_at="2022-05-31") == 2

    story.assess_threat("VULNERABILITY", on="2022-04-01", entered="2022-06-20")

    assert story.sum_figure(as_at="2022-06-30", kind="OCG") == 1
    assert story.count_standings(as_at="2022-06-30") == {"COUNTED": 1, "KIND_NOT_PERMITTED": 1}
    assert story.sum_figure(as_at="2022-05-31") == 2, "as at May nobody had reclassified it"


def test_after_july_2023_every_kind_is_counted(story: Any) -> None:
    """The standard of the event date judges, not that of the extraction."""
    story.assess_threat("VULNERABILITY", on="2023-01-05", entered="2023-01-05")
    story.record_disruption("RECORDED", "june", event_date="2023-06-30", entered="2023-07-10")
    story.record_disruption("RECORDED", "july", event_date="2023-07-01", entered="2023-07-10")

    assert story.count_standings(as_at="2023-07-31") == {"KIND_NOT_PERMITTED": 1, "COUNTED": 1}


def test_arrested_and_then_safeguarded_is_one_pillar(story: Any) -> None:
    """ "For example, if a county lines drug dealer is arrested and then subsequently safeguarded": pursue was first."""
    story.assess_threat("OCG", on="2022-01-05", entered="2022-01-05")
    story.record_disruption("RECORDED", "arrest", activity_ref="OP-1", event_date="2022-03-01", entered="2022-03-02")
    safeguarding = {"pillar": "PROTECT", "activity_ref": "OP-1", "event_date": "2022-03-03"}
    story.record_disruption("RECORDED", "safeguarding", entered="2022-03-04", **safeguarding)

    assert story.sum_figure(as_at="2022-03-31") == 1
    assert story.sum_figure(as_at="2022-03-31", pillar="PURSUE") == 1
    assert story.count_standings(as_at="2022-03-31") == {"COUNTED": 1, "SECOND_PILLAR": 1}

    story.record_disruption("WITHDRAWN", "arrest", activity_ref="OP-1", event_date="2022-03-01", entered="2022-04-01")

    assert story.sum_figure(as_at="2022-04-30", pillar="PROTECT") == 1
    assert story.sum_figure(as_at="2022-04-30", pillar="PURSUE") == 0
    assert story.sum_figure(as_at="2022-03-31", pillar="PURSUE") == 1, "as at March the arrest stood"


def test_support_is_recorded_by_a_regional_unit_and_never_adds_to_lead(story: Any) -> None:
    """The force led, its regional unit supported: one and one, never two; the force itself may not record support."""
    story.assess_threat("OCG", on="2022-01-05", entered="2022-01-05")
    story.record_disruption("RECORDED", "lead", event_date="2022-03-01", entered="2022-03-02")
    support = {"type": "SUPPORT", "benefits": "metropolitan", "event_date": "2022-03-01"}
    story.record_disruption("RECORDED", "support", recorded_by="rocu-eastern", entered="2022-03-02", **support)

    assert story.sum_figure(as_at="2022-03-31") == 1
    assert story.sum_figure(as_at="2022-03-31", type="SUPPORT", organisation="rocu-eastern") == 1
    own = {"type": "SUPPORT", "benefits": "btp", "event_date": "2022-03-01"}
    assert story.refuse_disruption("RECORDED", "own", entered="2022-03-02", **own) == "SUPPORT_BY_FORCE"
