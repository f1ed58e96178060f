"""Metrics of a process that serves nothing else: on a free port of loopback, named where Prometheus looks for targets.

A process that has metrics writes ``<state>/run/<name>.targets.json``, in the form of Prometheus's file discovery; it
goes when the process ends in peace, and stays when it does not, so that what is down is seen to be down.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from prometheus_client import start_http_server

from infra.file_replacement import replace_file
from infra.metrics import watch_process

LOOPBACK: Final = "127.0.0.1"
SUFFIX: Final = ".targets.json"


@contextmanager
def name_target(state: Path, name: str, address: str) -> Iterator[None]:
    """Name the address at which the part ``name`` has its metrics, for as long as the block lasts.

    A directory that cannot be written to is no reason not to work: Prometheus does not find the part then.
    """
    file = state / "run" / f"{name}{SUFFIX}"
    with suppress(OSError):
        targets = [{"targets": [address], "labels": {"process": name}}]
        replace_file(file, json.dumps(targets).encode() + b"\n")
    yield
    with suppress(OSError):
        file.unlink(missing_ok=True)


@contextmanager
def serve_metrics(state: Path, name: str) -> Iterator[str]:
    """Serve this process's metrics in a thread of its own; yields their address."""
    server, thread = start_http_server(0, LOOPBACK, watch_process())
    address = f"{LOOPBACK}:{server.server_port}"
    try:
        with name_target(state, name, address):
            yield address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
