"""The rules that outputs name: found by their digest, and whether those in force may judge on after them."""

from dataclasses import replace
from pathlib import Path

import pytest

from ledger.entries import JudgedBy
from ledger.errors import Misuse
from ledger.organisations import RegionMembership
from methodology.ruleset import IN_FORCE, Rules, write_rules
from schemas import rulesets
from schemas.rulesets import find_rules, find_trouble, read_history, write_snapshot

NOON = 20_782 * 86_400_000 + 43_200_000  # of 2026-11-25
KENT = IN_FORCE.recorders["kent"]


def name_judged(rules: Rules) -> JudgedBy:
    """By those rules, by another version of the software."""
    return JudgedBy(rules.version, rules.digest, None, "disruption-ledger 9.9.9")


def move_kent(day: int) -> Rules:
    """The rules in force, with Kent in the South East from a day on."""
    kent = KENT._replace(memberships=(RegionMembership("Eastern", 0, day), RegionMembership("South East", day)))
    others = tuple(one for one in IN_FORCE.organisations if one.code != "kent")
    return replace(IN_FORCE, version="2026.2", organisations=(*others, kent))


def test_the_rules_in_force_are_in_the_history() -> None:
    """Rules that changed have no snapshot yet: give them a version, and run ``make rules``."""
    assert IN_FORCE.digest in {one.digest for one in read_history()}, "run `make rules`"
    assert len({one.version for one in read_history()}) == len(read_history())


def test_rules_are_found_by_their_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those in force, those of the history, and none."""
    older = move_kent(20_000)
    monkeypatch.setattr(rulesets, "read_history", lambda: (older, IN_FORCE))
    assert find_rules(IN_FORCE.digest) is IN_FORCE
    assert find_rules(older.digest) is older
    assert find_rules("0" * 64) is None


def test_the_rules_of_before_are_judged_on_after() -> None:
    """The same digest: nothing is compared."""
    assert find_trouble(name_judged(IN_FORCE), NOON) is None


def test_a_later_change_is_no_trouble_and_one_that_reaches_back_is_named_with_its_first_day() -> None:
    """The newest output is of 2026-11-25: a move on the 26th touches nothing, one on the 25th does."""
    assert find_trouble(name_judged(IN_FORCE), NOON, move_kent(20_783)) is None
    found = find_trouble(name_judged(IN_FORCE), NOON, move_kent(20_782))
    assert found is not None
    assert found.what == (
        "rules 2026.2 would touch what is posted by rules 2026.1: organisation kent is in South East, no longer in "
        "Eastern, from 2026-11-25 on; it may hold from 2026-11-26 on"
    )


def test_rules_that_are_not_known_here_are_named_with_the_software_that_has_them() -> None:
    """Of a later version, as a rule."""
    found = find_trouble(JudgedBy("2027.1", "ab" * 32, None, "disruption-ledger 9.9.9"), NOON)
    assert found is not None
    assert "rules 2027.1 of disruption-ledger 9.9.9" in found.what
    assert found.remedy == "Install disruption-ledger 9.9.9, or a later one that has those rules"


def test_a_snapshot_is_never_written_over_by_other_rules(tmp_path: Path) -> None:
    """Once with the same content is as good as twice."""
    path = write_snapshot(tmp_path)
    assert (path.name, write_snapshot(tmp_path)) == (f"{IN_FORCE.version}.json", path)
    path.write_text(write_rules(move_kent(0)), "utf-8")
    with pytest.raises(Misuse, match="a version of their own"):
        write_snapshot(tmp_path)
