"""A cursor is a position as one string: written, read, and held to how far the store has come."""

import pytest

from queries.cursor import format_cursor, hold_cursor, parse_cursor
from queries.errors import WrongField


@pytest.mark.parametrize(("position", "text"), [({}, "none"), ({0: 12, 1: 9}, "0:12,1:9"), ({10: 1, 2: 0}, "2:0,10:1")])
def test_a_position_is_one_string_and_comes_back(position: dict[int, int], text: str) -> None:
    """Partitions stand in the order of their numbers, however the position was made."""
    assert format_cursor(position) == text
    assert parse_cursor(text, "since") == position


@pytest.mark.parametrize(
    "text",
    ["", "0", "0:", "0:1,", "0:1,0:2", "1:9,0:12", "00:1", "0:-1", "0:1 ,1:2", "x", "0:9223372036854775808", "٣:1"],
)
def test_what_no_answer_has_given_is_no_cursor(text: str) -> None:
    """One position has one spelling; any other is refused by the field it came in."""
    with pytest.raises(WrongField, match=r"^since: .* is not a cursor") as refused:
        parse_cursor(text, "since")
    assert refused.value.field == "since"


@pytest.mark.parametrize("since", [{}, {0: 0}, {0: 12}, {0: 12, 1: 9}])
def test_a_cursor_within_the_store_may_be_resumed_from(since: dict[int, int]) -> None:
    """A partition that it does not name is read from its beginning."""
    hold_cursor(since, {0: 12, 1: 9}, "since")


@pytest.mark.parametrize("since", [{0: 13}, {1: 10, 0: 1}, {2: 0}, {4_000_000_000: 0}])
def test_a_cursor_that_is_ahead_or_of_another_ledger_is_refused(since: dict[int, int]) -> None:
    """The store was begun anew, or never was so far."""
    with pytest.raises(WrongField, match=r"^since: partition \d+ is stored up to \d+"):
        hold_cursor(since, {0: 12, 1: 9}, "since")
