"""A witness that runs for months: what befalls its disk is said, and ends nothing."""

import errno
import os
import threading
from collections.abc import Callable

from services.witnessing import TopicWitness, keep_witnessing


class FailingOnce(TopicWitness):
    """A witness whose disk is full at its first look; its second is its last.

    Args:
        stop: set by the second look.
    """

    def __init__(self, stop: threading.Event) -> None:
        self.looks = 0
        self._end: Callable[[], None] = stop.set

    def look_again(self) -> bool:
        """Fail, then look."""
        self.looks += 1
        if self.looks == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "state")
        self._end()
        return True


def test_a_full_disk_ends_no_witness() -> None:
    """It looks again, and was never refused anything."""
    stop = threading.Event()
    looking = FailingOnce(stop)
    assert keep_witnessing(looking, stop, 0.01)
    assert looking.looks == 2
