"""The rule of references: two that look the same are the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Misuse
from ledger.references import find_not_canonical, is_canonical, make_canonical
from tests.methodology.facts import state_disruption, state_threat

E_ACUTE = "\u00e9"
E_AND_ACUTE = "e\u0301"
UPPER = "ABCDEF12-3456-4789-8ABC-DEF012345678"


@pytest.mark.parametrize(
    "text",
    ["", "D-1", "KENT/2022/000381", "case 7 b", UPPER.lower(), f"op-{E_ACUTE}", "東京-7", f"{UPPER}9", f"X{UPPER[1:]}"],
)
def test_what_is_canonical_stays_as_it_is(text):
    """Letter case, slashes and single spaces are a reference's own."""
    assert is_canonical(text)
    assert make_canonical(text) == text


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("case-space ", "case-space"),
        ("\t case-space\r\n", "case-space"),
        ("\u00a0case\u2003space\u3000", "case space"),
        (UPPER, "abcdef12-3456-4789-8abc-def012345678"),
        (f" {UPPER}\n", "abcdef12-3456-4789-8abc-def012345678"),
        (f"op-{E_AND_ACUTE}", f"op-{E_ACUTE}"),
        ("\u212b-1", "\u00c5-1"),
        ("   ", ""),
    ],
)
def test_what_can_be_made_canonical_is(text, made):
    """White space at the ends, other spaces, Unicode's other forms, a UUID's letter case."""
    assert not is_canonical(text)
    assert make_canonical(text) == made


@pytest.mark.parametrize(
    "text", ["a\tb", "a\nb", "a\x00b", "a\u200bb", "a\u2028b", "\ufeffa", "a\u202eb", "a\ud800", "a\ue000", "a\u0378"]
)
def test_a_character_that_cannot_be_seen_is_refused(text):
    """Control, line break, zero width, mark of byte order, direction, surrogate, private, unassigned."""
    assert not is_canonical(text)
    with pytest.raises(Misuse, match="cannot be seen"):
        make_canonical(text)


@given(st.text(alphabet=st.characters(codec=None), max_size=40))
def test_the_quick_way_says_what_the_rule_says(text):
    """The four points of the rule, each asked on its own."""
    seen = not any(unicodedata.category(each) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for each in text)
    spaces = all(each == " " for each in text if unicodedata.category(each) == "Zs")
    rule = seen and spaces and text == text.strip() and unicodedata.normalize("NFC", text) == text
    assert is_canonical(text) == rule


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")), max_size=40))
def test_what_is_made_canonical_is_canonical(text):
    """And made so again it stays."""
    made = make_canonical(text)
    assert is_canonical(made)
    assert make_canonical(made) == made


def test_the_first_reference_that_is_not_canonical_is_named():
    """Every reference of both events, and no other field."""
    assert find_not_canonical(state_disruption(reason=" as he said\n", tags=[" a "])) is None
    assert find_not_canonical(state_threat(phase=" Active ")) is None
    for name in ("disruption_id", "threat_id", "recorded_by", "benefits", "activity_ref", "plan_ref"):
        assert find_not_canonical(state_disruption(**{name: "x "})) == name
    for name in ("threat_id", "owner", "actor", "source_system"):
        assert find_not_canonical(state_threat(**{name: UPPER})) == name


def test_an_event_id_is_a_uuid_in_either_letter_case():
    """RFC 9562: it is told apart by its value."""
    assert find_not_canonical(state_threat(event_id=UPPER)) is None
    plain = dict.fromkeys(("disruption_id", "threat_id", "recorded_by", "actor"), "d1")
    assert find_not_canonical(state_disruption(event_id=UPPER, benefits=None, **plain)) is None
