"""What every process here is: told by a signal to stop, serving loopback alone, ending with one line and a code."""

import argparse
import ipaddress
import os
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import FrameType
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI

from dashboard.http_protocol import ProblemProtocol
from infra import logs
from infra.exhaustion import watch_exhaustion
from infra.metrics_server import name_target
from infra.settings import Settings, load_settings
from infra.status import close_status, open_status, say_farewell, say_last_words
from infra.tracing import close_tracing, open_tracing
from ledger.errors import LedgerError, Misuse

GRACEFUL_SECONDS: Final = 5  # for answers in flight
_log = structlog.get_logger("services.serving")


class SignalledServer(uvicorn.Server):
    """A server that lets the answers in flight end at the first signal, and then ends as any function does.

    Args:
        stop: where somebody else is to stop before the server: the signal sets it, and its owner stops the server.
    """

    def __init__(self, config: uvicorn.Config, stop: threading.Event | None = None) -> None:
        super().__init__(config)
        self._stop = threading.Event() if stop is None else stop
        self._stops_alone = stop is None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take SIGTERM or SIGINT; a second one stops the server without waiting for anybody."""
        if self._stop.is_set():
            super().handle_exit(sig, frame)
        self._stop.set()
        self.should_exit = self.should_exit or self._stops_alone


def make_server(api: FastAPI, host: str, port: int, stop: threading.Event | None = None) -> SignalledServer:
    """Make the server of a read API; ``stop`` as for ``SignalledServer``."""
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
    return SignalledServer(config, stop)


def name_service(settings: Settings, name: str, host: str, port: int) -> AbstractContextManager[None]:
    """Name where a read API has its metrics, while the block lasts."""
    return name_target(settings.state, name, f"{host}:{port}")


def set_on_signal(stop: threading.Event) -> None:
    """Set ``stop`` on SIGTERM or SIGINT."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())


def run_program(name: str, state: Path, serve: Callable[[Settings], int]) -> int:
    """Run a program under its name in health; the exit code: misuse is 2, a world that is away 3, each in one line."""
    try:
        settings = load_settings(state)
        logs.configure_log(settings)
        open_status(settings.state, name, os.getpid())
        watch_exhaustion()
        open_tracing(settings, name)
        code = serve(settings)
        close_tracing()
    except LedgerError as error:
        _log.error("not started", reason=str(error))
        say_last_words(f"not started: {error}")
        return 2 if isinstance(error, Misuse) else 3
    except OSError as error:
        why = f"{error.filename or 'the disk'}: {error.strerror}"
        _log.error("not started", reason=why)
        say_last_words(f"not started: {why}")
        return 3
    else:
        if code == 0:
            say_farewell()
        return code
    finally:
        close_status()


def hold_server(settings: Settings) -> None:
    """Refuse to stand apart from a store in process: one process at a time may hold it. Raises Misuse."""
    if settings.clickhouse_dsn is None:
        raise Misuse("CLICKHOUSE_DSN names no server: a store in process is loaded and read by services.store alone")


def hold_loopback(host: str) -> None:
    """Hold that the address is loopback: there are no accounts here, and whoever reaches the port may read."""
    if host != "localhost" and not (_is_address(host) and ipaddress.ip_address(host).is_loopback):
        raise Misuse(f"--host {host}: the read API serves loopback only; put a gateway that authenticates before it")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def parse_arguments(
    arguments: Sequence[str] | None, name: str, what: str, *, serves: bool = True
) -> argparse.Namespace:
    """Parse the arguments of a program of this package."""
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=what)
    parser.add_argument("--state", type=Path, required=True, help="directory of the local whole")
    if serves:
        parser.add_argument("--port", type=int, required=True, help="port of the read API")
        parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    return parser.parse_args(arguments)
