"""Names between backticks, in pages and docstrings, are names of the tree: what is documented is there.

Judged are paths below a folder of the tree, files, topics, and dotted names that begin with a package,
a module or a class. In docstrings a single word is judged too: somewhere in the tree it is an identifier, or a word of
a literal. Anything else between backticks (a shell line, somebody else's setting) is passed over.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pytest

from infra import topics

PLAN = "docs/plan.md"  # of one sitting; it names what is to come
MADE_WHEN_RUN = re.compile(r"(^|/)(\.\w|build|bench/results)")
FILE = re.compile(r"[\w-]+\.(py|md|avsc|sql|toml|in)")
IN_A_BUNDLE = {"verify.py"}  # ``audit/offline_verifier.py``, as an auditor gets it
WRITTEN_FILE = re.compile(r"[\w-]+\.(json|ndjson|html|log|lock|sqlite|properties|jar|xml|yaml|csv|xlsx|pem|key)")
PATH = re.compile(r"(?:[\w.-]+/)+[\w.*-]*")
DOTTED = re.compile(r"(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)(?:\(.*\))?")
OF_NAMED_TUPLES = {"_asdict", "_replace", "_fields"}
WORD = re.compile(r"(?P<name>[A-Za-z_]\w+)(?:\(\))?")
SETTING_OF_KAFKA = re.compile(r"[a-z]+(\.[a-z]+)*\.(ms|bytes|type|policy|replicas|id|enable|records|insync|reset)")


class Tree:
    """The tracked files, and what each module and class of them defines."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts
        self.modules = {name: ast.parse(text) for name, text in texts.items() if name.endswith(".py")}
        self.by_dotted: dict[str, set[str]] = {}
        self.by_stem: dict[str, list[str]] = defaultdict(list)
        self.members: dict[str, set[str]] = defaultdict(set)
        for name, tree in self.modules.items():
            dotted = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            self.by_dotted[dotted] = set(find_defined(tree.body))
            self.by_stem[dotted.rpartition(".")[2]].append(dotted)
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    self.members[node.name] |= set(find_members(node))

    @cached_property
    def folders(self) -> set[str]:
        """Every folder, by its path."""
        return {str(folder) for name in self.texts for folder in Path(name).parents}

    @cached_property
    def words(self) -> set[str]:
        """Every identifier, and every word of a literal or of a file that is neither Python nor a page."""
        found = {part for dotted in self.by_dotted for part in dotted.split(".")}
        for tree in self.modules.values():
            found.update(find_words(tree))
        for name, text in self.texts.items():
            if not name.endswith((".py", ".md")):
                found.update(re.findall(r"\w+", text))
        return found

    def has_path(self, path: str, beside: str) -> bool:
        """Return whether a path, from the top or from beside a page, is there; one that is not ours always is."""
        if not (path.partition("/")[0] in self.folders or path.startswith(".")) or MADE_WHEN_RUN.search(path):
            return True
        wanted = path.rstrip("/")
        return any(
            self._has_file(one)
            for one in (wanted, str(Path(beside).parent / wanted).removeprefix("./"), f"{wanted}.py")
        )

    def _has_file(self, path: str) -> bool:
        return path in self.texts or path in self.folders or ("*" in path and path.rpartition("/")[0] in self.folders)

    def has_dotted(self, name: str) -> bool:
        """Return whether a dotted name of ours is defined; one that is not ours always is."""
        first, *rest = name.split(".")
        if rest[-1] in OF_NAMED_TUPLES:
            return True
        if first == "soc":
            return name in topics.ALL
        if first in self.by_dotted or first in {dotted.split(".")[0] for dotted in self.by_dotted}:
            return self._is_defined(first, rest) or any(self._is_defined(one, rest) for one in self.by_stem[first])
        objects = first.title().replace("_", "")  # `publisher.close()`: an object of class Publisher
        if first in self.by_stem:
            return any(self._is_defined(one, rest) for one in self.by_stem[first]) or rest[0] in self.members[objects]
        return first not in self.members or rest[0] in self.members[first]

    def _is_defined(self, module: str, rest: list[str]) -> bool:
        while rest and f"{module}.{rest[0]}" in self.by_dotted:
            module, rest = f"{module}.{rest[0]}", rest[1:]
        if not rest:
            return module in self.by_dotted
        if rest[0] not in self.by_dotted.get(module, ()):
            return False
        return len(rest) == 1 or rest[0] not in self.members or rest[1] in self.members[rest[0]]


def find_defined(body: list[ast.stmt]) -> Iterator[str]:
    """Names that statements define: functions, classes, assignments, imports."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (one.asname or one.name for one in node.names)
        elif isinstance(node, ast.If | ast.Try):
            yield from find_defined(node.body)
        else:
            yield from (
                one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
            )


def find_members(node: ast.ClassDef) -> Iterator[str]:
    """What a class defines or keeps on its objects; anything is passed over where its base is not ours to read."""
    yield from find_defined(node.body)
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store):
            yield one.attr


def find_words(tree: ast.Module) -> Iterator[str]:
    """Identifiers, and words of literals; a docstring's own words prove nothing."""
    docstrings = {id(text) for text in find_docstring_nodes(tree)}
    for node in ast.walk(tree):
        for field in ("id", "attr", "arg", "name", "asname", "module"):
            if isinstance(found := getattr(node, field, None), str):
                yield from found.split(".")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield from re.findall(r"\w+", node.value)


def find_docstring_nodes(tree: ast.AST) -> Iterator[ast.Constant]:
    """Docstrings of everything in a module, and the strings that stand behind an assignment."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def find_missing(tree: Tree, name: str, text: str) -> Iterator[str]:
    """Names between the single backticks of a page that are not there."""
    for span in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"(?s)```.*?```", "", text)):
        if is_missing(tree, name, span):
            yield f"{name}: {span}"


def is_missing(tree: Tree, beside: str, span: str) -> bool:
    """Return whether what is between backticks names something of this tree that is not there."""
    if PATH.fullmatch(span):
        return not tree.has_path(span, beside)
    if FILE.fullmatch(span) and span not in IN_A_BUNDLE:
        return not any(name.rpartition("/")[2] == span for name in tree.texts)
    dotted = DOTTED.fullmatch(span)
    if not dotted or SETTING_OF_KAFKA.fullmatch(span) or WRITTEN_FILE.fullmatch(span):
        return False
    return not tree.has_dotted(dotted["name"])


def find_missing_in_docstrings(tree: Tree, name: str) -> Iterator[str]:
    """Names between the double backticks of a module's docstrings that are not there."""
    for node in find_docstring_nodes(tree.modules[name]):
        for span in re.findall(r"``([^`\n]+)``", str(node.value)):
            word = WORD.fullmatch(span)
            if (word and word["name"] not in tree.words) or is_missing(tree, name, span):
                yield f"{name}:{node.lineno}: {span}"


@pytest.fixture(scope="module")
def tree(tracked: dict[str, str]) -> Tree:
    """This tree."""
    return Tree(tracked)


def test_what_a_page_names_is_there(tree: Tree) -> None:
    """A page that names what was renamed or removed lies."""
    pages = [name for name in tree.texts if name.endswith(".md") and name != PLAN]
    gone = [missing for name in pages for missing in find_missing(tree, name, tree.texts[name])]
    assert not gone, f"name what is there: {gone}"


def test_what_a_docstring_names_is_there(tree: Tree, packages: list[str]) -> None:
    """So does a docstring."""
    ours = [name for name in tree.modules if name.split("/")[0] in (*packages, "tests")]
    gone = [missing for name in ours for missing in find_missing_in_docstrings(tree, name)]
    assert not gone, f"name what is there: {gone}"


@pytest.mark.parametrize(
    ("span", "missing"),
    [
        ("infra/topics.py", False),
        ("infra/topcis.py", True),
        ("docs/decisions/", False),
        ("logs/reads.log", False),
        ("RULES.md", False),
        ("RULEZ.md", True),
        ("soc.entries", False),
        ("soc.entrees", True),
        ("infra.topics.ENTRIES", False),
        ("infra.topics.ENTREES", True),
        ("topics.ENTRIES", False),
        ("topics.ENTREES", True),
        ("infra.locks.DirectoryLock.release()", False),
        ("infra.locks.DirectoryLock.unlock()", True),
        ("DirectoryLock.release", False),
        ("DirectoryLock.unlock", True),
        ("max.message.bytes", False),
        ("os.replace", False),
        ("disruptions up", False),
    ],
)
def test_a_name_that_is_not_there_is_noticed(tree: Tree, span: str, missing: bool) -> None:
    """The check itself works; what is not ours, and what stands in a block of code, is passed over."""
    page = f"It is `{span}`.\n\n```\n`gone.never`\n```\n"
    assert list(find_missing(tree, "docs/page.md", page)) == [f"docs/page.md: {span}"] * missing


def test_a_word_that_is_nowhere_is_noticed() -> None:
    """An identifier of before a renaming; that another docstring says it too proves nothing."""
    lock = (
        '"""A ``DirectoryLock`` was a ``Hold``."""\n\nclass DirectoryLock:\n    """Once ``Hold``, in ``soc.hold``."""\n'
    )
    small = Tree({"infra/locks.py": lock})
    found = list(find_missing_in_docstrings(small, "infra/locks.py"))
    assert found == ["infra/locks.py:1: Hold", "infra/locks.py:4: Hold", "infra/locks.py:4: soc.hold"]
