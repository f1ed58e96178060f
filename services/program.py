"""What every program here is: told by a signal to stop, ending with one line and a code. It needs no web server."""

import argparse
import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from infra import logs
from infra.exhaustion import watch_exhaustion
from infra.output_streams import flush_errors
from infra.settings import Settings, load_settings
from infra.status import close_status, open_status, say_farewell, say_last_words
from infra.tracing import close_tracing, open_tracing
from ledger.errors import LedgerError, Misuse

_log = structlog.get_logger("services.program")


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
        close_tracing()
        close_status()
        flush_errors()


def parse_arguments(
    arguments: Sequence[str] | None, name: str, what: str, *, serves: bool = True
) -> argparse.Namespace:
    """Parse the arguments of a program of this package."""
    return build_parser(name, what, serves=serves).parse_args(arguments)


def build_parser(name: str, what: str, *, serves: bool = True) -> argparse.ArgumentParser:
    """Build the parser of a program of this package, for who has arguments of its own."""
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=what)
    parser.add_argument("--state", type=Path, required=True, help="directory of the local whole")
    if serves:
        parser.add_argument("--port", type=int, required=True, help="port of the read API")
        parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    return parser
