"""Habits of the code, kept by reading it. Each message says what to do."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from statistics import quantiles

FILE_LINES_MAX = 300
LONG_FILES = {"audit/offline_verifier.py": "an auditor carries it alone, as one file, to where the ledger is not"}
SHORT_LINES = 10
LONG_LINES = 30
FUNCTION_LINES_MAX = 60
REASON_CHARACTERS_MIN = 10

VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "base"}
CALLS_KEPT_FROM_IMPORT = {
    "AdminClient",
    "AsyncClient",
    "App",
    "Client",
    "Consumer",
    "FastAPI",
    "Producer",
    "Publisher",
    "SchemaRegistryClient",
    "Settings",
    "connect",
    "create_client",
    "getenv",
    "get_client",
    "load",
    "load_settings",
    "now",
    "open",
    "open_store",
    "time",
    "today",
    "urlopen",
}
EXCEPTION_LINE = re.compile(
    r"#\s*(noqa|type:\s*ignore)(?P<code>:\s*[A-Z]+[0-9]+(\s*,\s*[A-Z]+[0-9]+)*|\[[a-z, -]+\])?(?P<reason>.*)"
)


def find_functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def count_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function from its name to its end, its docstring left out."""
    first = function.body[0]
    is_docstring = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    docstring = (first.end_lineno or 0) - first.lineno + 1 if is_docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def test_files_are_short(tracked: dict[str, str]) -> None:
    """A file is one noun; what grows past the bound is two."""
    sizes = {name: text.count("\n") for name, text in tracked.items() if name.endswith((".py", ".sql"))}
    long = {name: size for name, size in sizes.items() if size > FILE_LINES_MAX and name not in LONG_FILES}
    assert not long, f"split by noun, at most {FILE_LINES_MAX} lines a file: {long}"
    assert {name for name in LONG_FILES if sizes.get(name, 0) > FILE_LINES_MAX} == set(LONG_FILES), "take it out again"


def test_half_of_the_functions_are_under_ten_lines_and_nine_in_ten_under_thirty(modules: dict[str, ast.Module]) -> None:
    """Short functions, measured over all of them."""
    sizes = [count_lines(function) for tree in modules.values() for function in find_functions(tree)]
    tenths = quantiles(sizes, n=10)
    assert tenths[4] < SHORT_LINES, f"the median function has {tenths[4]} lines: split the longest"
    assert tenths[8] < LONG_LINES, f"one in ten functions has over {tenths[8]} lines: split the longest"


def test_no_function_is_longer_than_a_screen(modules: dict[str, ast.Module]) -> None:
    """One function, one screen."""
    long = {
        f"{name}:{function.lineno} {function.name}": size
        for name, tree in modules.items()
        for function in find_functions(tree)
        if (size := count_lines(function)) > FUNCTION_LINES_MAX
    }
    assert not long, f"split these, at most {FUNCTION_LINES_MAX} lines a function: {long}"


def test_every_module_says_what_it_is(modules: dict[str, ast.Module]) -> None:
    """The first line of a module is its docstring."""
    silent = [name for name, tree in modules.items() if not ast.get_docstring(tree)]
    assert not silent, f"say in one line what these hold: {silent}"


def test_every_exception_to_a_rule_has_its_code_and_its_reason_on_its_line(tracked: dict[str, str]) -> None:
    """``# noqa: CODE  # why`` or ``# noqa: CODE - why``; the same of ``type: ignore[code]``."""
    bare = [
        f"{name}:{number}"
        for name, text in tracked.items()
        if name.endswith(".py")
        for number, comment in find_comments(text)
        if (found := EXCEPTION_LINE.search(comment))
        if not found["code"] or len(found["reason"].strip(" #-:")) < REASON_CHARACTERS_MIN
    ]
    assert not bare, f"write the code and, after it, the reason: {bare}"


def test_names_are_places_in_the_story(tracked: dict[str, str]) -> None:
    """A module is a noun of the domain, never a drawer."""
    vague = [name for name in tracked if VAGUE & set(name.removesuffix(".py").split("/"))]
    assert not vague, f"name these for what they hold: {vague}"


def test_nobody_writes_csv(modules: dict[str, ast.Module]) -> None:
    """A cell that begins with =, +, - or @ is a formula to a spreadsheet; one place writes CSV, and neutralises it."""
    writers = [
        f"{name}:{node.lineno}"
        for name, tree in modules.items()
        if name != "dashboard/spreadsheet.py"  # tests/dashboard/test_records.py
        for node in ast.walk(tree)
        if (isinstance(node, ast.Call) and name_called(node).rpartition(".")[2] in {"DictWriter", "to_csv"})
        or (isinstance(node, ast.Call) and name_called(node) == "csv.writer")
        or (isinstance(node, ast.Constant) and isinstance(node.value, str) and "FORMAT CSV" in node.value)
    ]
    assert not writers, f"neutralise formulas, test that, then name the place here: {writers}"


def test_importing_does_nothing(modules: dict[str, ast.Module]) -> None:
    """No client, clock or environment at import, nor in a default argument."""
    eager = [
        f"{name}:{call.lineno} {name_called(call)}"
        for name, tree in modules.items()
        for expression in find_at_import(tree)
        for call in ast.walk(expression)
        if isinstance(call, ast.Call) and name_called(call).rpartition(".")[2] in CALLS_KEPT_FROM_IMPORT
    ]
    assert not eager, f"make these in a function, and pass them on: {eager}"


def find_comments(text: str) -> Iterator[tuple[int, str]]:
    """Comments of a module with their lines; a string that looks like one is none."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def find_at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """The expressions that run when a module is imported: statements of its body, and default arguments."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr) and statement.value:
            yield statement.value
    for function in find_functions(tree):
        yield from function.args.defaults
        yield from (default for default in function.args.kw_defaults if default)


def name_called(call: ast.Call) -> str:
    return ast.unparse(call.func)
