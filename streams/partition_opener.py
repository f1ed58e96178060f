"""Steps 2 to 4 of ``streams.partition_coordinator``: a partition's books, as its outputs and snapshot leave them."""

import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import structlog

from infra.settings import Settings
from ledger.errors import Unavailable
from schemas.codec import Codec
from schemas.registry import SchemaIds
from streams.assigned_partition import AssignedPartition
from streams.books import Books, SnapshotSpoiled
from streams.intake import Intake
from streams.reading import RecordReader
from streams.recovery import Recovery
from streams.watch import TopicWatch, hold_snapshot

log = structlog.get_logger(__name__)

LIVE_BYTES = 500 * 1024 * 1024  # estimated size of all live books of a worker


class PartitionOpener:
    """Opens partitions for one worker; used by one thread at a time.

    Args:
        settings: where the broker is, and how many partitions there are.
        directory: where the snapshots are.
        ids: the registry, for what is read back.
        reader: of the records that are judged; its codec writes the outputs.
    """

    def __init__(self, settings: Settings, directory: Path, ids: SchemaIds, reader: RecordReader) -> None:
        self._settings = settings
        self._directory = directory
        self._ids = ids
        self._reader = reader

    @cached_property
    def _recovery(self) -> Recovery:
        return Recovery(self._settings, Codec(self._ids))

    def open_partition(
        self, partition: int, generation: int, watch: TopicWatch, wanted: Callable[[], bool]
    ) -> AssignedPartition | None:
        """Recover a partition; None when ``wanted`` says no meanwhile.

        Raises:
            Unavailable: the broker or the registry did not answer.
            Misuse: the partition stands.
        """
        topics = watch.hold_topics(time.monotonic())
        self._reader.learn_own_schema()
        path = self._directory / f"{partition}.sqlite"
        hold_snapshot(path, topics)
        while True:
            books = Books(path, topics, LIVE_BYTES // self._settings.partitions)
            try:
                ledger = self._recovery.recover_books(partition, books, wanted)
            except SnapshotSpoiled as error:
                log.warning("snapshot thrown away", partition=partition, why=str(error))
                books.discard_snapshot()
            except BaseException:
                books.close()
                raise
            else:
                if ledger is None:
                    books.close()
                    return None
                intake = Intake(self._reader.codec, books, ledger, self._settings.partitions)
                return AssignedPartition(books, intake, generation)

    def save_books(self, assigned: AssignedPartition) -> None:
        """Write the snapshot: only when nothing is in flight, so that the topics' ends lie before all still to come.

        Where these are not known now (a leader moves), a later snapshot does: nothing that is judged waits for one.
        """
        partition = assigned.ledger.partition
        try:
            ends = self._recovery.read_ends(partition)
        except Unavailable as error:
            assigned.put_off_save()
            log.info("snapshot put off", partition=partition, why=str(error))
        else:
            assigned.save_books(*ends)

    def close(self) -> None:
        """Let go of the connections."""
        if "_recovery" in self.__dict__:
            self._recovery.close()
