"""Where a replay is to end: at an instant of ledger time, or at positions."""

from typing import Any

import msgspec

from audit.bounds import PartitionBounds
from audit.topic_reader import TopicReader
from ledger.errors import Misuse
from ledger.facts import Millis
from ledger.instants import format_millis


class ReplayEnd(msgspec.Struct, frozen=True):
    """An instant: all that the ledger had learnt by then. Or positions: by partition, the first offset left out."""

    instant: Millis | None = None
    positions: dict[int, int] = {}

    @property
    def is_open(self) -> bool:
        """Whether nothing is left out."""
        return self.instant is None and not self.positions

    def make_row(self) -> dict[str, Any]:
        """Return it as JSON has it; nothing where it is open."""
        if self.instant is not None:
            return {"instant": format_millis(self.instant)}
        positions = {str(number): offset for number, offset in sorted(self.positions.items())}
        return {"positions": positions} if positions else {}

    def cut_bounds(self, bound: PartitionBounds, published: TopicReader) -> PartitionBounds:
        """Cut a partition's bounds where the replay of it is to end.

        Raises:
            Misuse: the partition does not reach so far.
            Unavailable: the broker did not answer.
        """
        low, end = bound.published
        if self.instant is not None:
            return bound._replace(
                until=max(low, min(end, published.find_offset(bound.partition, self.instant + 1, end)))
            )
        offset = self.positions.get(bound.partition)
        if offset is None:
            return bound
        if not low <= offset <= end:
            raise Misuse(
                f"partition {bound.partition} of soc.published has offsets {low} to {end - 1}, and no {offset}"
            )
        return bound._replace(until=offset)


OPEN_END = ReplayEnd()
