"""One generation of the stored tables: a database of its own, connections to it, and what is proved of it."""

from collections.abc import Callable
from typing import Final

from infra.settings import Settings
from sinks.connections import FIRST_DATABASE, Connections
from sinks.coverage import Coverage

READERS_MOST: Final = 6
WRITERS_MOST: Final = 2
FIRST_NUMBER: Final = 1


class Generation:
    """One set of tables. The first lies where the settings say, every later one beside it.

    Attributes:
        coverage: what is proved of it; it only grows, until it is forgotten.
        published_id: the identity of the ``soc.published`` that it is of; empty until it is known.
        damaged: from where on ``sinks.integrity`` has found rows missing, by partition.
    """

    def __init__(self, settings: Settings, number: int = FIRST_NUMBER) -> None:
        self.number = number
        database = None if number == FIRST_NUMBER else name_database(number)
        self.readers = Connections(settings, READERS_MOST, database)
        self.writers = Connections(settings, WRITERS_MOST, database)
        self.coverage = Coverage(is_told=settings.clickhouse_dsn is None)
        self.published_id = ""
        self.damaged: dict[int, int] = {}

    def close(self) -> None:
        """Close every connection, waiting for those that are lent."""
        self.readers.close()
        self.writers.close()


class WriteBell:
    """Counts writes, and tells those who hear them."""

    def __init__(self) -> None:
        self.count = 0
        self.hearers: tuple[Callable[[], None], ...] = ()

    def announce_write(self) -> None:
        """Count a write and tell of it, in the writer's thread."""
        self.count += 1
        for tell in self.hearers:
            tell()


def name_database(number: int) -> str:
    """Name the database of a generation after the first, in the engine in process."""
    return f"{FIRST_DATABASE}_generation_{int(number)}"
