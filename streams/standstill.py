"""Partitions of which nothing is judged: why, said to health and the log, and when each is taken anew."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog

from infra.status import end_trouble, report_trouble
from infra.topic_identity import Standstill
from ledger.errors import LedgerError, Misuse, Unavailable

WATCH_SECONDS = 3.0  # between looks at the topics while nothing is fetched
STAND_SECONDS = 3.0  # until a standing partition is taken anew: somebody may have done what it needs
log = structlog.get_logger(__name__)


class StandingPartitions:
    """Those of one worker. Its methods are called from one event loop.

    Args:
        retake: takes a partition anew.
    """

    def __init__(self, retake: Callable[[int], None]) -> None:
        self._retake = retake
        self._why: dict[int, str] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._found: set[str] = set()

    def stand_still(self, partition: int, error: LedgerError) -> None:
        """Judge nothing of the partition; take it anew in a while."""
        if self._why.get(partition) != str(error):
            log.error("partition stands", partition=partition, why=str(error))
        self._why[partition] = str(error)
        _report_standstill(_name_trouble(partition), error)
        self._cancel(partition)
        self._timers[partition] = asyncio.get_running_loop().call_later(STAND_SECONDS, self._retake, partition)

    def end_standstill(self, partition: int) -> None:
        """Let the partition be judged again, or be no longer ours."""
        self._cancel(partition)
        if self._why.pop(partition, None) is not None:
            log.info("partition stands no longer", partition=partition)
            end_trouble(_name_trouble(partition))

    def forget_all(self) -> None:
        """Forget all: no partition is ours."""
        for partition in list(self._why):
            self.end_standstill(partition)

    def report_found(self, found: Iterable[LedgerError]) -> None:
        """Say what a look at the topics found, for as long as it finds it: whether or not a partition is ours."""
        said = {str(one): one for one in found}
        for sentence, one in said.items():
            if sentence not in self._found:
                log.error("topics are not as they must be", why=sentence)
            _report_standstill(sentence, one)
        for sentence in self._found - said.keys():
            end_trouble(sentence)
        self._found = set(said)

    def _cancel(self, partition: int) -> None:
        timer = self._timers.pop(partition, None)
        if timer is not None:
            timer.cancel()


async def keep_looking(
    look: Callable[[], Awaitable[None]],
    stand_all: Callable[[Misuse], Awaitable[None]],
    fail: Callable[[str, Exception], None],
) -> None:
    """Look at the topics every few seconds, also while nothing is fetched; a defect of ours goes to ``fail``."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            await look()
        except Unavailable as error:
            log.info("topics not looked at", why=str(error))
        except Misuse as error:
            await stand_all(error)
        except Exception as error:  # nobody waits for this task: it would end without a word
            fail("topics cannot be looked at", error)
            return


def _name_trouble(partition: int) -> str:
    return f"partition {partition}"


def _report_standstill(key: str, error: LedgerError) -> None:
    if isinstance(error, Standstill):
        report_trouble(key, error.what, remedy=error.remedy)
    else:
        report_trouble(key, str(error), remedy="do what the sentence says; the partition is taken anew by itself")
