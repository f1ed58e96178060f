"""RULES.md does not lie: its code and its tests exist, its codes are all of them, and the code cites no rule that it
lacks.
"""

import ast
import importlib
import re
from pathlib import Path

import pytest

from ledger.vocabulary import Code, Standing

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "methodology" / "RULES.md").read_text(encoding="utf-8")
HELD_ELSEWHERE = {11, 15}
OF_THIS_PROJECT = {18, 19, 20}  # how weeks are charted, which the methodology leaves open
JUDGED_BY_READERS = {
    Code.RECORD_TOO_LARGE,
    Code.UNREADABLE_HEADERS,
    Code.UNDECODABLE,
    Code.UNKNOWN_SCHEMA,
    Code.LOST,
}


def read_rows():
    """The rows of the tables, by rule, as lists of cells."""
    cells = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")
    )
    return {row[0]: row[1:] for row in cells if re.fullmatch(r"[RAFS]\d+", row[0])}


def list_tests():
    """The tests that may hold rules."""
    paths = [
        path for folder in ("ledger", "methodology", "laws") for path in (ROOT / "tests" / folder).glob("test_*.py")
    ]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


TESTS = list_tests()


@pytest.mark.parametrize("rule", read_rows())
def test_a_rule_is_held_by_code_and_tests_that_exist(rule):
    """The last two cells of each row."""
    *_, held_by, tests = read_rows()[rule]
    module, name = held_by.strip("`").split(".")
    assert hasattr(importlib.import_module(f"methodology.{module}"), name)
    named = re.findall(r"`(test_\w+)`", tests)
    assert named
    assert set(named) <= TESTS


def test_tests_named_in_the_text_exist():
    """Beside the tables, too."""
    assert set(re.findall(r"`(test_[a-z_0-9]+)`", PAGE)) <= TESTS


def test_every_code_is_on_the_page_in_its_order():
    """Admission's table is the vocabulary's order."""
    codes = [row[0].strip("`") for rule, row in read_rows().items() if rule.startswith("A")]
    assert codes == [code.value for code in Code if code not in JUDGED_BY_READERS]
    assert all(f"`{code}`" in PAGE for code in JUDGED_BY_READERS)


def test_every_standing_is_on_the_page_in_its_order():
    """The first that holds."""
    section = PAGE.partition("## Standing")[2].partition("## Admission")[0]
    assert re.findall(r"`([A-Z_]+)`", section) == [one.value for one in Standing]


def test_the_numbers_are_those_of_the_methodology():
    """17 rules and those of this project; those about neither standing nor admission are named as held elsewhere."""
    numbers = {int(rule[1:]) for rule in read_rows() if rule.startswith("R")}
    assert numbers | HELD_ELSEWHERE == set(range(1, 18)) | OF_THIS_PROJECT
    assert all(re.search(rf"\b{number}\b \(", PAGE) for number in HELD_ELSEWHERE)


def test_the_code_cites_only_rules_of_the_page_and_each_of_them():
    """A docstring's "rule 5" is a row; and a rule that no code or data cites is held by nobody."""
    cited = set()
    for path in [*(ROOT / "methodology").glob("*.py"), *(ROOT / "ledger").glob("*.py")]:
        text = path.read_text(encoding="utf-8")
        for first, last in re.findall(r"\b[Rr]ules? (\d+)(?: (?:to|and) (\d+))?", text):
            cited.update(range(int(first), int(last or first) + 1))
        cited.update(int(number) for number in re.findall(r'"R(\d+)"', text))
    numbers = {int(rule[1:]) for rule in read_rows() if rule.startswith("R")}
    assert cited == numbers
