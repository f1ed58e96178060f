"""The demo's comparison: published figures by hand against answers by hand."""

from typing import Any

from demo.london_figures import FIGURES, compare_figures, draw_figures, match_number, match_percentage, match_words
from demo.pages import WHAT_AGREEMENT_PROVES
from tests.demo.test_progress_screen import drawn

Rows = list[dict[str, Any]]


def row(org: str, n: int, **dimensions: str) -> dict[str, Any]:
    """One row of an answer."""
    return {"org": org, "n": n, **dimensions}


def london() -> dict[str, Rows]:
    """Answers that say what was published."""
    return {
        "year": [
            row("metropolitan", 6256, pillar="PURSUE", crime_type="DRUGS"),
            row("metropolitan", 802, pillar="PROTECT", crime_type="FRAUD"),
            row("metropolitan", 561, pillar="PREVENT", crime_type="DRUGS"),
            row("metropolitan", 402, pillar="PREPARE", crime_type="DRUGS"),
            row("btp", 123, pillar="PURSUE", crime_type="DRUGS"),
            row("btp", 61, pillar="PURSUE", crime_type="MSHT"),
            row("city-of-london", 374, pillar="PROTECT", crime_type="CYBER"),
            row("city-of-london", 54, pillar="PREVENT", crime_type="CYBER"),
            row("city-of-london", 13, pillar="PURSUE", crime_type="CYBER"),
            row("city-of-london", 52, pillar="PURSUE", crime_type="FRAUD"),
            row("city-of-london", 5, pillar="PURSUE", crime_type="DRUGS"),
            row("city-of-london", 8, pillar="PURSUE", crime_type="UNKNOWN"),
            row("kent", 970, pillar="PURSUE", crime_type="DRUGS"),
        ],
        "before": [
            row("metropolitan", 4795, pillar="PURSUE", crime_type="DRUGS"),
            row("btp", 34, pillar="PURSUE", crime_type="DRUGS"),
        ],
        "threats": [
            row("metropolitan", 266, kind="OCG", crime_type="DRUGS"),
            row("btp", 5, kind="OCG", crime_type="DRUGS"),
            row("btp", 5, kind="OCG", crime_type="MSHT"),
            row("btp", 12, kind="OCG", crime_type="ORGANISED_ACQUISITIVE_CRIME"),
            row("city-of-london", 33, kind="OCG", crime_type="FRAUD"),
            row("city-of-london", 10, kind="OCG", crime_type="CYBER"),
        ],
    }


def differing(answers: dict[str, Rows]) -> list[tuple[str, str, int]]:
    """What does not agree, with the ledger's count."""
    return [
        (line.figure.organisation, line.figure.measure.strip(), line.n)
        for line in compare_figures(answers)
        if not line.agrees
    ]


def test_answers_that_say_what_was_published_agree() -> None:
    """All 25 figures; other organisations are no part of them."""
    assert len(FIGURES) == 25
    assert differing(london()) == []


def test_one_disruption_more_is_a_mismatch() -> None:
    """Published numbers are held exactly."""
    answers = london()
    answers["year"].append(row("btp", 1, pillar="PURSUE", crime_type="MSHT"))
    assert differing(answers) == [("btp", "lead disruptions", 185)]


def test_a_vulnerability_of_the_transport_police_is_a_mismatch() -> None:
    """ "No vulnerabilities" is a figure too."""
    answers = london()
    answers["threats"][1]["kind"] = "VULNERABILITY"
    assert differing(answers) == [("btp", "vulnerabilities", 5)]


def test_percentages_agree_once_rounded() -> None:
    """77.6 and 78.4 are 78; 77.4 is not; nothing is no percentage at all."""
    agrees = match_percentage(78).agrees
    assert agrees(776, 1000)
    assert agrees(784, 1000)
    assert not agrees(774, 1000)
    assert not agrees(0, 0)


def test_words_have_bounds() -> None:
    """Two thirds are not seventy percent."""
    agrees = match_words("two thirds", 65.5, 67.5).agrees
    assert agrees(123, 184)
    assert not agrees(70, 100)
    assert not match_number(5).agrees(6, 6)


def test_the_table_fits_80_columns_and_marks_what_differs() -> None:
    """A reader sees each organisation once, the shares, and the one mismatch."""
    answers = london()
    answers["before"][1]["n"] = 35
    lines = drawn(draw_figures(compare_figures(answers)))
    assert max(map(len, lines)) <= 80
    assert "…" not in "\n".join(lines)
    assert sum("MISMATCH" in line for line in lines) == 1
    assert sum("metropolitan" in line for line in lines) == 1
    assert any("6,256 = 78.0%" in line for line in lines)


def test_the_page_says_what_agreement_proves() -> None:
    """London's totals are inputs of the generator: nobody may take their agreement for evidence about real records."""
    assert "inputs of this made-up year's generator" in WHAT_AGREEMENT_PROVES
    assert "nothing about the real records" in WHAT_AGREEMENT_PROVES
