"""Python reads this as it starts, where this directory is on its path: only in the processes of a whole that says which
step of a rebuild it has reached (``tests/chaos/rebuild_steps.py``). Of other programs there nothing is traced.
"""

import sys

if {"services.store", "rebuild"} & set(sys.orig_argv[1:]):
    from tests.chaos.rebuild_steps import trace_process

    trace_process()
