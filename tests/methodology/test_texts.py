"""Bounds and references at intake: both sides of each edge. Expected codes by hand, from RULES.md."""

import pytest

from tests.methodology.facts import state_disruption, state_threat
from tests.methodology.verdicts import judge_last


@pytest.mark.parametrize(
    ("fact", "said", "longest"),
    [
        *[
            (state_disruption, name, "x" * 200)
            for name in ("disruption_id", "threat_id", "activity_ref", "plan_ref", "actor")
        ],
        (state_disruption, "source_system", "x" * 200),
        (state_disruption, "reason", "x" * 4000),
        (state_disruption, "tags", ["x" * 100] * 50),
        (state_threat, "phase", "x" * 200),
        (state_threat, "actor", "x" * 200),
        (state_threat, "reason", "x" * 4000),
    ],
)
def test_a_field_over_its_bound_is_refused(fact, said, longest):
    """FIELD_TOO_LONG: at the bound it is admitted, one more is refused; tags by their number and by their length."""
    assert judge_last(fact(**{said: longest})) == "ADMITTED"
    longer = [longest + longest[:1], [*longest[1:], "x" * 101]] if said == "tags" else [longest + "x"]
    assert [judge_last(fact(**{said: one})) for one in longer] == ["FIELD_TOO_LONG"] * len(longer)


@pytest.mark.parametrize(
    "text",
    [
        "d-1 ",
        " d-1",
        "d\t1",
        "d\n1",
        "d\u00a01",  # a space that is not the plain one
        "d\u200b1",  # zero width
        "Fjo\u0308rd",  # NFD
        "ABCDEF12-3456-4789-8ABC-DEF012345678",
    ],
)
@pytest.mark.parametrize("name", ["disruption_id", "threat_id", "activity_ref", "actor", "plan_ref", "source_system"])
def test_a_reference_that_is_not_canonical_is_refused(name, text):
    """REFERENCE_NOT_CANONICAL: what could be taken for another reference, or cannot be seen."""
    assert judge_last(state_disruption(**{name: text})) == "REFERENCE_NOT_CANONICAL"
    if name in ("threat_id", "actor", "source_system"):
        assert judge_last(state_threat(**{name: text})) == "REFERENCE_NOT_CANONICAL"


@pytest.mark.parametrize("text", ["KENT/2022/000381", "Fj\u00f6rd 7", "abcdef12-3456-4789-8abc-def012345678", "=1+1"])
def test_a_reference_is_otherwise_whatever_its_recorder_likes(text):
    """Slashes, capitals, inner spaces, letters beyond ASCII, formulas: they stay as they are."""
    assert judge_last(state_disruption(disruption_id=text, plan_ref=text, benefits=None)) == "ADMITTED"


def test_an_event_id_is_one_in_either_letter_case():
    """RFC 9562: a UUID is read in either; the same content is a duplicate, other content is refused."""
    upper, lower = "ABCDEF12-3456-4789-8ABC-DEF012345678", "abcdef12-3456-4789-8abc-def012345678"
    assert judge_last(state_disruption(event_id=lower), state_disruption(event_id=upper)) == "DUPLICATE"
    assert judge_last(state_disruption(event_id=upper), state_disruption(event_id=lower)) == "DUPLICATE"
    assert (
        judge_last(state_disruption(event_id=lower, actor="b"), state_disruption(event_id=upper)) == "EVENT_ID_REUSED"
    )
