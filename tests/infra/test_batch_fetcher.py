"""What is handed on of one partition: every record once, bounded at a time, and a sentence where bytes are damaged."""

from typing import Any

import pytest
from aiokafka.consumer.fetcher import READ_COMMITTED
from aiokafka.errors import CorruptRecordException
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.structs import TopicPartition

from infra import batch_fetcher
from infra.batch_fetcher import BoundedFetchResult, DamagedBatch, FetchedRecords, LenientPartitionRecords
from ledger.originals import Misfit
from tests.live.raw_batches import pack_batch, pack_record, pack_rest

TP = TopicPartition("soc.published", 3)
RECORD = pack_record(0, pack_rest(b"k", b"v"))


def make_partition(data: bytes, first: int = 0) -> LenientPartitionRecords:
    """What was fetched of partition 3."""
    return LenientPartitionRecords(TP, FetchedRecords(data), [], first, None, None, True, READ_COMMITTED)


def place_batch(offset: int, batch: bytes) -> bytes:
    """The batch as the log has it, from that position on."""
    return offset.to_bytes(8, "big") + batch[8:]


class Result(BoundedFetchResult):
    """One whose partition stays assigned."""

    def __init__(self, records: LenientPartitionRecords) -> None:
        self._topic_partition, self._partition_records = TP, records
        self.positions: list[int] = []

    def check_assignment(self, _tp: Any) -> bool:
        """It is."""
        return True

    def _update_position(self) -> None:
        self.positions.append(self._partition_records.next_fetch_offset)


def test_batches_are_read_one_after_the_other_and_one_that_is_cut_off_is_left() -> None:
    """Two whole ones, and half of a third."""
    batch = pack_batch([RECORD])
    found = list(make_partition(place_batch(0, batch) + place_batch(1, batch) + place_batch(2, batch)[:30]))
    assert [(one.topic, one.partition, one.offset, one.value) for one in found] == [
        ("soc.published", 3, 0, b"v"),
        ("soc.published", 3, 1, b"v"),
    ]


def test_a_misfit_is_handed_on_in_the_place_of_its_record() -> None:
    """And the position after it is fetched next."""
    records = make_partition(place_batch(5, pack_batch([pack_record(0, pack_rest(b"k", b"v", [(b"\xff", b"")]))])), 5)
    (found,) = records
    assert type(found) is Misfit
    assert (found.offset, records.next_fetch_offset) == (5, 6)


def test_a_wrong_checksum_names_the_partition_and_the_position() -> None:
    """Nobody can read it."""
    good, bad = place_batch(7, pack_batch([RECORD])), bytearray(place_batch(8, pack_batch([RECORD])))
    bad[-1] ^= 1
    records = make_partition(good + bytes(bad), 7)
    assert next(records).offset == 7
    with pytest.raises(DamagedBatch, match="partition 3 cannot be read from offset 8 on"):
        next(records)


@pytest.mark.parametrize("length", [-5, 0, 3])
def test_a_batch_that_is_too_short_is_damaged(length: int) -> None:
    """Whatever its length says."""
    data = bytes(8) + length.to_bytes(4, "big", signed=True) + bytes(max(length, 0))
    with pytest.raises(CorruptRecordException):
        FetchedRecords(data).next_batch()


def test_what_was_written_in_the_format_of_before_is_read() -> None:
    """Magic 1: a log of long ago."""
    builder = LegacyRecordBatchBuilder(magic=1, compression_type=0, batch_size=1_000)
    builder.append(0, timestamp=9, key=b"k", value=b"v")
    (found,) = make_partition(bytes(builder.build()))
    assert (found.offset, found.timestamp, found.value, found.headers) == (0, 9, b"v", ())


def test_records_are_handed_on_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five records, at most two at a time; the position moves with them."""
    monkeypatch.setattr(batch_fetcher, "RESULT_RECORDS", 2)
    result = Result(make_partition(pack_batch([pack_record(n, pack_rest(b"k", b"v")) for n in range(5)])))
    handed = []
    while result.has_more():
        handed.append([one.offset for one in result.getall()])
    assert handed == [[0, 1], [2, 3], [4]]
    assert result.positions == [2, 4, 5]
    assert result.getall() == []


def test_records_are_handed_on_in_bounds_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most about 20 bytes at a time, of records of 11."""
    monkeypatch.setattr(batch_fetcher, "RESULT_BYTES", 20)
    result = Result(make_partition(pack_batch([pack_record(n, pack_rest(b"k", b"v" * 10)) for n in range(3)])))
    assert [one.offset for one in result.getall()] == [0, 1]
    assert [one.offset for one in result.getall(1)] == [2]
