"""A consumer of runs whose fetches and seeks are lists, and what it is given."""

import logging
from types import SimpleNamespace
from typing import Any

from faust.types import TP

from infra.batch_fetcher import DrainedRecords
from streams.runs import RecordRun, RunConsumer
from tests.streams.records import Record

PARTITION = TP("soc.published", 0)


def make_records(*offsets: int, size: int = 1) -> list[Record]:
    return [Record(offset, 1_000, b"", b"x" * size) for offset in offsets]


class Fetching(RunConsumer):
    """A consumer whose fetches and seeks are lists; the rest of Faust is not started."""

    def __init__(self, *fetched: Any) -> None:
        self.app = SimpleNamespace(consumer_generation_id=1, should_stop=False)
        self.flow_active = True
        self.sought: list[tuple[TP, int]] = []
        self._fetched = list(fetched)
        self._next, self._drained, self._handed_out, self._read_offset = {}, {}, {}, {}
        self._stamps, self._unanswered = {}, {}
        self.log = logging.getLogger()
        self._thread = SimpleNamespace(seek_wait=self._seek_wait)

    should_stop = False

    async def _seek_wait(self, positions: dict[TP, int]) -> None:
        self.sought += positions.items()

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ARG002, ASYNC109 - Faust's signature
        found = self._fetched.pop(0)
        given = await found() if callable(found) else {PARTITION: found}
        self.note_handed_out(given)
        return given, None

    async def read_runs(self) -> list[RecordRun]:
        """The runs of one fetch."""
        return [message.value async for _, message in self.getmany(0)]


def make_drained(start: int, end: int, *offsets: int) -> DrainedRecords:
    """What was drained from position ``start`` to before ``end``."""
    found = DrainedRecords(start)
    found.extend(make_records(*offsets))
    found.end = end
    return found


def list_spans(runs: list[RecordRun]) -> list[tuple[int, int]]:
    return [(run.follows, run.last) for run in runs]
