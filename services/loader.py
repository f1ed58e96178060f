"""``python -m services.loader --state DIR``: the loader by itself, into a server's store; read APIs stand elsewhere.

Beside it, in a thread of its own, whoever is to judge alerts: of several loaders one does, by their group. Tables that
were being built (``services.builder``) are taken over by it: they are the ones that are shown from then on.
"""

import sys
import threading
from collections.abc import Sequence

from infra.settings import Settings
from queries.store_answers import StoreAnswers
from services.alert_judge import AlertJudge
from services.program import parse_arguments, run_program, set_on_signal
from services.serving import hold_server
from sinks.builds import end_builds
from sinks.feed_keeper import FeedKeeper
from sinks.loader import Loader
from sinks.migration import migrate_store
from sinks.store import open_store

NAME = "loader"


def main(arguments: Sequence[str] | None = None) -> int:
    """Load; the exit code."""
    asked = parse_arguments(arguments, "services.loader", "The loader of a server's store.", serves=False)
    return run_program(NAME, asked.state, load_store)


def load_store(settings: Settings) -> int:
    """Load until a signal. Raises Misuse, Unavailable."""
    hold_server(settings)
    stop = threading.Event()
    set_on_signal(stop)
    store = open_store(settings)
    try:
        migrate_store(store)
        end_builds(store)
        judge = AlertJudge(settings, store, StoreAnswers(settings, store))
        judging = threading.Thread(target=judge.run, args=(stop,), name="alerts")
        feeds = threading.Thread(target=FeedKeeper(settings, store).run, args=(stop,), name="feeds")
        feeds.start()
        judging.start()
        try:
            Loader(settings, store).run(stop)
        finally:  # it may have failed by itself
            stop.set()
            judging.join()
            feeds.join()
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
