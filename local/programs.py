"""The programs that the local whole starts, by the names of their modules: they stand above it, so it imports neither.

``tests/house/test_programs.py`` holds that each is there and may be started from here.
"""

from enum import StrEnum


class Program(StrEnum):
    """A module that is run as a process, ``python -m MODULE``."""

    STREAM_WORKER = "streams.worker"
    STORE_SERVICE = "services.store"
    SEALER = "services.sealer"
