"""What a docstring says that a call raises is a type that there is, so that whoever reads it can catch it."""

import ast
import builtins
import re
from collections.abc import Iterator

import pytest

SECTION = re.compile(r"^\s*Raises:\n(.*)", re.DOTALL | re.MULTILINE)
SECTION_LINE = re.compile(r"\s*([A-Z]\w+(?:, [A-Z]\w+)*):")
SENTENCE = re.compile(r"[Rr]aises ([A-Z]\w+(?:(?:, | and | or |; )[A-Z]\w+)*)")
AS_ANOTHER = re.compile(r"[Rr]aises as ``(?:\w+\.)*(\w+)``|: as ``(?:\w+\.)*(\w+)``(?: does)?\.$", re.MULTILINE)


def find_raised(docstring: str) -> Iterator[str]:
    """Find the types that a docstring names, in its section or in a sentence."""
    section = SECTION.search(docstring)
    for line in section[1].splitlines() if section else []:
        if named := SECTION_LINE.match(line):
            yield from named[1].split(", ")
    for sentence in SENTENCE.finditer(docstring):
        yield from re.split(r", | and | or |; ", sentence[1])


def find_others(docstring: str) -> Iterator[str]:
    """Find the functions that a docstring refers to for what is raised."""
    for found in AS_ANOTHER.finditer(docstring):
        yield found[1] or found[2]


def find_docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Find the docstrings of a module's functions and classes, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(node):
            yield node.lineno, ast.get_docstring(node) or ""


def list_defined(modules: dict[str, ast.Module], *kinds: type[ast.AST]) -> set[str]:
    """List the names of everything of these kinds that the modules define."""
    return {
        getattr(node, "name", "") for tree in modules.values() for node in ast.walk(tree) if isinstance(node, kinds)
    }


def list_imported(modules: dict[str, ast.Module]) -> set[str]:
    """List the names that the modules take from elsewhere: what a library raises is imported somewhere."""
    imports = [node for tree in modules.values() for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name for node in imports for alias in node.names}


def find_faults(modules: dict[str, ast.Module]) -> Iterator[str]:
    """Find what is said to be raised and is not there."""
    types = list_defined(modules, ast.ClassDef) | set(dir(builtins)) | list_imported(modules)
    functions = list_defined(modules, ast.FunctionDef, ast.AsyncFunctionDef)
    for name, tree in modules.items():
        for line, docstring in find_docstrings(tree):
            yield from (f"{name}:{line} {one}" for one in find_raised(docstring) if one not in types)
            yield from (f"{name}:{line} as {one}" for one in find_others(docstring) if one not in functions)


def test_what_a_docstring_says_is_raised_is_there(modules: dict[str, ast.Module]) -> None:
    """A type of the tree, of Python, or one that is imported; and "as ``read_rows``" names a function."""
    faults = list(find_faults(modules))
    assert not faults, f"name what is raised by its own name: {faults}"


@pytest.mark.parametrize(
    ("docstring", "faults"),
    [
        ("Raises Misuse.", []),
        ("Raises Missuse.", ["Missuse"]),
        ("Raises: nothing at all, Ever: is no type.", []),
        ("Read.\n\n    Raises:\n        Misuse: it is none.\n        OSError, Gone: it lies nowhere.", ["Gone"]),
        ("Read. Raises as ``read`` does.", []),
        ("Read. Raises as ``rread``.", ["as rread"]),
        ("Read.\n\n    Raises:\n        Misuse: as ``rread``.", ["as rread"]),
    ],
)
def test_a_type_that_is_nowhere_is_noticed(docstring: str, faults: list[str]) -> None:
    """The check itself works, for a section and for a sentence."""
    module = ast.parse(f'class Misuse(Exception): ...\n\ndef read():\n    """{docstring}"""\n')
    assert list(find_faults({"files.py": module})) == [f"files.py:3 {one}" for one in faults]
