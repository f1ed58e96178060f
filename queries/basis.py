"""What an answer stands on: a snapshot of the store, taken before the rows, and instants where any were given."""

from collections.abc import Sequence
from datetime import datetime

from ledger.instants import count_millis, make_instant
from queries.answer import read_clock
from queries.kept_sums import KeptSum
from queries.leg_sums import SummedCells
from queries.question import Question, Rows
from queries.snapshot import Snapshot
from sinks.closings import find_nearest
from sinks.told_legs import ChainedOutput


class Basis:
    """The basis of one answer.

    Attributes:
        position: how far each partition is stored; the rows are those of exactly these positions.
        as_at: as it was given; otherwise the greater of the clock and the newest entry time, so that it bounds nothing.
    """

    def __init__(self, snapshot: Snapshot, as_at: datetime | None = None, known_at: datetime | None = None) -> None:
        self.position = snapshot.position
        self._snapshot = snapshot
        self._given = as_at, known_at
        entered = [one.entered_at for one in snapshot.frontiers.values() if one.entered_at is not None]
        self.as_at = as_at or max([read_clock(), *map(make_instant, entered)])

    @property
    def newest(self) -> datetime | None:
        """The greatest ledger time; None where nothing is stored."""
        return max((make_instant(one.ledger_time) for one in self._snapshot.frontiers.values()), default=None)

    def bound_rows(self, question: Question) -> None:
        """Let only rows through that lie on this basis; an instant that was not given bounds nothing."""
        question.stand_at(self.position)
        question.bound_instants(*self._given)

    def sum_rows(self, question: Question) -> Rows:
        """Sum what a question asks: the sum of an earlier moment and what came since, or as the store says.

        Raises:
            Unavailable: the store did not answer.
        """
        self.bound_rows(question)

        def ask_store() -> SummedCells:
            self.carry_forward(question)
            return question.ask_cells(self._snapshot.store)

        def add_legs(kept: KeptSum, told: Sequence[ChainedOutput]) -> SummedCells | None:
            return question.add_legs(kept.cells, told)

        cells = self._snapshot.sums.sum_cells(question.find_key(), self.position, ask_store, add_legs)
        return question.format_cells(cells)

    def carry_forward(self, question: Question) -> None:
        """Let the question start from the nearest closing, where one is exact for it. After ``bound_rows``."""
        grain = question.find_grain()
        if grain is not None:
            as_at, known_at = (None if one is None else count_millis(one) for one in self._given)
            nearest = find_nearest(self._snapshot.store, grain, self.position, as_at, known_at)
            if nearest is not None:
                question.start_from(nearest, self.position)

    def find_known_at(self, through: datetime | None) -> datetime:
        """Return it as it was given; else the greater of ``through`` and the newest ledger time: no bound.

        Args:
            through: the instant through which the answer is complete, where there is one.
        """
        given = self._given[1]
        return given or max((one for one in (through, self.newest) if one is not None), default=read_clock())
