"""A loader in a process of its own, for tests that kill it; settings come from the environment.

Given ``cut-off``, it kills itself at its first write of entries, when their legs are written.
"""

import os
import signal
import sys
import threading
from typing import Any

from infra import logs
from infra.settings import load_settings
from sinks import closing_maker
from sinks.loader import Loader
from sinks.migration import migrate_store
from sinks.store import Store, open_store


class CutOffStore(Store):
    """A store whose process dies between legs and their entries."""

    def insert_avro(self, table: str, block: bytes, settings: Any) -> None:
        """Insert legs, and no entries."""
        if table == "entries":
            os.kill(os.getpid(), signal.SIGKILL)
        super().insert_avro(table, block, settings)


def main() -> None:
    """Load until SIGTERM."""
    settings = load_settings()
    logs.configure_log(settings)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    closing_maker.STEP_POSTINGS = 1_000  # type: ignore[misc]  # so that a kill falls into the making of closings too
    closing_maker.LOOK_SECONDS = 0.0  # type: ignore[misc]  # for the same reason
    store = CutOffStore(settings) if "cut-off" in sys.argv else open_store(settings)
    migrate_store(store)
    Loader(settings, store).run(stop)
    store.close()


if __name__ == "__main__":
    main()
