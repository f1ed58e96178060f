"""The storm over rebuilds itself: the strikes of a seed, and which rows of the generations it takes for legal."""

import pytest

from tests.chaos.rebuild_steps import ASKING, DROPPING, LOADING, SWITCHING
from tests.chaos.rebuild_storm import Generations, draw_strikes, hold_steps

BUILT, SWITCHED = Generations(1, 2), Generations(2, None, 1)
DROPPED = Generations(2)


def test_a_seed_strikes_every_phase_in_turn_and_every_step_before_one_comes_again() -> None:
    """The same seed, the same strikes; another has others."""
    strikes = list(draw_strikes(7, 4 * len(SWITCHING)))
    assert strikes == list(draw_strikes(7, len(strikes))) != list(draw_strikes(8, len(strikes)))
    assert {one.step for one in strikes} == {*LOADING, *SWITCHING, *ASKING, *DROPPING}
    assert {one.step for one in strikes[:4]} & set(LOADING)
    assert [one.step in SWITCHING for one in strikes[:4]] == [False, True, False, False]


def test_steps_that_a_rebuild_may_take_are_legal() -> None:
    """Begun, begun at another rate, cancelled, begun again under a new number, switched to, and the old one dropped."""
    hold_steps([BUILT, BUILT, Generations(1), Generations(1, 3), Generations(3, None, 1), Generations(3)], 1)
    hold_steps([BUILT, SWITCHED, DROPPED, Generations(2, 3), Generations(3, None, 2)], 2)


@pytest.mark.parametrize(
    "rows",
    [
        [SWITCHED],
        [BUILT, DROPPED],
        [BUILT, SWITCHED, Generations(1, None, 2)],
        [BUILT, SWITCHED, Generations(2, 3, 1)],
        [BUILT, Generations(1, 3)],
        [BUILT, Generations(1), BUILT],
        [BUILT, SWITCHED, BUILT],
    ],
    ids=["never built", "not kept", "back", "three", "another number", "a number again", "shown, then built"],
)
def test_any_other_step_is_not(rows: list[Generations]) -> None:
    """Whatever the processes said of it."""
    with pytest.raises(AssertionError):
        hold_steps(rows, 1)


def test_a_switch_that_nobody_saw_is_one_too_many() -> None:
    """So often was another generation shown."""
    with pytest.raises(AssertionError):
        hold_steps([BUILT, SWITCHED], 2)
