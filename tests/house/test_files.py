"""What a tracked file may not carry, and what a lock file must."""

import re
from pathlib import Path

import pytest

LOCKS = ("requirements/run.lock", "requirements/dev.lock")
ADDRESSES = re.compile(
    r"pypi[.]org|pythonhosted[.]org|repo1?[.]maven[.]|maven[.]org|index-url\W+http|find-links\W+http"
    r"|[.]artifactory[.]|/simple/"
)
HOMES = re.compile(r"(?<![\w.])/(?:home|Users|root)/[\w.-]+")


def find_places(tracked: dict[str, str], pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern occurs in the tracked files, this one left out."""
    return [
        f"{name}:{number}"
        for name, text in tracked.items()
        if not name.endswith("test_files.py")
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_place_on_one_machine(tracked: dict[str, str], root: Path) -> None:
    """Neither somebody's home nor where this clone happens to lie."""
    here = [re.escape(f"{place}/") for place in (root, root.parent) if len(place.parts) > 1]
    places = [*find_places(tracked, HOMES), *find_places(tracked, re.compile(rf"(?<![\w.])(?:{'|'.join(here)})"))]
    assert not places, f"say it relative to the clone or to --state: {places}"


def test_no_file_names_a_package_registry(tracked: dict[str, str]) -> None:
    """Where packages come from is the machine's business (pip's and Maven's own settings)."""
    named = find_places(tracked, ADDRESSES)
    assert not named, f"leave the address to the machine's own settings: {named}"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_pins_every_package_by_hash_and_carries_no_address(tracked: dict[str, str], lock: str) -> None:
    """`make lock` writes them so."""
    requirements = re.split(r"\n(?=[\w.-]+==)", re.sub(r"(?m)^#.*\n", "", tracked[lock]).strip())
    bare = [requirement.split()[0] for requirement in requirements if "--hash=sha256:" not in requirement]
    assert not bare, f"lock again with hashes (make lock): {bare}"
    assert "://" not in tracked[lock], "lock again without addresses (make lock)"


def test_every_name_of_a_requirements_file_is_locked(tracked: dict[str, str]) -> None:
    """What run.in and dev.in ask for is what the locks hold."""
    for source, lock in (("requirements/run.in", LOCKS[0]), ("requirements/dev.in", LOCKS[1])):
        wanted = re.findall(r"(?m)^(\w[\w.-]*)", tracked[source])
        locked = set(re.findall(r"(?m)^([\w.-]+)==", tracked[lock]))
        missing = [name for name in wanted if name.lower() not in locked]
        assert not missing, f"{source} was changed without `make lock`: {missing}"
