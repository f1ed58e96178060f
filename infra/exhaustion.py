"""What a process can have no more of: memory, file descriptors. One that has run out of either ends.

Clients and engines that met it do not all find back by themselves, and another process begins with none of it used up.
So a thread of its own, which is there before anything is short, tries once a second to have a little of each; where it
could not for some seconds on end, the process ends with its last words. Every part may be ended at any moment.
"""

import mmap
import os
import resource
import threading
import time
from contextlib import suppress
from typing import Final

import structlog

from infra.status import say_last_words

EXIT_CODE: Final = 75  # as of whoever ends for the world's sake: start another
LOOK_SECONDS: Final = 1.0
EXHAUSTED_SECONDS: Final = 4.0
MEMORY_BYTES: Final = 16 * 1024 * 1024
DESCRIPTORS: Final = 16
_log = structlog.get_logger("infra.exhaustion")


def watch_exhaustion() -> None:
    """End this process once it has run out of something for some seconds; looked for from now on."""
    threading.Thread(target=_watch_on, name="exhaustion", daemon=True).start()


def find_exhausted() -> str:
    """Find what this process can have no more of, as a sentence with what to do; empty where it lacks nothing."""
    try:
        return _tell_exhausted()
    except MemoryError:
        return "it may have no more memory"


def explain_end(why: str) -> str:
    """Add to why a process ends what it can have no more of: what failed may say nothing of that."""
    return "; ".join(filter(None, (why, find_exhausted())))


def _tell_exhausted() -> str:
    try:
        mmap.mmap(-1, MEMORY_BYTES).close()
    except (OSError, MemoryError):
        return f"it may have no more memory ({_tell_limit(resource.RLIMIT_AS)}): raise the limit, or give it more"
    if not _has_descriptors():
        return f"it may open no more files ({_tell_limit(resource.RLIMIT_NOFILE)}): raise `ulimit -n`"
    return ""


def _has_descriptors() -> bool:
    """Tell whether a few more can be had; they are given back at once."""
    taken: list[int] = []
    try:
        for _ in range(DESCRIPTORS):
            taken.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError:
        return False
    finally:
        for one in taken:
            os.close(one)
    return True


def _tell_limit(kind: int) -> str:
    soft, _ = resource.getrlimit(kind)
    return "it has no limit of its own" if soft == resource.RLIM_INFINITY else f"its limit is {soft:,}"


def _watch_on() -> None:
    since: float | None = None
    while True:
        time.sleep(LOOK_SECONDS)
        why = find_exhausted()
        if not why:
            since = None
        elif since is None:
            since = time.monotonic()
        elif time.monotonic() - since >= EXHAUSTED_SECONDS:
            _end_exhausted(why)


def _end_exhausted(why: str) -> None:
    """End at once: nothing that Python would still do on its way out is sure to be possible."""
    try:
        with suppress(Exception):
            say_last_words(why)
        with suppress(Exception):
            _log.error("ends", why=why)
    finally:
        os._exit(EXIT_CODE)
