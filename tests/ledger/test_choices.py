"""Values of closed lists: taken as they stand there, refused with what was probably meant."""

import pytest

from ledger.choices import choose_value, find_nearest, quote_briefly
from ledger.errors import Misuse
from ledger.organisations import name_organisations

ORGANISATIONS = name_organisations()


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("KENT", ["kent"]),
        ("Kent Police", ["kent"]),
        ("Avon & Somerset", ["avon-and-somerset"]),
        ("avon-somerset", ["avon-and-somerset"]),
        ("kemt", ["kent"]),
        ("Met", ["metropolitan"]),
        ("Tarian", ["rocu-tarian"]),
        ("NERSOU", ["rocu-north-east"]),
        ("National Crime", ["nca"]),
        ("", []),
        ("xyzzy", []),
    ],
)
def test_the_nearest_are_found_by_slug_and_by_name(asked: str, nearest: list[str]) -> None:
    """Whatever the letter case, the joining word or the hyphens."""
    assert find_nearest(asked, ORGANISATIONS) == nearest


def test_no_more_than_three_are_near() -> None:
    """Nine units have ROCU in their slugs."""
    assert len(find_nearest("rocu", ORGANISATIONS)) == 3


def test_what_is_on_the_list_is_taken_as_it_stands() -> None:
    """Letter case counts: a figure is never that of a guess."""
    assert choose_value("--org", "kent", ORGANISATIONS) == "kent"
    with pytest.raises(Misuse, match=r"^--org: there is no 'KENT'; did you mean kent\?$"):
        choose_value("--org", "KENT", ORGANISATIONS)


def test_a_short_list_is_told_and_a_long_one_when_nothing_is_near() -> None:
    """So that the asker has something to choose from."""
    with pytest.raises(Misuse, match=r"^--x: there is no 'b'; there are: one, two$"):
        choose_value("--x", "b", {"one": "", "two": ""})
    with pytest.raises(Misuse, match=r"there are: cleveland, durham, .*, immigration-enforcement$"):
        choose_value("--org", "", ORGANISATIONS)
    with pytest.raises(Misuse, match=r"there are: none$"):
        choose_value("parameter", "b", {})


def test_what_was_written_is_quoted_briefly_and_printably() -> None:
    """A megabyte is cut; a control or half a character is escaped."""
    assert quote_briefly("x" * 1_000_000) == f"'{'x' * 60}...'"
    assert quote_briefly("Zoë") == "'Zoë'"
    assert quote_briefly("a\x00\ud800") == r"'a\x00\ud800'"
