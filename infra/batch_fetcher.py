"""aiokafka's fetcher, with ``infra.record_batches`` between what it fetched and what it hands on.

A consumer of this process then gives every record of a partition, or a ``Misfit`` in its place, and never more at once
than is safe to hold. Three names in aiokafka's module are replaced (``patch_fetcher``), and
tests/streams/test_private_api.py fails when what they stand for changes.
"""

from struct import Struct
from typing import Any, Final

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.legacy_records import LegacyRecordBatch

from infra.record_batches import LenientBatch
from ledger.errors import Unavailable
from ledger.originals import Misfit

RESULT_BYTES: Final = 16 * 1024 * 1024
RESULT_RECORDS: Final = 20_000
HEADER_BYTES: Final = 100  # what a header weighs beside its bytes

_OVERHEAD: Final = Struct(">qi")  # base offset and length; the length counts what follows
_MAGIC_AT: Final = 16
_LEAST_BYTES: Final = 14


class DamagedBatch(Unavailable):
    """A batch whose bytes are not those that the broker acknowledged: nobody can read it."""


class FetchedRecords:
    """The batches in what was fetched of one partition; the last may be cut off."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def size_in_bytes(self) -> int:
        """Return how much was fetched."""
        return len(self._data)

    def has_next(self) -> bool:
        """Return whether a whole batch follows."""
        return self._find_end() is not None

    def next_batch(self) -> Any:
        """Return the batch that follows."""
        end = self._find_end()
        found, self._at = self._data[self._at : end], end or len(self._data)
        if len(found) <= _MAGIC_AT or len(found) < _OVERHEAD.size + _LEAST_BYTES:
            raise CorruptRecordException("a batch is shorter than any can be")
        magic = found[_MAGIC_AT]
        return LenientBatch(found) if magic >= 2 else LegacyRecordBatch(found, magic)

    def _find_end(self) -> int | None:
        if len(self._data) - self._at < _OVERHEAD.size:
            return None
        _, length = _OVERHEAD.unpack_from(self._data, self._at)
        end = self._at + _OVERHEAD.size + max(int(length), 0)
        return end if end <= len(self._data) else None


class LenientPartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc] # aiokafka is not followed
    """What was fetched of one partition, record by record."""

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except CorruptRecordException as error:
            place = f"{self._tp.topic} partition {self._tp.partition}"
            raise DamagedBatch(
                f"{place} cannot be read from offset {self.next_fetch_offset} on: its bytes are damaged ({error})"
            ) from error

    def _consumer_record(self, tp: Any, record: Any) -> Any:
        return record if type(record) is Misfit else super()._consumer_record(tp, record)


class DrainedRecords(list[Any]):
    """Records of one partition as they were drained: every readable one from position ``start`` to before ``end``."""

    def __init__(self, start: int) -> None:
        super().__init__()
        self.start = self.end = start


class BoundedFetchResult(fetcher.FetchResult):  # type: ignore[misc] # aiokafka is not followed
    """Hands on so many records at once as are safe to hold; the rest when it is asked again."""

    def getall(self, max_records: int | None = None) -> list[Any]:
        """Return the next records, bounded in number and in bytes."""
        if not self.check_assignment(self._topic_partition) or not self.has_more():
            return []
        most, size = min(max_records or RESULT_RECORDS, RESULT_RECORDS), 0
        partition_records: Any = self._partition_records
        found = DrainedRecords(partition_records.next_fetch_offset)
        for record in partition_records:
            found.append(record)
            size += len(record.value or b"") + len(record.key or b"") + HEADER_BYTES * len(record.headers)
            if len(found) >= most or size >= RESULT_BYTES:
                self._update_position()
                found.end = partition_records.next_fetch_offset
                return found
        self._update_position()
        found.end = partition_records.next_fetch_offset
        self._partition_records: Any = None
        return found


def patch_fetcher() -> None:
    """Make every aiokafka consumer of this process read so from now on."""
    fetcher.MemoryRecords = FetchedRecords
    fetcher.PartitionRecords = LenientPartitionRecords
    fetcher.FetchResult = BoundedFetchResult
