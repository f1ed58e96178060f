"""Words and rules: each word in a sentence, each numbered rule as RULES.md has it, and every link to one of them."""

import re

import httpx
import pytest

from dashboard.glossary import GLOSSARY
from dashboard.rule_book import BookRule, format_marks, read_rules
from tests.patience import PATIENT

RULE_LINK = re.compile(r'href="/rules#([A-Za-z0-9-]+)"')


def list_rules() -> dict[str, BookRule]:
    """List the rules that the page shows, by number."""
    return {rule.number: rule for rules in read_rules().values() for rule in rules}


def test_rules_are_those_of_the_book() -> None:
    """The first of counting, in full; one of admission with its code; as many as there are."""
    found = list_rules()
    headline = "Headline counts are lead only; support is labelled and never added to lead"
    assert found["R3"] == ("R3", headline, "S", "always")
    second = '<a class="govuk-link" href="/rules#R2">R2</a>'
    assert found["A9"].sentence == f"<code>SUPPORT_OF_ITSELF</code>: support of the recorder itself ({second})"
    assert found["R4"].in_force == "OCG alone before 2023-07-01, every kind from then on"
    counts = {name: len(rules) for name, rules in read_rules().items()}
    assert counts == {"Counting": 18, "Admission": 15, "Feeds": 5, "Recording-quality signals": 9}


def test_marks_are_formatted_and_all_else_is_escaped() -> None:
    """Bold, code and the words of a link; a bracket of HTML stays one."""
    assert format_marks("**a** <b> `c` [d](e)") == "<strong>a</strong> &lt;b&gt; <code>c</code> d"


@pytest.mark.parametrize("anchor", GLOSSARY)
def test_every_word_is_a_sentence_and_names_rules_that_there_are(anchor: str) -> None:
    """A rule that is not in the book has no place to lead to."""
    term = GLOSSARY[anchor]
    assert term.sentence.endswith(".")
    assert set(term.rules) <= list_rules().keys()


def test_every_link_to_a_word_or_a_rule_leads_to_its_place(address: str) -> None:
    """From each page that has one, and from the page itself; every page has the way to it at its foot."""
    rules = httpx.get(f"{address}/rules", **PATIENT)
    assert rules.status_code == 200
    places = set(re.findall(r'id="([^"]+)"', rules.text))
    year = "from=2021-07-01&to=2022-06-30"
    pages = [
        httpx.get(f"{address}{path}?{year}", **PATIENT).text for path in ("/feeds", "/signals", "/rates", "/threats")
    ]
    for page in (rules.text, *pages):
        named = RULE_LINK.findall(page)
        assert named, "no word and no rule is linked"
        assert set(named) <= places
        assert 'href="/rules">Words and rules' in page
