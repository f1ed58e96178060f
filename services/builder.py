"""``python -m services.builder --state DIR``: a server's tables built anew, in a database of their own, until a signal.

``CLICKHOUSE_DSN`` names that database; the one that is shown is neither read nor written. In order:
1. the tables are made in it, where it keeps no outputs; then they are filled, and followed (``services.table_build``);
2. it says how far it is, and once that it has caught up: then `disruptions audit replay` compares them;
3. a loader that is started over the same database takes them over, and this ends with 0; so does a signal.
"""

import sys
import threading
from argparse import ArgumentTypeError
from collections.abc import Sequence
from itertools import count
from typing import Final

import structlog

from audit.bounds import find_committed
from infra.groups import INTAKE_GROUP
from infra.settings import Settings
from infra.status import end_trouble, report_trouble, say_last_words
from infra.topics import PUBLISHED
from ledger.errors import LedgerError
from queries.rebuild_answer import RATE_MOST
from services.program import build_parser, run_program, set_on_signal
from services.serving import hold_server
from services.table_build import TableBuild
from sinks.builds import begin_build, find_build
from sinks.role import build_alone
from sinks.store import open_store

NAME: Final = "builder"
LOOK_SECONDS: Final = 1.0
TELL_LOOKS: Final = 5
REMEDY: Final = "what it waits for says more; nothing that is shown depends on it"
_log = structlog.get_logger("services.builder")


class BuildWatch:
    """Tells how far a build is, and hears when its tables are taken over."""

    def __init__(self, settings: Settings, build: TableBuild, name: str) -> None:
        self._settings = settings
        self._build = build
        self._name = name

    def run(self, stop: threading.Event) -> int:
        """Watch until ``stop`` is set, the tables are taken over, or its loader ends by itself; the exit code."""
        looks = count()
        while not stop.wait(LOOK_SECONDS):
            if self._build.ended is not None:
                say_last_words(f"the loader failed: {self._build.ended}")
                return 1
            try:
                if find_build(self._build.store) != self._name:
                    _log.info("taken over", build=self._name)
                    return 0
                self._tell_progress(is_due=next(looks) % TELL_LOOKS == 0)
                end_trouble(NAME)
            except LedgerError as error:
                report_trouble(NAME, f"the build cannot be measured: {error}", remedy=REMEDY)
        return 0

    def _tell_progress(self, *, is_due: bool) -> None:
        """Tell it now and then until it has caught up, and that once. Raises Unavailable."""
        if self._build.has_caught_up:
            return
        done, total, pace = self._build.measure_progress(self._find_judged)
        told = {"build": self._name, "done": done, "total": total, "per_second": pace and round(pace, 1)}
        if self._build.has_caught_up:
            _log.info("caught up", **told, compare="disruptions audit replay")
        elif is_due:
            _log.info("building", **told)

    def _find_judged(self) -> dict[int, int]:
        """Find up to which positions events are judged: outputs of them are there."""
        committed = find_committed(self._settings, INTAKE_GROUP)
        return {partition: at for (topic, partition), at in committed.items() if topic == PUBLISHED}


def main(arguments: Sequence[str] | None = None) -> int:
    """Build; the exit code."""
    what = "A server's tables built anew, in a database of their own."
    parser = build_parser("services.builder", what, serves=False)
    parser.add_argument("--rate", type=parse_rate, default=0, help="records a second; 0: as fast as it goes")
    asked = parser.parse_args(arguments)
    return run_program(NAME, asked.state, lambda settings: build_store(settings, asked.rate))


def parse_rate(text: str) -> int:
    """Parse a rate in records a second. Raises ArgumentTypeError."""
    is_short = len(text) <= len(str(RATE_MOST))  # of more digits than there can be no number is made
    if not (is_short and text.isascii() and text.isdigit() and int(text) <= RATE_MOST):
        raise ArgumentTypeError(f"give a whole number from 0 to {RATE_MOST:,}")
    return int(text)


def build_store(settings: Settings, rate: int) -> int:
    """Build until a signal. Raises Misuse, Unavailable."""
    hold_server(settings)
    stop = threading.Event()
    set_on_signal(stop)
    store = open_store(settings)
    try:
        name = begin_build(store)
        build = TableBuild(settings, store, build_alone(name, rate))
        build.start()
        try:
            return BuildWatch(settings, build, name).run(stop)
        finally:
            build.stop()
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main())
