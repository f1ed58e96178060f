"""Stopping by signal: the first SIGINT or SIGTERM ends a block quietly."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Yield an event set by the first SIGINT or SIGTERM, which also breaks off a start; later ones are ignored.

    The block is left quietly, whatever it was doing.
    """
    stopped = threading.Event()

    def handle_signal(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # the signal module's signature
        for handled in (signal.SIGINT, signal.SIGTERM):
            signal.signal(handled, signal.SIG_IGN)
        stopped.set()
        raise KeyboardInterrupt

    before = {handled: signal.signal(handled, handle_signal) for handled in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    except KeyboardInterrupt:
        if not stopped.is_set():
            raise
    finally:
        for handled, handler in before.items():
            signal.signal(handled, handler)
