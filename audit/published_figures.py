"""``soc.figures`` as the audit reads it: every figure that was ever published, with what of the topic is none."""

from collections.abc import Iterator
from typing import NamedTuple

from audit.figure_sums import FigureSums
from audit.topic_reader import CALL_TIMEOUT_SECONDS, TopicReader, TopicRecord
from infra.settings import Settings
from infra.topic_admin import count_partitions
from infra.topics import FIGURES
from ledger.facts import Millis
from schemas.figures import PublishedFigure, decode_figure
from schemas.registry import SchemaIds
from seals.figures import FigureHasher


class LoggedFigure(NamedTuple):
    """A record of ``soc.figures``.

    Attributes:
        partition: where it lies; all that the ledger writes lie in partition 0.
        offset: its place there.
        appended_at: when the broker took it.
        figure: what it says; None where it is no figure.
        leaf_hash: of its leaf of the log; empty where it is no figure.
    """

    partition: int
    offset: int
    appended_at: Millis
    figure: PublishedFigure | None
    leaf_hash: bytes = b""

    def name_record(self) -> str:
        """Name it by its place and what it says: ``0:12`` and its id."""
        return f"{self.partition}:{self.offset} {self.figure.figure_id if self.figure else ''}"


class FigureLog(NamedTuple):
    """The topic, read to its end.

    Attributes:
        figures: its records, in order.
        gone: by partition, the first offset that is still there, where records before it are deleted.
    """

    figures: tuple[LoggedFigure, ...]
    gone: dict[int, int]

    def begin_sums(self) -> FigureSums:
        """Begin sums for these figures: of one partition, to be merged into others."""
        return FigureSums(one.figure for one in self.figures if one.figure is not None)


def read_figures(settings: Settings, ids: SchemaIds, patience: float = CALL_TIMEOUT_SECONDS) -> FigureLog:
    """Read all of them.

    Args:
        patience: how many seconds the broker may take for each answer.

    Raises:
        Unavailable: the broker or the registry did not answer.
    """
    reader = TopicReader(settings, FIGURES, patience)
    figures: list[LoggedFigure] = []
    gone: dict[int, int] = {}
    try:
        for partition in range(count_partitions(settings, FIGURES, patience)):
            low, end = reader.find_bounds(partition)
            if low > 0:
                gone[partition] = low
            figures += _decode_records(partition, reader.read_records(partition, low, end), ids)
    finally:
        reader.close()
    return FigureLog(tuple(figures), gone)


def _decode_records(partition: int, records: Iterator[TopicRecord], ids: SchemaIds) -> Iterator[LoggedFigure]:
    hasher = FigureHasher(ids)
    for one in records:
        figure = decode_figure(one.value, ids)
        leaf_hash = b"" if figure is None or one.value is None else hasher.hash_framed(one.value)
        yield LoggedFigure(partition, one.offset, one.appended_at, figure, leaf_hash)
