"""Reading the records of one batch, whatever a publisher packed into it.

A batch that unpacks to little is read by aiokafka's parser, fast and as ever. What that parser cannot read, and what
unpacks to much, is walked record by record, leniently and within bounds: every position of the batch gives a record
or a ``Misfit``. The bounds depend on nothing but the batch, so every reader of the log comes to the same.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from aiokafka.record.default_records import DefaultRecordBase, DefaultRecordBatch

from infra.decompression import UnreadablePayload, unpack_pieces
from infra.record_batch_walk import BatchFrame, walk_records
from ledger.bounds import HEADERS_MAX, LARGEST_ORIGINAL_BYTES
from ledger.originals import Misfit, find_misfit

PLAIN_BYTES: Final = 16 * 1024 * 1024
"""A batch that unpacks to no more is read by aiokafka's parser."""

_HEADER: Final = DefaultRecordBase.HEADER_STRUCT
_ATTRIBUTES: Final = DefaultRecordBase.ATTRIBUTES_OFFSET
_COUNT: Final = _HEADER.size - 4


class LenientBatch:
    """One batch (magic 2); what a fetcher asks of aiokafka's own is answered by that."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._batch = DefaultRecordBatch(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        """Yield each record in order: aiokafka's, a ``PlainRecord`` or a ``Misfit``."""
        given, plain = 0, self._unpack_small()
        with suppress(Exception):  # whatever the parser makes of bytes from outside, they are then read the second way
            for record in self._read_plain(plain):
                yield record
                given += 1
            return
        yield from walk_records(self._read_frame(), self._unpack_body(), given)

    def _read_plain(self, plain: bytes | None) -> Iterator[Any]:
        """Yield aiokafka's records, each at its place; those that are too large to be carried as misfits."""
        if plain is None:
            raise UnreadablePayload("it is walked")
        small, at = len(plain) <= LARGEST_ORIGINAL_BYTES, self._batch.base_offset
        whole = self._count_records() == self._batch.last_offset_delta + 1  # no record was taken out since
        for number, record in enumerate(DefaultRecordBatch(plain)):
            if whole and record.offset != at + number:
                raise UnreadablePayload("a record that claims another position")
            if small and len(record.headers) <= HEADERS_MAX:
                yield record
            else:
                yield _find_misfit(record) or record

    def _unpack_small(self) -> bytes | None:
        """Return the batch as it would be without compression; None when that is too large, or cannot be had."""
        if not self._batch.compression_type:
            return self._data
        pieces, size = [self._make_header_without_codec()], 0
        try:
            for piece in self._unpack_body():
                size += len(piece)
                if size > PLAIN_BYTES:
                    return None
                pieces.append(piece)
        except UnreadablePayload:
            return None
        return b"".join(pieces)

    def _make_header_without_codec(self) -> bytes:
        header = bytearray(self._data[: _HEADER.size])
        header[_ATTRIBUTES + 1] &= ~DefaultRecordBase.CODEC_MASK & 0xFF
        return bytes(header)

    def _unpack_body(self) -> Iterator[bytes]:
        packed, codec = self._data[_HEADER.size :], self._batch.compression_type
        return unpack_pieces(codec, packed) if codec else iter([packed])

    def _read_frame(self) -> BatchFrame:
        batch = self._batch
        appended = batch.timestamp_type == DefaultRecordBase.LOG_APPEND_TIME
        since = None if appended else batch.first_timestamp
        return BatchFrame(batch.base_offset, self._count_records(), batch.last_offset_delta, since, batch.max_timestamp)

    def _count_records(self) -> int:
        return int.from_bytes(self._data[_COUNT : _HEADER.size], "big", signed=True)


def _find_misfit(record: Any) -> Misfit | None:
    found = find_misfit(record.offset, record.timestamp, record.key, record.value, record.headers)
    return found and found._replace(timestamp_type=record.timestamp_type)
