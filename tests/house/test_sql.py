"""SQL stands where the tables are, in sinks, and where questions are summed, in queries: nowhere else."""

import ast
import re

import pytest

HOMES = ("sinks/", "queries/", "bench/")  # bench writes by hand what it measures against
OF_ITS_OWN = {  # SQLite beside a process, which nobody else reads
    "streams/": "a worker's books",
    "producers/outbox.py": "what a publisher has still to send",
    "producers/last_numbers.py": "the same file, read beside whoever holds it",
}
STATEMENT = re.compile(r"\b(?:SELECT\s.+\sFROM|INSERT\s+INTO|DELETE\s+FROM|CREATE\s+TABLE|ALTER\s+TABLE)\b", re.DOTALL)


def find_statements(tree: ast.Module) -> list[int]:
    """Find the lines of strings that hold a statement; docstrings are sentences."""
    sentences = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in sentences
        and STATEMENT.search(node.value)
    ]


def test_there_is_no_sql_above_queries_and_sinks(modules: dict[str, ast.Module]) -> None:
    """Whoever asks, asks a typed question."""
    others = {name: tree for name, tree in modules.items() if not name.startswith((*HOMES, *OF_ITS_OWN))}
    found = [f"{name}:{line}" for name, tree in others.items() for line in find_statements(tree)]
    assert not found, f"make these questions of queries/: {found}"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("x = 'SELECT a FROM b'", [1]),
        ("x = f'DELETE FROM {b}'", [1]),
        ("'SELECT a FROM b'", []),
        ("x = 'select it'", []),
    ],
)
def test_a_statement_is_noticed(source: str, lines: list[int]) -> None:
    """The check itself works."""
    assert find_statements(ast.parse(source)) == lines
