"""Tests wait long for what must come: a machine that stalls is no failure."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
LEAST_SECONDS = 30.0
SHORT = {  # waits whose shortness is what the test proves
    ("chaos/breaks.py", "committed"): "it breaks a product that has such a wait",
    ("chaos/world.py", "list_topics"): "one look of many",
    ("chaos/world.py", "describe_topics"): "one look of many",
    ("infra/test_kept_admin.py", "list_topics"): "nobody listens",
    ("live/adversary/test_settings.py", "list_topics"): "a stranger is never answered",
    ("sinks/test_gathering.py", "monotonic"): "a write does not begin before",
    ("live/test_up.py", "wait_procs"): "whoever is left must have ended before",
}
ASKING = {"get", "post", "stream", "request", "Client", "AsyncClient"}


def find_impatience(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Find calls of httpx with its usual 5 seconds, and waits that are shorter than a stalled machine needs."""
    for end in (node for node in ast.walk(tree) if isinstance(node, ast.BinOp)):
        if ast.unparse(end.left) == "time.monotonic()" and isinstance(end.right, ast.Constant):
            yield end.lineno, "monotonic", "wait by `await_truth` of tests/patience.py, or until `PATIENCE_SECONDS`"
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        where, _, name = ast.unparse(call.func).rpartition(".")
        given = {word.arg: word.value for word in call.keywords}
        if where == "httpx" and name in ASKING and not {"timeout", "transport", None} & given.keys():
            yield call.lineno, name, "say how long: `**PATIENT` of tests/patience.py"
        for word in ("timeout", "request_timeout"):
            value = given.get(word)
            if isinstance(value, ast.Constant) and isinstance(value.value, int | float) and value.value < LEAST_SECONDS:
                yield (
                    call.lineno,
                    name,
                    f"{word}={value.value}: `PATIENCE_SECONDS`, unless it is what is proved",
                )


def test_a_stalled_machine_is_no_failure() -> None:
    """Or the shortness of the wait is what is proved, which is said above."""
    found = [
        f"{file}:{line}: {what}"
        for file in sorted(one.relative_to(TESTS).as_posix() for one in TESTS.rglob("*.py"))
        for line, name, what in find_impatience(ast.parse((TESTS / file).read_text()))
        if (file, name) not in SHORT
    ]
    assert found == []


def test_what_is_impatient_is_found() -> None:
    """By each of its signs."""
    asked = (
        "end = time.monotonic() + 5\n"
        "httpx.get(a)\nhttpx.get(a, **b)\nhttpx.get(a, timeout=5)\nclient.poll(timeout=60)\nclient.ask(timeout=10)"
    )
    assert [(line, name) for line, name, _ in find_impatience(ast.parse(asked))] == [
        (1, "monotonic"),
        (2, "get"),
        (4, "get"),
        (6, "ask"),
    ]
