"""The number that the store says a move in is read as the move."""

from methodology.causes import Cause, Move
from queries.moves import decode_move, list_causes


def test_every_bit_of_the_number_is_a_field_of_the_move() -> None:
    """In the order of the fields; the shift takes two bits, from -1 up."""
    assert decode_move(2) == Move(False, 0, *[False] * 6)
    assert decode_move(1 + 4 + 16 + 64 + 256) == Move(True, 1, False, True, False, True, False, True)
    assert decode_move(0 + 8 + 32 + 128) == Move(False, -1, True, False, True, False, True, False)


def test_every_cause_is_that_of_some_move() -> None:
    """And every number that the store can say has one."""
    assert set(list_causes().values()) == set(Cause)
    assert len(list_causes()) == 2 * 3 * 2**6
