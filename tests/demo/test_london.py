"""The demo's comparison is `audit claims`' own, and says what it is worth."""

from audit.claims import check_claims
from audit.claims_file import load_london
from demo.pages import WHAT_AGREEMENT_PROVES, draw_london
from tests.demo.answers import Counting, make_london
from tests.demo.test_progress_screen import list_drawn


def test_the_table_fits_80_columns_and_marks_what_differs() -> None:
    """A reader sees each organisation once, the shares, and the one mismatch."""
    answers = make_london()
    answers["before"][1]["n"] = 35
    lines = list_drawn(draw_london(check_claims(load_london(), Counting(answers))))
    assert max(map(len, lines)) <= 80
    assert "…" not in "\n".join(lines)
    assert sum("MISMATCH" in line for line in lines) == 1
    assert sum("metropolitan" in line for line in lines) == 1
    assert any("6,256 = 78.0%" in line for line in lines)
    assert any("24 of 25 agree" in line for line in lines)


def test_the_page_says_what_agreement_proves() -> None:
    """London's totals are inputs of the generator: nobody may take their agreement for evidence about real records."""
    assert "inputs of this made-up year's generator" in WHAT_AGREEMENT_PROVES
    assert "nothing about the real records" in WHAT_AGREEMENT_PROVES
