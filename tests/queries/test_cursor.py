"""A cursor is a ledger and a position as one string: written, read, and held to how far the store has come."""

import pytest

from queries.cursor import Cursor, format_cursor, format_position, hold_cursor, name_ledger, parse_cursor
from queries.errors import WrongField

HERE = "7f3a90c1"


@pytest.mark.parametrize(
    ("position", "text"), [({0: 12, 1: 9}, "7f3a90c1@0:12,1:9"), ({10: 1, 2: 0}, "7f3a90c1@2:0,10:1")]
)
def test_a_cursor_is_one_string_and_comes_back(position: dict[int, int], text: str) -> None:
    """Partitions stand in the order of their numbers, however the position was made."""
    assert format_cursor(Cursor(HERE, position)) == text
    assert parse_cursor(text, "since") == (HERE, position)
    assert f"{HERE}@{format_position(position)}" == text


def test_the_beginning_is_that_of_every_ledger() -> None:
    """It names none."""
    assert format_cursor(Cursor(HERE, {})) == "none"
    assert parse_cursor("none", "since") == ("", {})
    hold_cursor(parse_cursor("none", "since"), HERE, {0: 12}, "since")


def test_a_ledger_is_named_by_its_topic() -> None:
    """SHA-256 of nothing, and of "abc" (FIPS 180-4): their first eight digits."""
    assert (name_ledger(""), name_ledger("abc")) == ("e3b0c442", "ba7816bf")


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "0:", "0:1,", "0:1,0:2", "1:9,0:12", "00:1", "0:-1", "0:1 ,1:2", "x", "0:9223372036854775808"),
        *("٣:1", "7f3a90c1@", "7f3a90c1@none", "@0:1", "7F3A90C1@0:1", "7f3a90c@0:1", "7f3a90c1@7f3a90c1@0:1"),
        *("7f3a90c1@1:9,0:12", "7f3a90c1@0:9223372036854775808", "7f3a90c1@0:1 "),
    ],
)
def test_what_no_answer_has_given_is_no_cursor(text: str) -> None:
    """One cursor has one spelling; any other is refused by the field it came in."""
    with pytest.raises(WrongField, match=r"^since: .* is not a cursor") as refused:
        parse_cursor(text, "since")
    assert refused.value.field == "since"


@pytest.mark.parametrize("text", ["0:12,1:9", "7:0", "2:0,10:1"])
def test_a_cursor_of_before_is_told_to_begin_again(text: str) -> None:
    """It does not say of which ledger it is."""
    with pytest.raises(WrongField, match=r"^since: .* of an earlier version, .*; begin again from none"):
        parse_cursor(text, "since")


@pytest.mark.parametrize("since", [{0: 0}, {0: 12}, {0: 12, 1: 9}])
def test_a_cursor_within_the_store_may_be_resumed_from(since: dict[int, int]) -> None:
    """A partition that it does not name is read from its beginning."""
    hold_cursor(Cursor(HERE, since), HERE, {0: 12, 1: 9}, "since")


@pytest.mark.parametrize("since", [{0: 13}, {1: 10, 0: 1}, {2: 0}, {4_000_000_000: 0}])
def test_a_cursor_that_is_ahead_is_refused(since: dict[int, int]) -> None:
    """The store is being filled again."""
    with pytest.raises(WrongField, match=r"^since: partition \d+ is stored up to \d+ .*; begin again from none"):
        hold_cursor(Cursor(HERE, since), HERE, {0: 12, 1: 9}, "since")


def test_a_cursor_of_another_ledger_is_refused_though_it_is_behind() -> None:
    """Its numbers mean something else there."""
    with pytest.raises(
        WrongField, match=r"^since: the cursor is of ledger 00000001, and this is 7f3a90c1; begin again"
    ):
        hold_cursor(Cursor("00000001", {0: 1}), HERE, {0: 12, 1: 9}, "since")
