"""``python -m services.reader --state DIR --port N``: a read API by itself, over a server's store.

As many as are wanted, each with a port and a state directory of its own or a common one. None loads: the tables are
those that a loader made, and health says of the loader that it is elsewhere, and of the store what can be seen in it.
"""

import sys
from collections.abc import Sequence

from dashboard.api import build_api
from infra.interpreter import prepare_answering
from infra.settings import Settings
from queries.published import open_published
from queries.watch import Watch
from services.program import parse_arguments, run_program
from services.serving import hold_loopback, hold_server, make_server, name_service
from sinks.rules import hold_stored_rules
from sinks.store import open_store


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; the exit code."""
    asked = parse_arguments(arguments, "services.reader", "The read API over a server's store.")
    return run_program(
        f"reader-{asked.port}", asked.state, lambda settings: serve_answers(settings, asked.host, asked.port)
    )


def serve_answers(settings: Settings, host: str, port: int) -> int:
    """Answer until a signal. Raises Misuse, Unavailable: there is no server, or no tables yet."""
    hold_loopback(host)
    hold_server(settings)
    store = open_store(settings)
    try:
        hold_stored_rules(store)
        published = open_published(settings, store)
        watch = Watch(settings, store, published)
        server = make_server(build_api(settings, store, None, published, watch), host, port)
        prepare_answering()
        watch.start()
        try:
            with name_service(settings, f"reader-{port}", host, port):
                server.run()
        finally:  # it may have ended by itself: its port was taken
            watch.close()
        return 0 if server.started else 1
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main())
