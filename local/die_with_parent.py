"""Run a command that dies with its parent: ``python -I -S local/die_with_parent.py PARENT_PID COMMAND...``.

A small program of its own, because what it does cannot be done safely between fork and exec of a threaded parent:
1. it asks the kernel to be killed when the thread that started it ends (Linux; a no-op elsewhere),
2. it leaves at once when the parent is gone already,
3. it becomes the command; the request outlives the exec.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Tie this process to ``parent``, then become ``command``."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606  # the argument list is the caller's own


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
