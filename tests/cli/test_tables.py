"""Answers as tables, at 80 columns."""

import io
from typing import Any

from rich.console import Console, RenderableType

from terminal.tables import draw_disruptions, draw_threats


def list_drawn(table: RenderableType, width: int = 80) -> list[str]:
    """The lines that a terminal of that width shows."""
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(table)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def make_answer(rows: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """An answer of the read API with those rows."""
    filters = {"type": "LEAD", "standing": "COUNTED", "from": "2021-07-01", "to": "2022-06-30", "org": "metropolitan"}
    return {
        "rows": rows,
        "position": {"0": 1204, "10": 7, "2": 1187},
        "as_at": "2022-07-04T22:59:59.999Z",
        "known_at": "2022-12-01T09:00:00.000Z",
        "complete": True,
        "complete_through": "2022-12-01T10:00:00.000Z",
        "filters": filters | changes.pop("filters", {}),
        "measure": "disruptions/1",
    } | changes


def test_a_table_says_what_was_measured_when_and_from_where() -> None:
    """Everything needed to ask again is on the page, with zones, and numbers stand under each other."""
    rows = [{"pillar": "PURSUE", "n": 6256}, {"pillar": "PROTECT", "n": 802}]
    assert list_drawn(draw_disruptions(make_answer(rows))) == [
        "OFFICIAL",
        "LEAD disruptions, COUNTED",
        "Organisation  metropolitan",
        "Event dates   2021-07-01 to 2022-06-30, both included",
        "As at         4 July 2022 23:59:59 Europe/London",
        "Known at      1 December 2022 09:00:00 Europe/London, complete",
        "Position      0:1204 2:1187 10:7",
        "Measure       disruptions/1",
        "",
        " Pillar     Lead",
        " ───────────────",
        " PURSUE    6,256",
        " PROTECT     802",
        "",
        " Total     7,058",
        "",
    ]


def test_an_incomplete_answer_says_so() -> None:
    """A reader cannot take a figure that may still grow for one that will not."""
    lines = list_drawn(draw_disruptions(make_answer([{"org": "btp", "n": 184}], complete=False)))
    assert "INCOMPLETE: it may still grow; complete through 1 December 2022 10:00:00" in lines
    assert not any(line.endswith(", complete") for line in lines)
    unknown = list_drawn(draw_disruptions(make_answer([], complete=False, complete_through=None)), width=120)
    said = "it may still grow; no instant is known to be complete: the broker has more, or cannot be asked"
    assert f"INCOMPLETE: {said}" in unknown


def test_support_is_labelled_in_title_and_column() -> None:
    """No figure of support can be read as one of lead."""
    lines = list_drawn(draw_disruptions(make_answer([{"org": "rocu-tarian", "n": 3}], filters={"type": "SUPPORT"})))
    assert "SUPPORT disruptions, COUNTED" in lines
    assert any(line.split() == ["Organisation", "Support"] for line in lines)


def test_lead_and_support_asked_for_together_are_two_tables() -> None:
    """Each with its own total; no number adds the two."""
    rows = [{"type": "LEAD", "n": 5}, {"type": "SUPPORT", "n": 2}]
    lines = list_drawn(draw_disruptions(make_answer(rows, filters={"type": "each"})))
    assert "LEAD and SUPPORT disruptions, COUNTED" in lines
    assert [line.split()[1] for line in lines if "Total" in line] == ["5", "2"]


def test_the_literal_reading_of_the_period_is_shown_where_it_differs() -> None:
    """Rule 11."""
    literal = {"reads": "greater than 2021-07-01, less than 2022-07-01", "n": 7001}
    lines = list_drawn(draw_disruptions(make_answer([{"n": 7058}], filters={"literal": literal})))
    assert "Literally     7,001 if read as greater than 2021-07-01, less than 2022-07-01" in lines


def test_what_counts_and_what_does_not_have_no_total_together() -> None:
    """Across standings no total is drawn."""
    rows = [{"standing": "COUNTED", "n": 5}, {"standing": "UNASSESSED", "n": 1}]
    lines = list_drawn(draw_disruptions(make_answer(rows, filters={"standing": "all"})))
    assert "LEAD disruptions, every standing" in lines
    assert not any("Total" in line for line in lines)


def test_no_rows_are_a_zero() -> None:
    """An empty answer is a figure too."""
    assert "   0" in list_drawn(draw_threats(make_answer([])))[-2]


def test_movement_stands_beside_its_row_with_its_sign() -> None:
    """What did not move shows nothing."""
    rows = [{"org": "btp", "n": 184}, {"org": "kent", "n": 90}]
    lines = list_drawn(draw_disruptions(make_answer(rows), moved=[{"org": "btp", "n": -2}]))
    assert any(line.split() == ["btp", "184", "-2"] for line in lines)
    assert any(line.split() == ["kent", "90"] for line in lines)


def test_the_widest_row_stays_within_eighty_columns() -> None:
    """Six dimensions at their longest words fold, and no number is cut."""
    row = {
        "org": "avon-and-somerset",
        "region": "Yorkshire and the Humber",
        "pillar": "PREVENT",
        "kind": "PRIORITY_INDIVIDUAL",
        "crime_type": "BRIBERY_CORRUPTION_SANCTIONS",
        "month": "2022-04",
        "n": 1234567,
    }
    lines = list_drawn(draw_disruptions(make_answer([row])))
    assert max(map(len, lines)) <= 80
    assert any("1,234,567" in line for line in lines)
