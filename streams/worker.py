"""``python -m streams.worker --state DIR --name worker-1``: one stream worker.

Touches ``<state>/run/<name>.ready`` once it has joined and has its first assignment. SIGTERM or SIGINT: finishes the
write in flight, saves, leaves the group, exit 0. Exit 75: the world was away for too long. Exit 70: Faust stopped by
itself. In both cases nothing is lost and whoever supervises starts another. Why it ended stands in its status, which
its event loop writes while it turns (``infra.status``).
"""

from streams.app import locate_books, build_app, get_consumer  # noqa: I001 - first: it installs uvloop

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

import faust
import structlog
from aiokafka.errors import KafkaError

from infra import logs
from infra.exhaustion import explain_end, watch_exhaustion
from infra.groups import INTAKE_GROUP
from infra.interpreter import collect_seldom
from infra.locks import DirectoryLock
from infra.metrics_server import serve_metrics
from infra.output_streams import flush_errors
from infra.settings import Settings, load_settings
from infra.status import EVERY_SECONDS, STARTING, WAITING, open_status, report_status, say_farewell, say_last_words
from infra.topic_admin import hold_clock, hold_partitions
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from infra.tracing import close_tracing, open_tracing
from ledger.errors import LedgerError
from streams.partition_coordinator import PartitionCoordinator
from streams.stalls import ENDED_SILENCES, READING, WRITING, StallReports

ENDED, CRASHED = 75, 70
STOP_SECONDS = 20.0
log = structlog.get_logger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one worker until it is told to stop; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m streams.worker", description="One stream worker of the ledger.")
    parser.add_argument("--state", type=Path, required=True, help="state directory, shared with the other parts")
    parser.add_argument("--name", required=True, help="name of this worker, unique under the state directory")
    options = parser.parse_args(arguments)
    try:
        settings = load_settings(options.state)
        logs.configure_log(settings)
        open_status(settings.state, options.name, os.getpid())
        watch_exhaustion()
        for library in ("faust", "mode", "aiokafka", "streams.runs"):
            logging.getLogger(library).setLevel(logging.WARNING)
        hold_partitions(settings, (PUBLISHED, ENTRIES, REJECTED))
        hold_clock(settings)
        open_tracing(settings, options.name)
        with lock_books(locate_books(settings, options.name)), offer_metrics(settings, options.name):
            return asyncio.run(run_worker(settings, options.name))
    except LedgerError as error:
        return _tell_end(str(error))
    except KafkaError as error:
        return _tell_end(f"the broker was not reached: {type(error).__name__}")
    except OSError as error:
        return _tell_end(f"{error.filename or 'the disk'}: {error.strerror}")
    finally:
        flush_errors()


def offer_metrics(settings: Settings, name: str) -> AbstractContextManager[str | None]:
    """Serve the worker's metrics while the block lasts, unless the settings say not to. Raises OSError."""
    return serve_metrics(settings.state, name) if settings.worker_metrics else nullcontext()


def _tell_end(why: str) -> int:
    why = explain_end(why)
    say_last_words(why)
    log.error("worker ends", why=why)
    return ENDED


async def run_worker(settings: Settings, name: str) -> int:
    """Start, say when ready, wait for a signal, leave."""
    ready = settings.state / "run" / f"{name}.ready"
    ready.unlink(missing_ok=True)
    ready.parent.mkdir(parents=True, exist_ok=True)
    app, coordinator = build_app(settings, name, end_process)
    app.conf.datadir.mkdir(parents=True, exist_ok=True)
    stop = _stop_on_signals()
    _say_when_ready(app, ready)
    collect_seldom(100_000, 20, 50)  # books are many small tuples that are never in any cycle
    measures = {READING: get_consumer(app).measure_unanswered, WRITING: coordinator.measure_wait}
    most_seconds = ENDED_SILENCES * settings.part_silence_seconds
    stalls = StallReports(measures, coordinator.measure_answering, end_process, most_seconds)
    signs = asyncio.create_task(_show_life(coordinator, stalls, ready))
    await app.start()
    asked = await app.wait_for_stopped(stop)
    crashed = not stop.is_set()
    log.info("worker stops", name=name, group=INTAKE_GROUP, asked=not crashed, stopped=bool(asked))
    asyncio.get_running_loop().call_later(STOP_SECONDS, end_process, "the worker did not stop in time")
    await _leave_group(app, coordinator)
    signs.cancel()
    close_tracing()
    ready.unlink(missing_ok=True)
    if crashed:
        say_last_words("its stream library stopped by itself")
        return CRASHED
    say_farewell()
    return 0


def end_process(why: str) -> None:
    """End the process at once: nothing that Python would still do on its way out can write or commit."""
    why = explain_end(why)
    log.error("worker ends", why=why)
    say_last_words(why)
    flush_errors()
    os._exit(ENDED)


async def _show_life(coordinator: PartitionCoordinator, stalls: StallReports, ready: Path) -> None:
    """Say so while the loop turns."""
    while True:
        _report_doing(coordinator, stalls, ready)
        await asyncio.sleep(EVERY_SECONDS)


def _report_doing(coordinator: PartitionCoordinator, stalls: StallReports, ready: Path) -> None:
    waits = stalls.report_stalls()
    report_status(STARTING if not ready.exists() else WAITING if waits else coordinator.doing)


async def _leave_group(app: faust.App, coordinator: PartitionCoordinator) -> None:
    if app._consumer is not None:
        app.flow_control.suspend()
        get_consumer(app).stop_flow()
        get_consumer(app).forget_partitions()
    await coordinator.close()
    await app.stop()


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _say_when_ready(app: faust.App, ready: Path) -> None:
    @app.on_partitions_assigned.connect  # type: ignore[untyped-decorator] # Faust ships no types
    async def touch_ready(_app: object, assigned: object, **_: object) -> None:  # noqa: ARG001 - Faust's signature
        with suppress(OSError):  # no room for it: its status says the same
            os.close(os.open(ready, os.O_CREAT))


def lock_books(directory: Path) -> DirectoryLock:
    """Lock the worker's directory. Raises Misuse when a worker of that name runs already."""
    return DirectoryLock(
        directory / "lock", lambda _: f"a worker runs on {directory} already: give this one another --name"
    )


if __name__ == "__main__":
    sys.exit(main())
