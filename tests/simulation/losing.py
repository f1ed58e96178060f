"""A ledger whose disk loses stored outputs once all is calm, and keeps their legs: all must be loaded again."""

from pathlib import Path

from tests.simulation.world import World

FOUND_SECONDS = 60.0  # a hole is a loss once it has stayed so long, and what is loaded again takes time


class LosingWorld(World):
    """The newest entries of a partition and its newest refusal are lost once all is stored: one, or some in a row."""

    def __init__(self, seed: int, directory: Path) -> None:
        self._rests_at: float | None = None
        self.lost: list[str] = []
        super().__init__(seed, directory)

    def is_at_rest(self) -> bool:
        """Lose, when everything is stored; then tell whether all that is stored again, and for long enough."""
        if not super().is_at_rest():
            return False
        if self._rests_at is None:
            self._rests_at = self.kernel.now + FOUND_SECONDS
            self._lose_outputs()
            self.may_load_again = bool(self.lost)
        return self.kernel.now >= self._rests_at

    def _lose_outputs(self) -> None:
        self.loader.process.end_now("its disk is copied back")
        self.readings.clear()  # what is shown goes back, and nobody can know that yet
        for lose in (self._lose_entry, self._lose_refusal):
            lose(self.kernel.rng.randrange(2))

    def _lose_entry(self, partition: int) -> None:
        for newest in sorted(set(self._list_offsets("entries", partition)))[-self.kernel.rng.choice((1, 4)) :]:
            self._lose_output("entries", partition, newest)

    def _lose_refusal(self, partition: int) -> None:
        newest = max(self._list_offsets("rejected", partition), default=None)
        if newest is not None:
            self._lose_output("rejected", partition, newest)

    def _list_offsets(self, table: str, partition: int) -> list[int]:
        return [one["offset"] for one in self.tables.list_rows(table) if one["partition"] == partition]

    def _lose_output(self, table: str, partition: int, offset: int) -> None:
        self.client.lose_output(table, partition, offset)
        self.lost.append(table)
        self.kernel.note_line(f"the disk loses {offset} of {table}")
