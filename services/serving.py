"""What every read API here is: a server on loopback alone, which a signal ends politely."""

import ipaddress
import threading
from contextlib import AbstractContextManager
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from dashboard.http_protocol import ProblemProtocol
from infra.metrics_server import name_target
from infra.settings import Settings
from ledger.errors import Misuse

GRACEFUL_SECONDS: Final = 5  # for answers in flight


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
