"""Every setting does something, and a test shows what: ``@pytest.mark.effect_of("KAFKA_PORT", ...)`` on it."""

import ast
from collections.abc import Iterator

from infra.settings import list_settings


def test_every_setting_has_a_test_that_shows_its_effect(tracked: dict[str, str]) -> None:
    """A documented setting without effect is a fault; so is a test of a setting that there is not."""
    shown = {name for file, text in tracked.items() if _is_test(file) for name in _find_shown(ast.parse(text))}
    known = {setting.environment for setting in list_settings()}
    assert known - shown == set(), "show what it does in a test marked effect_of, or remove the setting"
    assert shown - known == set(), "these settings are none"


def test_the_marks_of_a_test_are_found() -> None:
    """Whichever and however many."""
    marked = "@pytest.mark.effect_of('A', 'B')\n@other('C')\ndef test_x(): ...\n"
    assert set(_find_shown(ast.parse(marked))) == {"A", "B"}


def _is_test(file: str) -> bool:
    return file.startswith("tests/") and file.endswith(".py")


def _find_shown(tree: ast.Module) -> Iterator[str]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
            for mark in function.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.effect_of":
                    yield from (str(ast.literal_eval(argument)) for argument in mark.args)
