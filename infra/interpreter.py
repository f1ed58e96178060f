"""How the threads of a process share its one interpreter, and how often it looks for garbage."""

import gc
import sys
from typing import Final

SWITCH_SECONDS: Final = 0.0005  # usually 0.005
COLLECT_AFTER: Final = 10_000, 10, 20  # usually 700, 10, 10


def prepare_answering() -> None:
    """Prepare the interpreter for answers, once the program is loaded and built; before its threads are started.

    1. A thread that computes lets another have the interpreter after ``SWITCH_SECONDS``. An answer asks for it anew
       after every call to the system, some eight times, and would wait each time for as long as the loader may keep it.
    2. A full collection of garbage looks through all objects, and nobody has the interpreter meanwhile. What is there
       by now is there until the end, and no collection need look at it; of what comes it is made seldom.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    collect_seldom(*COLLECT_AFTER)


def collect_seldom(*after: int) -> None:
    """Look for cycles of objects seldom, and never among what is there already.

    Args:
        after: what ``gc.set_threshold`` takes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*after)
