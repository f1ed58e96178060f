"""The report of a bundle: one page that needs nothing else, with the numbers of the bundle's own figures."""

import re
from pathlib import Path

from audit.offline_verifier import FORMATS
from services.bundle.directory import FOLLOWING_FORMAT, FORMAT, UNSEALED_FORMAT


def test_the_page_needs_nothing_else(made: Path) -> None:
    """No script, no address, no form; a policy that would allow none; the marking, and who may hold it."""
    page = (made / "report.html").read_text()
    assert not re.findall(r"<(script|link|img|iframe|form|object)\b|\son\w+=|javascript:|url\((?!#)", page)
    assert set(re.findall(r"https?://[^\"' <]+", page)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in page
    assert page.count("OFFICIAL-SENSITIVE") == 2
    for words in ("Who may hold it", "python3 -I verify.py", "What this proves, and what it does not", "never added"):
        assert words in page


def test_its_numbers_are_the_bundles_own_and_organisations_are_not_ranked(made: Path) -> None:
    """Six lead disruptions in all; Kent has four and stands before the Metropolitan Police, by name."""
    page = (made / "report.html").read_text()
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th><td class="number">([^<]+)</td></tr>', page)
    assert rows[:3] == [("Lead disruptions", "6"), ("Support disruptions", "2"), ("Active threats", "2")]
    assert rows[3:5] == [("Kent Police", "4"), ("Metropolitan Police Service", "2")]
    assert ("April 2022", "2") in rows
    assert page.count("<svg") >= 6


def test_what_is_written_is_what_the_verifier_reads() -> None:
    """The formats have one name in both, which share no code."""
    assert (UNSEALED_FORMAT, FORMAT, FOLLOWING_FORMAT) == FORMATS
