"""Who asks for a look at the store is told of one that began after they asked, and of no other."""

import threading

import pytest

from sinks.store_looks import StoreLooks
from tests.patience import await_truth


def ask_look(looks: StoreLooks) -> tuple[threading.Thread, list[bool]]:
    """Ask for a look in a thread of its own; return once it is asked for."""
    told: list[bool] = []
    asking = threading.Thread(target=lambda: told.append(looks.await_look(30.0)))
    asking.start()
    await_truth(lambda: looks.is_wanted)
    return asking, told


def test_a_look_that_began_before_is_not_the_one() -> None:
    """One is under way while somebody asks: its end tells them nothing, the next one's does."""
    looks = StoreLooks()
    with looks.note_look():
        asking, told = ask_look(looks)
    assert (told, looks.is_wanted) == ([], True)
    with looks.note_look():
        pass
    asking.join(30)
    assert (told, looks.is_wanted) == ([True], False)


def test_a_look_that_failed_is_wanted_still() -> None:
    """The store did not answer it."""
    looks = StoreLooks()
    asking, told = ask_look(looks)
    with pytest.raises(OSError, match="away"), looks.note_look():
        raise OSError("away")
    assert (told, looks.is_wanted) == ([], True)
    with looks.note_look():
        pass
    asking.join(30)
    assert told == [True]


def test_nobody_looks() -> None:
    """Then it is said that nobody did."""
    assert not StoreLooks().await_look(0.01)
