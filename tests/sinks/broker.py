"""A stand-in for the broker, where completeness asks it."""

from collections.abc import Mapping
from datetime import timedelta

from ledger.errors import Unavailable
from queries.published import Tail


class Broker:
    """What ``Published`` says, said by the test.

    Args:
        ends: per partition, the offset after its last record; None, the broker is away.
        undecided: partitions where a transaction is open there.
    """

    margin = timedelta(seconds=5)

    def __init__(self, ends: dict[int, int] | None = None, *, undecided: tuple[int, ...] = ()) -> None:
        self._ends = ends
        self._undecided = undecided

    def find_tails(self, positions: Mapping[int, int]) -> dict[int, Tail]:
        """As ``Published.find_tails``."""
        if self._ends is None:
            raise Unavailable("away")
        return {
            number: Tail(end, end + (number in self._undecided), positions.get(number, 0) < end)
            for number, end in self._ends.items()
        }
