"""What a page of originals says of feeds, read in columns: field after field of all of them, not event after event.

A number of Avro is one byte to ten, so where a field starts differs from value to value. Of all values at once the
places are moved on together, byte by byte, by numpy: a field costs a few operations for the whole page. It is read so
only what the current schema wrote, up to the last field that is asked for, and none before it may be a list.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.definitions import Schema

Longs = NDArray[np.int64]

LONG_BYTES_MOST: Final = 10
_NUMBERS: Final = ("int", "long")
_TEXT: Final = "string"
_OPTIONAL: Final = ["null", "string"]


class UnreadableColumns(ValueError):
    """Some value is not what the schema says: they are to be read one by one."""


class TextColumn(NamedTuple):
    """Where the texts of a field lie; one that is null has no length."""

    starts: Longs
    ends: Longs


class ColumnReader:
    """Reads values that one schema wrote.

    Args:
        schema: a plain record's.
        wanted: names of its fields.
    """

    def __init__(self, schema: Schema, wanted: Sequence[str]) -> None:
        names = [field["name"] for field in schema["fields"]]
        last = max(names.index(name) for name in wanted)
        self._fields = [(field["name"], field["type"]) for field in schema["fields"][: last + 1]]
        self._wanted = frozenset(wanted)

    def read_columns(self, values: Sequence[bytes], skipped: int) -> dict[str, Any]:
        """Read the wanted fields, numbers as numbers and texts as lists; ``skipped``: bytes before each datum.

        Raises:
            UnreadableColumns: a value is shorter than its fields.
        """
        data = b"".join(values)
        ends = np.cumsum([len(value) for value in values], dtype=np.int64)
        starts = np.concatenate((np.zeros(1, np.int64), ends[:-1])) + skipped
        reading = _ReadingPlaces(data, starts)
        try:
            found = {name: reading.read_field(kind) for name, kind in self._fields}
        except (IndexError, OverflowError):
            raise UnreadableColumns from None
        if (reading.places > ends).any():
            raise UnreadableColumns
        kept = {name: one for name, one in found.items() if name in self._wanted}
        return {name: _cut_texts(data, one) if isinstance(one, TextColumn) else one for name, one in kept.items()}


class _ReadingPlaces:
    """The places up to which all values are read."""

    def __init__(self, data: bytes, places: Longs) -> None:
        self._bytes = np.frombuffer(data, np.uint8)
        self.places = places

    def read_field(self, kind: Any) -> Longs | TextColumn:
        """Read one field of every value. Raises IndexError, OverflowError."""
        plain = kind["type"] if isinstance(kind, Mapping) else kind
        if plain in _NUMBERS or plain == "enum":
            return self._read_longs(np.ones(len(self.places), np.bool_))
        if plain == _TEXT:
            return self._read_texts(np.ones(len(self.places), np.bool_))
        if plain == _OPTIONAL:
            return self._read_texts(self._read_longs(np.ones(len(self.places), np.bool_)) != 0)
        raise TypeError("a field of another kind")  # a list: whoever wants what lies behind it reads it otherwise

    def _read_texts(self, there: NDArray[np.bool_]) -> TextColumn:
        sizes = self._read_longs(there)
        if (sizes < 0).any():
            raise OverflowError
        starts = self.places
        self.places = starts + sizes
        return TextColumn(starts, self.places)

    def _read_longs(self, there: NDArray[np.bool_]) -> Longs:
        """Read a number of each value where ``there`` is one, and else 0."""
        rest, more = np.zeros(len(self.places), np.uint64), there
        for number in range(LONG_BYTES_MOST):
            byte = np.where(more, self._bytes[np.where(more, self.places, 0)], 0)
            rest |= (byte & 0x7F).astype(np.uint64) << np.uint64(7 * number)
            self.places = self.places + more
            more = byte >= 0x80
            if not more.any():
                return (rest >> np.uint64(1)).astype(np.int64) ^ -(rest & np.uint64(1)).astype(np.int64)
        raise OverflowError


def _cut_texts(data: bytes, column: TextColumn) -> list[str]:
    places = zip(column.starts.tolist(), column.ends.tolist(), strict=True)
    try:
        return [data[start:end].decode() for start, end in places]
    except UnicodeDecodeError:
        raise UnreadableColumns from None
