"""Plain names: what functions, their docstrings and types are called. Each message says what to do.

The words are in ``tests/house/accepted_names.py``.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.house.accepted_names import (
    DEMANDED,
    DEMANDED_OF_STAND_INS,
    ONE_WORD,
    ONE_WORD_FUNCTIONS,
    ONE_WORD_SHARE_MAX,
    PREDICATES,
    VERBS,
)

MUTE = re.compile(r"\w+ (it|them|this|both|one|all|everything)\.")


class Named(NamedTuple):
    """A function, the place to look at, and whether it stands in a class."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    place: str
    in_class: bool


def list_named(module: str, tree: ast.AST, in_class: bool = False) -> Iterator[Named]:
    """Every function of a module that is no property (those are nouns) and not published: the command line and OpenAPI
    show names and docstrings of theirs to readers, and keep them.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if not is_property(node) and not is_published(node):
                yield Named(node, f"{module}:{node.lineno} {node.name}", in_class)
            yield from list_named(module, node)
        else:
            yield from list_named(module, node, isinstance(node, ast.ClassDef))


def is_property(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    marks = [ast.unparse(mark) for mark in node.decorator_list]
    return any(mark.endswith(("property", ".setter")) for mark in marks)


def is_published(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(re.search(r"\.(get|post|command|callback)\(", ast.unparse(mark)) for mark in node.decorator_list)


def is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def find_fault_of_name(function: Named) -> str:
    """What is wrong with a function's name; empty when nothing is."""
    words = function.node.name.strip("_").split("_")
    if is_dunder(function.node.name) or function.node.name in DEMANDED:
        return ""
    if len(words) == 1:
        known = ONE_WORD if function.in_class else ONE_WORD_FUNCTIONS
        return "" if words[0] in known else "one word"
    if words[1] == "of":
        return "no verb first"
    if words[0] in VERBS or (words[0] in PREDICATES and returns_truth(function.node)):
        return ""
    third_person = words[0].removesuffix("es") in VERBS or words[0].removesuffix("s") in VERBS
    return "" if third_person and returns_truth(function.node) else "no verb first"


def returns_truth(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return node.returns is not None and ast.unparse(node.returns).startswith(("bool", "TypeGuard", "TypeIs"))


def opens_with_a_verb(docstring: str) -> bool:
    """``Count the rows.`` does; ``Count of the rows.``, ``Counts the rows.`` and ``The count.`` do not."""
    first, second, third = [*re.findall(r"[\w`']+", docstring), "", ""][:3]
    is_noun = second in ("of", "is", "are") or (second in ("and", "or") and third.lower() not in VERBS)
    return first.lower() in VERBS and first[0].isupper() and not is_noun


def find_functions(modules: dict[str, ast.Module]) -> list[Named]:
    return [function for module, tree in modules.items() for function in list_named(module, tree)]


def is_pytests(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tests are sentences, fixtures are nouns, and hooks have the names that pytest calls."""
    marks = [ast.unparse(mark) for mark in node.decorator_list]
    return node.name.startswith(("test_", "pytest_")) or any("fixture" in mark for mark in marks)


def find_fault_of_helper(function: Named) -> str:
    """What is wrong with the name of a function of the tests; empty when nothing is."""
    is_named_by_others = function.in_class and function.node.name in DEMANDED_OF_STAND_INS
    return "" if is_pytests(function.node) or is_named_by_others else find_fault_of_name(function)


def find_types(trees: dict[str, ast.Module]) -> dict[str, list[str]]:
    """Where each type is defined: classes, and aliases at the top of a module."""
    found: dict[str, list[str]] = defaultdict(list)
    for module, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                found[node.name.strip("_")].append(f"{module}:{node.lineno}")
        for node in tree.body:
            if isinstance(node, ast.Assign) and is_alias(node):
                found[ast.unparse(node.targets[0]).strip("_")].append(f"{module}:{node.lineno}")
    return found


def is_alias(node: ast.Assign) -> bool:
    """``Row = dict[str, Any]`` is one; ``Limit = Annotated[...]`` is a parameter of a framework, and says what."""
    named = re.fullmatch(r"_?[A-Z][a-z]\w*", ast.unparse(node.targets[0]))
    value = ast.unparse(node.value)
    return bool(named) and isinstance(node.value, ast.Subscript | ast.BinOp | ast.Call) and "Annotated[" not in value


def test_a_function_is_named_by_a_verb_phrase(modules: dict[str, ast.Module]) -> None:
    """``find_hole``, not ``hole``: a call reads as a sentence."""
    wrong = [f"{one.place} ({why})" for one in find_functions(modules) if (why := find_fault_of_name(one))]
    assert not wrong, (
        "name these by a verb (tests/house/verbs.txt) and its object, two words or more; a method whose object is its "
        f"class may have one word of ONE_WORD: {wrong}"
    )


def test_a_function_of_the_tests_is_named_by_a_verb_phrase(tracked: dict[str, str]) -> None:
    """``make_threat``, not ``threat``: what helps a test is read as often as what is tested."""
    trees = {
        name: ast.parse(text) for name, text in tracked.items() if name.startswith("tests/") and name.endswith(".py")
    }
    wrong = [f"{one.place} ({why})" for one in find_functions(trees) if (why := find_fault_of_helper(one))]
    assert not wrong, (
        "name these by a verb (tests/house/verbs.txt) and its object, two words or more; a noun is a fixture; a "
        f"stand-in's method that others' code calls belongs into DEMANDED_OF_STAND_INS: {wrong}"
    )


def test_a_docstring_of_a_function_opens_with_a_verb(modules: dict[str, ast.Module]) -> None:
    """``Return the hole.``, not ``The hole.``: what it does before what it is about."""
    wrong = [
        f"{one.place}: {docstring.splitlines()[0]}"
        for one in find_functions(modules)
        if (docstring := ast.get_docstring(one.node)) and not opens_with_a_verb(docstring)
    ]
    assert not wrong, f"open these with an imperative verb (tests/house/verbs.txt): {wrong}"


def test_a_docstring_says_what_it_speaks_of(modules: dict[str, ast.Module]) -> None:
    """Whoever reads "Draw it." knows no more than the name said."""
    wrong = [one.place for one in find_functions(modules) if MUTE.match(ast.get_docstring(one.node) or "")]
    assert not wrong, f"say what it is, and what for: {wrong}"
    assert MUTE.match("List them.\n\nArgs:")
    assert not MUTE.match("Draw it where there is room.")


def test_a_type_has_its_name_for_itself(modules: dict[str, ast.Module]) -> None:
    """A reader who has learnt a name knows it everywhere."""
    twice = {name: places for name, places in find_types(modules).items() if len(places) > 1}
    assert not twice, f"give each of these a name of its own: {twice}"


def test_a_class_of_the_tests_has_its_name_for_itself(tracked: dict[str, str]) -> None:
    """Among the tests: a stand-in may be called as what it stands for, but two helpers are two names."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, text in tracked.items():
        if name.startswith("tests/") and name.endswith(".py"):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ClassDef):
                    found[node.name.strip("_")].append(f"{name}:{node.lineno}")
    twice = {name: places for name, places in found.items() if len(places) > 1}
    assert not twice, f"give each of these a name of its own: {twice}"


def test_few_functions_have_names_of_one_word(modules: dict[str, ast.Module]) -> None:
    """One word is for methods whose object is their class, and those are few."""
    names = [one.node.name for one in find_functions(modules) if not is_dunder(one.node.name)]
    share = sum("_" not in name.strip("_") for name in names) / len(names)
    assert share <= ONE_WORD_SHARE_MAX, f"{share:.1%} of the functions have names of one word: say what they do it to"


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def hole(): ...", "one word"),
        ("def find(): ...", "one word"),
        ("def find_hole(): ...", ""),
        ("def count_of_rows(): ...", "no verb first"),
        ("def hole_of_partition(): ...", "no verb first"),
        ("def is_whole() -> bool: ...", ""),
        ("def is_whole() -> str: ...", "no verb first"),
        ("def shows_life(self) -> bool: ...", ""),
        ("def shows_life(self) -> int: ...", "no verb first"),
        ("def close(): ...", "one word"),
        ("class A:\n  def close(self): ...", ""),
        ("class A:\n  def hole(self): ...", "one word"),
        ("def main(): ...", ""),
    ],
)
def test_a_wrong_name_is_noticed(source: str, fault: str) -> None:
    """The check itself works."""
    (function,) = list_named("sample.py", ast.parse(source))
    assert find_fault_of_name(function) == fault


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def threat(): ...", "one word"),
        ("def chart_of(): ...", "no verb first"),
        ("def make_threat(): ...", ""),
        ("def test_it(): ...", ""),
        ("def pytest_configure(): ...", ""),
        ("@pytest.fixture\ndef ledger(): ...", ""),
        ("def topic(): ...", "one word"),
        ("class A:\n  def topic(self): ...", ""),
        ("class A:\n  def threat(self): ...", "one word"),
    ],
)
def test_a_wrong_name_of_a_helper_is_noticed(source: str, fault: str) -> None:
    """The check itself works; a stand-in's name is a method's."""
    (function,) = list_named("sample.py", ast.parse(source))
    assert find_fault_of_helper(function) == fault


@pytest.mark.parametrize(
    ("docstring", "right"),
    [
        ("Count the rows.", True),
        ("Count of the rows.", False),
        ("Count and name them.", True),
        ("Name and address.", False),
        ("Counts the rows.", False),
        ("The count.", False),
        ("``count`` of it.", False),
        ("Raise what was caught.", True),
    ],
)
def test_a_wrong_docstring_is_noticed(docstring: str, right: bool) -> None:
    """The check itself works."""
    assert opens_with_a_verb(docstring) is right


def test_a_command_and_a_route_keep_the_names_that_readers_know() -> None:
    """Nothing else in their module does."""
    tree = ast.parse("@app.get('/v1/counts')\ndef counts(): ...\n@cache\ndef hole(): ...")
    assert [one.node.name for one in list_named("sample.py", tree)] == ["hole"]


def test_a_property_is_a_noun_and_a_dunder_what_python_says() -> None:
    """Neither is held to verbs."""
    tree = ast.parse("class A:\n  @property\n  def hole(self): ...\n  def __enter__(self): ...")
    assert [find_fault_of_name(one) for one in list_named("sample.py", tree)] == [""]
