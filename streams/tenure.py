"""One partition while it is owned, and what owning needs of the world around it."""

import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from schemas.judged import judged_here
from streams.books import Books, Reached
from streams.intake import Intake, Ledger

SAVE_RECORDS = 20_000  # per partition
SAVE_SECONDS = 20.0


class World(NamedTuple):
    """What the keeper asks of the consumer group and of who runs it."""

    generation: Callable[[], int]
    retake: Callable[[int], Awaitable[None]]
    commit: Callable[[dict[int, int], str], Awaitable[bool]]  # next offsets, and a note beside them
    end: Callable[[str], None]  # ends the process; returns only in tests


class Tenure:
    """One partition while it is owned."""

    def __init__(self, books: Books, intake: Intake, generation: int) -> None:
        self.books = books
        self.intake = intake
        self.generation = generation
        self.unsaved = 0
        self.saved_at = time.monotonic()

    @property
    def ledger(self) -> Ledger:
        """How far it has been folded."""
        return self.intake.ledger

    @property
    def next(self) -> int:
        """R: the first offset without an output."""
        return self.ledger.covered + 1

    def save_books(self, entries: int, rejected: int) -> None:
        """Write the snapshot. The output topics end there now, and hold all that was folded.

        Raises:
            Spoiled: the snapshot cannot be used.
        """
        self.books.judged = judged_here(None)
        if self.books.save(Reached(self.ledger.covered, self.ledger.ledger_time, entries, rejected)):
            self.unsaved = 0
        self.saved_at = time.monotonic()

    def due(self) -> bool:
        """Is a snapshot due? Never while outputs past R are remembered: their positions would be passed over."""
        late = self.unsaved >= SAVE_RECORDS or time.monotonic() - self.saved_at > SAVE_SECONDS
        return late and bool(self.unsaved) and not self.ledger.is_loose()
