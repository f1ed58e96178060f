"""The year that closed on 30 June 2022, extracted in July and again in January."""

from typing import Any

JULY, JANUARY = "2022-07-04", "2023-01-09"


def test_a_late_entry_changes_a_closed_year_but_not_the_extraction_as_at_then(story: Any) -> None:
    """Records kept arriving: the year had one disruption in July and two in January, and still has one as at July."""
    story.assess_threat("OCG", on="2021-09-01", entered="2021-09-01")
    story.record_disruption("RECORDED", "in-time", event_date="2022-03-10", entered="2022-03-11")
    assert story.sum_figure(as_at=JULY) == 1

    story.record_disruption("RECORDED", "late", event_date="2022-05-20", entered="2022-10-03")

    assert story.sum_figure(as_at=JANUARY) == 2
    assert story.sum_figure(as_at=JULY) == 1


def test_a_force_whose_system_was_cut_off_changes_what_was_known_and_not_what_was_entered(story: Any) -> None:
    """Entered in June, received in August: in the year as at July, and not in what the ledger knew in July."""
    story.assess_threat("OCG", on="2021-09-01", entered="2021-09-01")
    story.record_disruption("RECORDED", "stuck", event_date="2022-06-01", entered="2022-06-02", learnt="2022-08-15")

    assert story.sum_figure(as_at=JULY, known_at=JULY) == 0
    assert story.sum_figure(as_at=JULY, known_at=JANUARY) == 1


def test_a_withdrawn_disruption_is_gone_from_the_figure_and_stays_in_the_one_of_before(story: Any) -> None:
    """Nothing is deleted: July's extraction still counts what was withdrawn in September, and nothing may follow."""
    story.assess_threat("OCG", on="2021-09-01", entered="2021-09-01")
    story.record_disruption("RECORDED", "mistaken", event_date="2022-02-01", entered="2022-02-02")
    story.record_disruption("WITHDRAWN", "mistaken", event_date="2022-02-01", entered="2022-09-01", reason="duplicate")

    assert story.sum_figure(as_at=JANUARY) == 0
    assert story.count_standings(as_at=JANUARY) == {}
    assert story.sum_figure(as_at=JULY) == 1
    assert (
        story.refuse_disruption("AMENDED", "mistaken", event_date="2022-02-01", entered="2022-09-02")
        == "CHANGE_NOT_LEGAL"
    )


def test_a_reassessment_moves_a_disruption_out_of_the_figure_from_its_entry_on(story: Any) -> None:
    """Major in July; on review in December it had no effect: NONE is kept and never counted."""
    story.assess_threat("OCG", on="2021-09-01", entered="2021-09-01")
    story.record_disruption("RECORDED", "reviewed", event_date="2022-04-01", entered="2022-04-02")
    story.record_disruption("REASSESSED", "reviewed", event_date="2022-04-01", category="NONE", entered="2022-12-01")

    assert story.sum_figure(as_at=JULY, category="MAJOR") == 1
    assert story.sum_figure(as_at=JANUARY) == 0
    assert story.count_standings(as_at=JANUARY) == {"CATEGORY_NOT_COUNTED": 1}
