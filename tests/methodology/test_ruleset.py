"""The rules by their version and digest: whatever judging looks at is in it, and nothing else moves it."""

from methodology.ruleset import RULES_VERSION, digest_rules, to_plain
from methodology.standards import STANDARDS


def test_the_rules_in_force_are_pinned() -> None:
    """A changed row changes this digest: give the rules a new version, and say in RULES.md from when it holds."""
    assert RULES_VERSION == "2026.1"
    assert digest_rules() == "425aeaca9f295c10d00041441ebd07c92c10f7e6d02e305a04d544cfc2407319"


def test_the_same_rows_are_the_same_text_whatever_their_order_in_memory() -> None:
    """Sets and mappings are put in order; rows become lists of their fields."""
    assert to_plain(frozenset({"b", "a"})) == ["a", "b"]
    assert to_plain({"k2": (1, None), "k1": True}) == [["k1", True], ["k2", [1, None]]]
    assert to_plain(STANDARDS[1])[:2] == [0, 19_539]
