"""``python -m services.store --state DIR --port N``: the store's one process in embedded mode.

In order:
1. the store is opened and its tables are brought to this version;
2. the loader starts in a thread of its own, the read API answers on loopback;
3. on SIGTERM or SIGINT the loader finishes its write and stops, then the API, then the store is closed: exit 0;
4. if the loader ends by itself, the API stops and the process exits 1, and the supervisor starts it again.
"""

import argparse
import ipaddress
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import structlog
import uvicorn

from dashboard.api import build_api
from dashboard.http_protocol import ProblemProtocol
from infra import logs
from infra.settings import Settings, load_settings
from infra.status import open_status, say_farewell, say_last_words
from ledger.errors import LedgerError, Misuse
from queries.published import Published
from queries.watch import Watch
from sinks.loader import Loader
from sinks.migration import migrate_store
from sinks.session import LoaderHealth
from sinks.store import Store, open_store
from sinks.topics import StoredTopics

NAME = "service"
GRACEFUL_SECONDS = 5  # for answers in flight
_log = structlog.get_logger("services.store")


class SignalledServer(uvicorn.Server):
    """A server that a signal does not stop at once: the signal sets ``stop``, whose owner stops the server."""

    def __init__(self, config: uvicorn.Config, stop: threading.Event) -> None:
        super().__init__(config)
        self._stop = stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take SIGTERM or SIGINT; a second one stops the server without waiting for the loader."""
        if self._stop.is_set():
            super().handle_exit(sig, frame)
        self._stop.set()


class StoreService:
    """Loader and read API over one open store."""

    def __init__(self, settings: Settings, store: Store, host: str, port: int) -> None:
        self._stop = threading.Event()
        self._loader = Loader(settings, store)
        self._failed = False
        self._thread = threading.Thread(target=self._run_loader, name="loader")
        self._watch = Watch(
            settings, store, published := Published(settings, StoredTopics(settings, store).hold_answer)
        )
        api = build_api(settings, store, self.read_loader_health, published, self._watch)
        config = uvicorn.Config(
            api,
            host=host,
            port=port,
            http=ProblemProtocol,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACEFUL_SECONDS,
        )
        self._server = SignalledServer(config, self._stop)

    def run(self) -> int:
        """Serve until a signal, or until the loader fails; the exit code."""
        self._thread.start()
        self._watch.start()
        try:
            self._server.run()
        finally:  # it may have ended by itself: its port was taken
            self._stop.set()
            self._watch.close()
            self._thread.join()
        return 1 if self._failed or not self._server.started else 0

    def read_loader_health(self) -> LoaderHealth:
        """Return what ``/v1/health`` says of the loader."""
        return self._loader.health

    def _run_loader(self) -> None:
        try:
            self._loader.run(self._stop)
        except LedgerError as error:
            _log.error("loader failed", reason=str(error))
            say_last_words(f"the loader failed: {error}")
            self._failed = True
        except Exception as error:
            _log.exception("loader failed")
            say_last_words(f"the loader failed: {type(error).__name__}")
            self._failed = True
        else:
            self._failed = not self._stop.is_set()
        finally:
            self._server.should_exit = True


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; the exit code. Misuse is 2, a world that is away 3, each in one line."""
    asked = _parse_arguments(arguments)
    try:
        settings = load_settings(asked.state)
        logs.configure_log(settings)
        open_status(settings.state, NAME, os.getpid())
        code = serve_store(settings, asked.host, asked.port)
    except LedgerError as error:
        _log.error("not started", reason=str(error))
        say_last_words(f"not started: {error}")
        return 2 if isinstance(error, Misuse) else 3
    except OSError as error:
        why = f"{error.filename or 'the disk'}: {error.strerror}"
        _log.error("not started", reason=why)
        say_last_words(f"not started: {why}")
        return 3
    if code == 0:
        say_farewell()
    return code


def serve_store(settings: Settings, host: str, port: int) -> int:
    """Open, migrate, serve, close."""
    _hold_loopback(host)
    store = open_store(settings)
    try:
        migrate_store(store)
        return StoreService(settings, store, host, port).run()
    finally:
        store.close()


def _hold_loopback(host: str) -> None:
    """Hold that the address is loopback: there are no accounts here, and whoever reaches the port may read."""
    if host != "localhost" and not (_is_address(host) and ipaddress.ip_address(host).is_loopback):
        raise Misuse(f"--host {host}: the read API serves loopback only; put a gateway that authenticates before it")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m services.store", description="The store, its loader and the read API."
    )
    parser.add_argument("--state", type=Path, required=True, help="directory of the local whole")
    parser.add_argument("--port", type=int, required=True, help="port of the read API")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
