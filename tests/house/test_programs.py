"""Modules that are named by strings: what is started as a process or loaded on demand is seen by no import contract."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

STARTERS = {  # the places that name modules to be run or loaded, and of which packages they may be
    "local/programs.py": {"streams", "services"},  # the supervised whole runs the ledger, which stands above it
    "cli/commands.py": {"cli", "demo"},  # the console script loads what stands at the top
    "bench/processes.py": {"bench", "cli"},  # measured as users run it, beside the same work done otherwise
    "bench/__main__.py": {"bench"},
}
LAUNCHERS = {  # where this Python is started again: with a name of one of the places above, or a program of the set-up
    "local/processes.py",
    "bench/processes.py",
    "local/child_processes.py",
    "infra/bootstrap.py",
}
SPOKEN = {  # strings that are modules' names and start nothing
    ("streams/outputs.py", "streams.intake"): "a header of the dead-letter queue, read by others' tools",
    ("streams/worker.py", "streams.runs"): "the name of its logger",
}
LOGGERS = ("get_logger", "getLogger")
FILES = (".log", ".json", ".py", ".lock", ".toml")


def name_module(file: str) -> str:
    """Return the dotted name of a file."""
    return file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


@pytest.fixture(scope="module")
def places(modules: dict[str, ast.Module]) -> dict[str, ast.Module]:
    """Every module by its dotted name."""
    return {name_module(file): tree for file, tree in modules.items()}


def find_strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Find the strings of a module that are neither docstrings nor names of its loggers."""
    left_out = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in LOGGERS:
            left_out |= {id(argument) for argument in node.args}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out:
            yield node.lineno, node.value


def find_named(tree: ast.Module, packages: list[str]) -> Iterator[tuple[int, str]]:
    """Find the strings that are dotted names below a package, whole or begun (``"bench."``)."""
    pattern = re.compile(rf"(?:{'|'.join(packages)})\.(?:\w+(?:\.\w+)*(?::\w+)?)?")
    for line, text in find_strings(tree):
        if pattern.fullmatch(text) and not text.endswith(FILES):
            yield line, text


def runs_as_a_program(tree: ast.Module) -> bool:
    """Tell whether a module does something when it is run, by its ``main`` or otherwise."""
    return any(isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'" for node in tree.body)


def find_names(tree: ast.Module) -> set[str]:
    """Find what a module defines or imports at its top."""
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    names |= {ast.unparse(target) for node in tree.body if isinstance(node, ast.Assign) for target in node.targets}
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom | ast.Import)]
    return names | {alias.asname or alias.name for node in imports for alias in node.names}


def find_fault(name: str, places: dict[str, ast.Module], allowed: set[str]) -> str:
    """Return what is wrong with a module's name in a starter; empty when nothing is."""
    module, _, attribute = name.partition(":")
    if module.partition(".")[0] not in allowed:
        return f"may start modules of {sorted(allowed)} alone"
    if module not in places:
        return "is no module"
    if attribute:
        return "" if attribute in find_names(places[module]) else f"has no {attribute}"
    return "" if runs_as_a_program(places[module]) else "does nothing when it is run"


def test_what_is_started_or_loaded_by_name_is_there(
    modules: dict[str, ast.Module], places: dict[str, ast.Module], packages: list[str]
) -> None:
    """Each string of a starter names a module that can be run, or what is loaded of it, of a package it may start."""
    named = {file: list(find_named(modules[file], packages)) for file in STARTERS}
    idle = [file for file, found in named.items() if not found]
    assert not idle, f"these start nothing: take them out of STARTERS: {idle}"
    wrong = [
        f"{file}:{line} {name}: {fault}"
        for file, found in named.items()
        for line, name in found
        if (fault := find_fault(name, places, STARTERS[file]))
    ]
    assert not wrong, f"mend the name, or say in STARTERS why it may: {wrong}"


def test_no_other_string_is_a_modules_name(modules: dict[str, ast.Module], packages: list[str]) -> None:
    """What a starter does not name is imported, so that the contracts see it."""
    found = {
        (file, name): line
        for file, tree in modules.items()
        if file not in STARTERS
        for line, name in find_named(tree, packages)
        if name != name_module(file)  # a program's own name, as its help has it
    }
    hidden = [f"{file}:{line} {name}" for (file, name), line in found.items() if (file, name) not in SPOKEN]
    assert not hidden, f"import it, or name it in one of {sorted(STARTERS)}: {hidden}"
    assert SPOKEN.keys() <= found.keys(), f"these are said no more: {SPOKEN.keys() - found.keys()}"


def test_a_modules_name_in_a_logger_is_one_of_its_own_package(
    modules: dict[str, ast.Module], places: dict[str, ast.Module]
) -> None:
    """A line of a log leads to the module that wrote it."""
    wrong = [
        f"{file}:{node.lineno} {argument.value!r}"
        for file, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in LOGGERS
        for argument in node.args
        if isinstance(argument, ast.Constant) and "." in str(argument.value)
        if argument.value not in places or argument.value.split(".")[0] != file.split("/")[0]
    ]
    assert not wrong, f"write __name__, or the module whose story it tells: {wrong}"


def test_python_is_started_again_in_few_places(modules: dict[str, ast.Module]) -> None:
    """``sys.executable`` is where a child begins; ``import_module`` is where a contract ends."""
    starting = {
        file
        for file, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.executable"
    }
    assert starting <= LAUNCHERS, f"start it through local.processes or bench.processes: {starting - LAUNCHERS}"
    loading = {
        file
        for file, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in ("import_module", "__import__")
    }
    assert loading <= {"cli/commands.py", "schemas/confluent.py"}, f"import it at the top instead: {loading}"


def test_every_program_of_the_makefile_and_the_pages_is_there(
    tracked: dict[str, str], places: dict[str, ast.Module], packages: list[str]
) -> None:
    """``python -m MODULE`` in the Makefile, a page or a docstring runs, and so does what the Makefile imports."""
    pattern = re.compile(rf"python3? -m ((?:{'|'.join(packages)})(?:\.\w+)*)\b")
    named = [
        (file, name)
        for file, text in tracked.items()
        if file == "Makefile" or file.endswith((".md", ".py"))
        for name in pattern.findall(text)
    ]
    assert named, "the Makefile runs no module at all"
    run = {name for name, tree in places.items() if runs_as_a_program(tree)}
    wrong = [f"{file}: {name}" for file, name in named if not run & {name, f"{name}.__main__"}]
    assert not wrong, f"these do nothing when they are run: {wrong}"
    imported = re.findall(r"-c 'from ([\w.]+) import (\w+)", tracked["Makefile"])
    files = {name_module(file): text for file, text in tracked.items() if file.endswith(".py")}
    gone = [f"{module}.{name}" for module, name in imported if name not in find_names(ast.parse(files.get(module, "")))]
    assert not gone, f"the Makefile imports what is not there: {gone}"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("a.worker", ""),
        ("a.library", "does nothing when it is run"),
        ("a.library:find", ""),
        ("a.library:lose", "has no lose"),
        ("a.gone", "is no module"),
        ("b.worker", "may start modules of ['a'] alone"),
    ],
)
def test_a_wrong_name_of_a_module_is_noticed(name: str, fault: str) -> None:
    """The check itself works."""
    program = ast.parse("if __name__ == '__main__':\n  main()")
    places = {"a.worker": program, "b.worker": program, "a.library": ast.parse("def find(): ...")}
    assert find_fault(name, places, {"a"}) == fault


def test_names_are_found_whole_and_begun() -> None:
    """Docstrings, loggers, files and sentences are none."""
    tree = ast.parse(
        '"""a.b"""\nx = get_logger("a.b")\ny = "a.b"\nz = f"a.{x}"\nfile = "a.log"\nsay = "see a.b"\nw = "a.b:c"\n'
    )
    assert {name for _, name in find_named(tree, ["a"])} == {"a.b", "a.", "a.b:c"}


@pytest.mark.parametrize("name", ["services.sealer", "streams.worker", "cli.audit_seal"])
def test_who_serves_nobody_starts_without_a_web_server(name: str) -> None:
    """It would take half of the start of such a process."""
    asked = f"import sys, {name}; print(*{{'fastapi', 'uvicorn'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
