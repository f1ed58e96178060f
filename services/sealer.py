"""``python -m services.sealer --state DIR``: the sealer, one for a ledger at a time (``seals.sealer`` has the order).

One session:

1. The directory is locked. The transactional id is taken over: a sealer that is still alive elsewhere can publish
   nothing from here on.
2. The checkpoints of the topic are read and followed; the last one is where this sealer goes on.
3. Tiles and index are held to it, and made again from the topics where they are not its own.
4. Outputs and published figures are read and sealed, at most once in a setting's time. While nothing comes the tiles
   are looked through.

On an error of the world the session ends, and after a while another begins with 1. The ledger never waits for it.
"""

import sys
import threading
from collections.abc import Sequence
from typing import Final

import structlog
from confluent_kafka import KafkaException

from infra.locks import DirectoryLock
from infra.settings import Settings
from infra.status import WAITING, end_trouble, report_trouble, wait_alive
from ledger.errors import LedgerError
from seals.keys import locate_seals
from seals.publishing import SealerShutOut
from services.program import parse_arguments, run_program, set_on_signal
from services.sealing_session import SealingSession

NAME: Final = "sealer"
LOCK: Final = ".lock"
RETRY_SECONDS: Final = 5.0
SHUT_OUT_SECONDS: Final = 30.0
_log = structlog.get_logger("services.sealer")


def main(arguments: Sequence[str] | None = None) -> int:
    """Seal; the exit code."""
    asked = parse_arguments(arguments, "services.sealer", "The log that seals the ledger.", serves=False)
    return run_program(NAME, asked.state, seal_ledger)


def seal_ledger(settings: Settings) -> int:
    """Seal until a signal; the exit code."""
    stop = threading.Event()
    set_on_signal(stop)
    keep_sealing(settings, stop)
    return 0


def keep_sealing(settings: Settings, stop: threading.Event) -> None:
    """Seal until ``stop`` is set; waits out the world's faults, and what somebody has to mend."""
    remake = False
    while not stop.is_set():
        pause = RETRY_SECONDS
        try:
            remake = _run_session(settings, stop, remake=remake)
            continue
        except LedgerError as error:
            _report_end(str(error))
            pause = SHUT_OUT_SECONDS if isinstance(error, SealerShutOut) else RETRY_SECONDS
        except KafkaException as error:
            _report_end(f"the broker: {error.args[0].str()}")
        except OSError as error:
            _report_end(f"{error.filename or 'the disk'}: {error.strerror}")
        wait_alive(stop, pause, WAITING)


def _run_session(settings: Settings, stop: threading.Event, *, remake: bool) -> bool:
    """Run one session; whether the next one is to make the tiles again."""
    seals = locate_seals(settings)
    with DirectoryLock(seals / LOCK, lambda holder: f"{seals} is written by another sealer (process {holder})"):
        session = SealingSession(settings)
        try:
            return session.run(stop, remake=remake, begun=lambda: end_trouble(NAME))
        finally:
            session.close()


def _report_end(why: str) -> None:
    _log.warning("sealing stopped", reason=why)
    report_trouble(NAME, f"nothing is sealed: {why}", remedy="do what the sentence says; the ledger itself goes on")


if __name__ == "__main__":
    sys.exit(main())
