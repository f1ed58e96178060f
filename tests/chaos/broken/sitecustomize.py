"""Python reads this as it starts, where this directory is on its path: only in the processes of a whole that is broken
on purpose (``tests/chaos/breaks.py``).
"""

from tests.chaos.breaks import break_process

break_process()
