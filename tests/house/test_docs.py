"""Documentation that fails the build when it lies."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from audit.findings import FindingKind
from cli.commands import COMMANDS, load_command
from infra.settings import list_settings
from methodology.admission import draw_changes

OPTIONS = {  # the fixed table: what is used from outside, and stays
    "up": {"--workers"},
    "publish": {"--format", "--sheet", "--refused"},
    "wait": {"--timeout"},
    "counts": {"--by", "--org", "--type", "--watch", "--json"},
    "extract": {"--from", "--to", "--as-at", "--known-at", "--by", "--type", "--standing", "--json"},
    "compare": {"--from", "--to", "--then", "--now", "--by", "--org", "--type", "--json"},
    "threats": {"--as-at", "--known-at", "--by", "--json"},
    "rates": {
        "--from",
        "--to",
        "--org",
        "--region",
        "--pillar",
        "--kind",
        "--crime-type",
        "--as-at",
        "--known-at",
        "--json",
    },
    "rejected": {"--code", "--limit", "--json"},
    "explain": {"--json"},
    "audit restore": {"--bundle", "--json"},
    "audit reconcile": {"--org", "--day", "--from", "--to", "--ids", "--json"},
    "audit replay": {"--json", "--partition", "--limit"},
    "audit claims": {"--json"},
    "audit seals": {"--full", "--key", "--witness", "--quorum", "--tiles", "--after", "--json"},
    "audit seal": set(),
    "audit witness": {"--name", "--dir", "--key", "--log", "--tiles", "--every", "--once"},
    "audit rotate-key": set(),
    "audit begin-log": {"--after", "--key", "--old-key", "--follow-none"},
    "audit bundle": {
        *("--out", "--from", "--to", "--as-at", "--known-at", "--witness", "--quorum", "--claims", "--json"),
    },
    "audit verify-bundle": {"--key", "--witness", "--quorum", "--manifest", "--all-signatures", "--json"},
    "audit figures": {"--json"},
    "audit publish-figure": {
        *("--from", "--to", "--as-at", "--known-at", "--by", "--type", "--standing", "--org", "--threats"),
        *("--note", "--published-by", "--json"),
    },
    "audit receipt": {
        *("--event", "--figure", "--from", "--to", "--as-at", "--known-at", "--by", "--type", "--standing", "--org"),
        *("--figure-id", "--threats", "--out"),
    },
    "audit verify": {"--key", "--witness", "--quorum", "--bundle", "--online", "--json"},
    "acknowledge-loss": {"--partition", "--reason", "--yes", "--json"},
    "synth": {"--seed", "--year"},
    "demo": set(),
}
PLAN = "docs/plan.md"


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    """The README."""
    return (root / "README.md").read_text()


@pytest.fixture(scope="module")
def architecture(root: Path) -> str:
    """ARCHITECTURE.md."""
    return (root / "ARCHITECTURE.md").read_text()


@pytest.fixture(scope="module")
def documents(tracked: dict[str, str]) -> dict[str, str]:
    """Every page, the plan of a sitting left out."""
    return {name: text for name, text in tracked.items() if name.endswith(".md") and name != PLAN}


def load_subcommand(name: str) -> Any:
    """A command, or one of its subcommands."""
    first, _, rest = name.partition(" ")
    found = load_command(first)
    return found.commands[rest] if rest else found


def list_options(name: str) -> set[str]:
    return {
        option for parameter in load_subcommand(name).params for option in (*parameter.opts, *parameter.secondary_opts)
    }


def read_rows(text: str, heading: str) -> dict[str, str]:
    """Rows of the table under a heading, by the first code word of their first cell; those of one word together."""
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found: dict[str, str] = {}
    for line in section.splitlines():
        if word := re.match(r"\| `([^` ]+)", line):
            found[word[1]] = f"{found.get(word[1], '')}{line}\n"
    return found


def test_the_readme_has_every_command_and_no_other(readme: str) -> None:
    """One row for each command of the console script."""
    assert set(read_rows(readme, "Commands")) == set(COMMANDS), "mend the table under Commands in README.md"


@pytest.mark.parametrize("name", OPTIONS)
def test_a_command_has_its_fixed_options_and_the_readme_shows_them(readme: str, name: str) -> None:
    """The fixed table is used from outside: its options stay, and are documented."""
    row = read_rows(readme, "Commands")[name.partition(" ")[0]]
    assert OPTIONS[name] <= list_options(name), f"`{name}` must have {OPTIONS[name] - list_options(name)}"
    silent = {option for option in OPTIONS[name] if option not in row and option not in ("--json", "--state")}
    assert not silent, f"say {silent} in the row of `{name}`"


@pytest.mark.parametrize("name", OPTIONS)
def test_help_says_what_a_command_does_and_gives_an_example(name: str) -> None:
    """Every command with help; an example is what a reader copies."""
    assert "Example" in (load_subcommand(name).help or ""), f"give an example in the docstring of `{name}`"


def test_the_readme_has_every_setting_with_its_default_and_no_other(readme: str) -> None:
    """One row for each setting, by its name in the environment."""
    shown = {name: row.split("|")[2].strip().strip("`") for name, row in read_rows(readme, "Settings").items()}
    known = {setting.environment: setting.default for setting in list_settings()}
    assert shown.keys() == known.keys(), f"mend the table under Settings in README.md: {shown.keys() ^ known.keys()}"
    wrong = {name: default for name, default in known.items() if default and default != shown[name]}
    assert not wrong, f"these defaults are others in README.md: {wrong}"


def test_the_diagram_of_legal_changes_is_the_one_that_the_table_gives(architecture: str) -> None:
    """ARCHITECTURE.md shows what ``methodology.standards.LEGAL_CHANGES`` says."""
    shown = architecture.partition("<!-- legal changes: begin -->\n")[2].partition("<!-- legal changes: end -->")[0]
    expected = f"```mermaid\n{draw_changes()}\n```\n"
    assert shown == expected, f"put this between the two marks in ARCHITECTURE.md:\n{expected}"


def test_every_make_target_of_the_docs_exists(root: Path, documents: dict[str, str]) -> None:
    """What a page tells the reader to run, runs."""
    targets = set(re.findall(r"(?m)^([a-z-]+):", (root / "Makefile").read_text()))
    named = {
        (name, target)
        for name, text in documents.items()
        for target in re.findall(r"(?m)(?:^|`)make ([a-z-]+)(?=`|\s)", text)
    }
    assert named, "the pages name no make target at all"
    assert {target for _, target in named} <= targets, f"no such target: {[n for n in named if n[1] not in targets]}"


def test_every_command_line_of_the_docs_is_understood(documents: dict[str, str]) -> None:
    """Commands and options in examples are those of the console script."""
    for name, text in documents.items():
        for line in re.findall(r"(?m)^(?:\$ )?(?:\.venv/bin/)?disruptions ([^#|&\n]*)", text):
            words = line.split()
            called = " ".join(words[:2]) if words[0] == "audit" else words[0]
            assert called in OPTIONS, f"{name}: no command `{called}`"
            unknown = (
                {word.partition("=")[0] for word in words if word.startswith("--")} - list_options(called) - {"--help"}
            )
            assert not unknown, f"{name}: `{called}` has no {unknown}"


def test_relative_links_lead_somewhere(root: Path, documents: dict[str, str]) -> None:
    """A link to a file or folder of the clone resolves."""
    broken = [
        f"{name}: {target}"
        for name, text in documents.items()
        for target in re.findall(r"\]\(([^)#\s]+)", text)
        if "://" not in target and not (root / name).parent.joinpath(target).exists()
    ]
    assert not broken, f"mend or remove: {broken}"


def test_every_word_between_backticks_that_is_a_path_exists(root: Path, documents: dict[str, str]) -> None:
    """`folder/file.py` in a page is a file of the clone."""
    named = r"`((?:[a-z_]+/)+[\w.]+\.(?:py|md|avsc|sql|in|lock|xml|yaml))`"
    gone = [
        f"{n}: {path}"
        for n, text in documents.items()
        for path in re.findall(named, text)
        if not (root / path).exists()
    ]
    assert not gone, f"mend or remove: {gone}"


def test_a_newcomer_is_told_where_each_fact_has_its_home(architecture: str, root: Path) -> None:
    """Every row of the table names a file or folder to open first, and it is there."""
    section = architecture.partition("\n## Where is what\n")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| ")][1:]
    homes = {row[1].strip(): re.findall(r"`([^`]+)`", row[2]) for row in rows}
    assert len(homes) >= 25, "the table under Where is what in ARCHITECTURE.md is gone"
    lost = [change for change, files in homes.items() if not files or not all((root / file).exists() for file in files)]
    assert not lost, f"say in ARCHITECTURE.md where these are now: {lost}"


def test_decisions_are_numbered_without_gaps_and_listed(root: Path, tracked: dict[str, str]) -> None:
    """0001, 0002, …, each in the list of docs/decisions/README.md."""
    names = sorted(Path(name).name for name in tracked if re.match(r"docs/decisions/\d{4}-", name))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1)), f"number without gaps: {names}"
    listing = (root / "docs/decisions/README.md").read_text()
    missing = [name for name in names if f"({name})" not in listing]
    assert not missing, f"list in docs/decisions/README.md: {missing}"


def test_every_decision_that_is_cited_exists(root: Path, tracked: dict[str, str]) -> None:
    """`docs/decisions/0002` in code or in a page is one of them."""
    known = {name[:4] for name in (path.name for path in (root / "docs/decisions").iterdir())}
    cited = [(n, number) for n, text in tracked.items() for number in re.findall(r"decisions/(\d{4})", text)]
    gone = [f"{name}: {number}" for name, number in cited if number not in known]
    assert not gone, f"write the decision, or cite another: {gone}"


def test_every_kind_of_difference_is_explained(root: Path) -> None:
    """docs/auditing.md has a row for each, and no other."""
    shown = read_rows((root / "docs/auditing.md").read_text(), "What a difference means")
    assert shown.keys() == {kind.value for kind in FindingKind}, "mend the table in docs/auditing.md"


def test_every_rule_is_shown_by_tests_that_exist(root: Path, tracked: dict[str, str]) -> None:
    """Each row of RULES.md names its tests, and they are there."""
    tests = {
        test for n, text in tracked.items() if n.startswith("tests/") for test in re.findall(r"def (test_\w+)", text)
    }
    rules = re.findall(r"(?m)^\| ([RA]\d+) \|(.*)$", (root / "methodology/RULES.md").read_text())
    assert rules, "methodology/RULES.md has no numbered rules"
    named = {rule: set(re.findall(r"`(test_\w+)`", row)) for rule, row in rules}
    bare = [rule for rule, shown in named.items() if not shown]
    gone = {rule: shown - tests for rule, shown in named.items() if shown - tests}
    assert not bare, f"name in RULES.md the tests that show these: {bare}"
    assert not gone, f"RULES.md names tests that are not there: {gone}"


def test_schemas_have_a_doc_on_every_field(tracked: dict[str, str]) -> None:
    """A reader of a schema needs no other page."""
    silent = [
        f"{name}: {field['name']}"
        for name, text in tracked.items()
        if name.endswith(".avsc")
        for field in json.loads(text)["fields"]
        if not field.get("doc")
    ]
    assert not silent, f"say what these hold: {silent}"
