"""Names of state directories: what cannot be handed on as a name is refused in one sentence."""

import os
from pathlib import Path

import pytest

from infra.state_directory import check_name, provide_directory
from ledger.errors import Misuse, Unavailable
from local.properties import escape_value, write_properties


@pytest.mark.parametrize(
    "name", ["soc, east", "a\\b", "Zoë", "警", "a b", "-x", "a%20b", "a#b", "a&b", "a=b", "$HOME", "'a\"b"]
)
def test_a_name_is_a_name(tmp_path: Path, name: str) -> None:
    """Commas, backslashes, letters of any script."""
    assert provide_directory(tmp_path / name) == tmp_path / name
    assert (tmp_path / name / "run").is_dir()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (b"a?b", "question mark"),
        (b"a\nb", "cannot be printed"),
        (b"a\xe9b", "not UTF-8"),
        (b"a/" * 1600, "longer than 3,000 bytes"),
    ],
)
def test_what_cannot_be_handed_on_is_refused(tmp_path: Path, name: bytes, said: str) -> None:
    """In one sentence that any terminal can show."""
    with pytest.raises(Misuse, match=said) as refused:
        check_name(tmp_path / os.fsdecode(name))
    assert str(refused.value).isprintable()
    str(refused.value).encode()


def test_a_link_is_followed_before_it_is_judged(tmp_path: Path) -> None:
    """The name that counts is that of what it leads to."""
    (tmp_path / "a?b").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a?b")
    with pytest.raises(Misuse, match="question mark"):
        provide_directory(tmp_path / "link")


def test_a_file_is_no_state_directory(tmp_path: Path) -> None:
    """Nor is anything below one."""
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "state"):
        with pytest.raises(Misuse, match="is not a directory"):
            provide_directory(place)


def test_links_in_a_circle_are_said_to_be(tmp_path: Path) -> None:
    """One sentence, whatever the system calls it."""
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(Unavailable, match="cannot be used"):
        provide_directory(tmp_path / "a")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain:9092", "plain:9092"),
        ("a\\b", "a\\\\b"),
        ("é", "\\u00e9"),
        ("😀", "\\ud83d\\ude00"),
        (" x", "\\ x"),
        ("a\nb", "a\\nb"),
    ],
)
def test_a_property_is_written_so_that_java_reads_it(value: str, written: str) -> None:
    """By the rules of java.util.Properties: backslash escapes, UTF-16 units beyond ASCII."""
    assert escape_value(value) == written


def test_properties_that_say_the_same_are_left_alone(tmp_path: Path) -> None:
    """On a full disk a broker starts again from the file that is there."""
    file = tmp_path / "server.properties"
    write_properties(file, {"a": "1"})
    before = file.stat().st_ino
    write_properties(file, {"a": "1"})
    assert file.stat().st_ino == before
    write_properties(file, {"a": "2"})
    assert file.read_text() == "a=2\n"
