"""Ledgers whose disks lose what is stored: outputs once all is calm; legs, or anything, in the storm. It is mended."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from tests.simulation.kernel import Kernel
from tests.simulation.world import World

LOST, LOST_ALL, LOOK_SECONDS = 0.6, 0.2, 2.0
FOUND_SECONDS = 60.0  # a hole is a loss once it has stayed so long, and what is loaded again takes time
SHARES = (0.0, 0.0, 0.1, 0.5, 1.0)
ROWS = ("entries", "rejected", "postings", "threat_postings")


class LosingWorld(World):
    """The newest entries of a partition and its newest refusal are lost once all is stored: one, some in a row, all."""

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
        for newest in sorted(set(self._list_offsets("entries", partition)))[-self.kernel.rng.choice((1, 4, 100)) :]:
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


class StormLosingWorld(World):
    """Something is lost in the storm, and is found by a loader that looks every few seconds.

    What is read meanwhile lacks it, and nobody can know that yet; what is made of it meanwhile must not stay.
    """

    def __init__(self, seed: int, directory: Path) -> None:
        self._rests_at: float | None = None
        self.lost = 0
        super().__init__(seed, directory)
        self._usual, self.habits = self.habits, self._look_often

    @contextmanager
    def _look_often(self) -> Iterator[None]:
        with self._usual(), patch("sinks.integrity.CHECK_SECONDS", LOOK_SECONDS):
            yield

    def _note_loss(self, what: str) -> None:
        self.kernel.note_line(f"the disk loses {what}")
        self.lost, self.may_load_again = self.lost + 1, True

    def is_at_rest(self) -> bool:
        """Tell whether all is stored, for so long that the loss was found and mended."""
        if not super().is_at_rest():
            return False
        if self._rests_at is None:
            self._rests_at = self.kernel.now + FOUND_SECONDS
            self.lose_at_rest()
        self.readings.clear()
        return self.kernel.now >= self._rests_at

    def lose_at_rest(self) -> None:
        """Lose what is lost once all is stored, under a loader that goes on: nothing."""


class LegLosingWorld(StormLosingWorld):
    """Legs of a stored entry are lost, once, under a loader that goes on."""

    def _strike_one(self, kernel: Kernel) -> None:
        super()._strike_one(kernel)
        if not self.lost and kernel.rng.random() < LOST:
            self._lose_legs(kernel)

    def _lose_legs(self, kernel: Kernel) -> None:
        """Lose the legs of an entry that readers are shown already: what is still written is another matter."""
        shown = self.readings[-1].positions if self.readings else {}
        rows = [one for one in self.tables.list_rows("postings") if one["offset"] < shown.get(one["partition"], 0)]
        if rows:
            row = kernel.rng.choice(rows)
            self.client.lose_output("postings", row["partition"], row["offset"])
            self._note_loss(f"the legs of {row['offset']} of {row['partition']}")


class RowLosingWorld(StormLosingWorld):
    """Any rows are lost, any number of them, any number of times, under a loader that goes on or ends just then.

    And once more when all is stored, under one that goes on; not how far it has come, which it would not write again.
    """

    def _strike_one(self, kernel: Kernel) -> None:
        super()._strike_one(kernel)
        if kernel.rng.random() < LOST_ALL:
            if kernel.rng.random() < LOST:
                self.loader.process.end_now("its disk is copied back")
            self._lose_rows(*ROWS, "progress")

    def lose_at_rest(self) -> None:
        """Lose some once more."""
        self._lose_rows(*ROWS)

    def _lose_rows(self, *tables: str) -> None:
        rng = self.kernel.rng
        for table in tables:
            share = rng.choice(SHARES)
            lost = [one for one in self.tables.list_rows(table) if rng.random() < share]
            self.tables.delete_rows(table, lost)
            self._note_loss(f"{len(lost)} rows of {table}")
