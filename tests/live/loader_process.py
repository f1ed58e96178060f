"""A loader in a process of its own, for tests that kill it; settings come from the environment."""

import signal
import threading

from infra import logs
from infra.settings import load_settings
from sinks import closing_maker
from sinks.loader import Loader
from sinks.migration import migrate_store
from sinks.store import open_store


def main() -> None:
    """Load until SIGTERM."""
    settings = load_settings()
    logs.configure_log(settings)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    closing_maker.STEP_POSTINGS = 1_000  # type: ignore[misc]  # so that a kill falls into the making of closings too
    closing_maker.LOOK_SECONDS = 0.0  # type: ignore[misc]  # for the same reason
    store = open_store(settings)
    migrate_store(store)
    Loader(settings, store).run(stop)
    store.close()


if __name__ == "__main__":
    main()
