"""Walking a batch record by record: lenient where aiokafka's parser is strict, and holding no more than one record.

What a walk cannot hand on is a ``Misfit``: too large (digested as it passes), behind too much in its batch (not read),
with a header whose name is not UTF-8, or without sense.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final, NamedTuple

from infra.decompression import PIECE_BYTES, UnreadablePayload
from ledger.bounds import HEADERS_MAX, LARGEST_ORIGINAL_BYTES
from ledger.longs import undo_zigzag
from ledger.originals import UNREAD, Misfit, Original
from ledger.vocabulary import Code

MOST_BYTES: Final = 512 * 1024 * 1024
"""So much of one batch is unpacked; the records behind are refused by their position alone."""

NO_SENSE: Final = "The record's structure cannot be read. Send the event again with a current Kafka client."
MISPLACED: Final = "The record claims another position than its own. Send the event again with a current Kafka client."
_POSITION_BYTES_MAX: Final = 32  # attributes, time and offset of a record, at most
_LONGEST_VARINT: Final = 10


class RecordPlace(NamedTuple):
    """Where and when a record lies; ``claimed`` is whether it says so itself."""

    offset: int
    timestamp: int
    timestamp_type: int
    claimed: bool = True

    def make_misfit(self, code: Code, original: Original, sentence: str | None = None) -> Misfit:
        """Refuse the record of this place; its bytes are not carried."""
        return Misfit(
            self.offset, self.timestamp, code, original, sentence=sentence, timestamp_type=self.timestamp_type
        )


class BatchFrame(NamedTuple):
    """What a batch says of its records.

    ``first_timestamp`` is None where the broker set the time of all of them. A batch from which nothing was taken out
    has ``last_delta`` + 1 records (the broker sees to that), and then a record's place in it is its position.
    """

    base_offset: int
    records: int
    last_delta: int
    first_timestamp: int | None
    max_timestamp: int

    def place_record(self, delta: int, timestamp: int) -> RecordPlace:
        """Return where a record of the batch lies."""
        return RecordPlace(self.base_offset + delta, timestamp, int(self.first_timestamp is None))


class PlainRecord(NamedTuple):
    """What is read of a record, named as aiokafka names it."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    checksum: None = None


class UnpackLimitReached(Exception):
    """The batch goes on past what is unpacked of it."""


class TooManyHeaders(Exception):
    """The record has more headers than an output carries."""


class ByteStream:
    """Bytes that come in pieces; at most ``most`` of them."""

    def __init__(self, pieces: Iterator[bytes], most: int) -> None:
        self._pieces = pieces
        self._piece = memoryview(b"")
        self._left = most

    def take_some(self, count: int) -> memoryview:
        """Take 1 to ``count`` bytes. Raises UnpackLimitReached, or UnreadablePayload where there are none."""
        if not self._piece:
            self._piece = self._fetch_piece()
        found, self._piece = self._piece[:count], self._piece[count:]
        return found

    def take_all(self, count: int) -> bytes:
        """Take that many bytes."""
        parts = []
        while count:
            found = self.take_some(count)
            parts.append(found)
            count -= len(found)
        return b"".join(parts)

    def take_varint(self) -> tuple[int, int]:
        """Take a zigzag varint; return it, and of how many bytes it was."""
        rest = 0
        for at in range(_LONGEST_VARINT):
            byte = self.take_some(1)[0]
            rest |= (byte & 0x7F) << (7 * at)
            if byte < 0x80:
                return undo_zigzag(rest), at + 1
        raise UnreadablePayload("a number does not end")

    def _fetch_piece(self) -> memoryview:
        if self._left <= 0:
            raise UnpackLimitReached
        for piece in self._pieces:
            if piece:
                self._left -= len(piece)
                return memoryview(piece)
        raise UnreadablePayload("it ends too early")


def walk_records(frame: BatchFrame, pieces: Iterator[bytes], first: int) -> Iterator[PlainRecord | Misfit]:
    """Yield every record of a batch from the one of number ``first`` on."""
    stream, number = ByteStream(pieces, MOST_BYTES), 0
    code, sentence = Code.RECORD_TOO_LARGE, None
    try:
        while number < frame.records:
            found = _walk_record(frame, number, stream)
            if number >= first:
                yield found
            number += 1
    except UnpackLimitReached:
        pass
    except UnreadablePayload:
        code, sentence = Code.UNDECODABLE, NO_SENSE
    for rest in range(max(number, first), frame.records):
        yield frame.place_record(rest, frame.max_timestamp).make_misfit(code, UNREAD, sentence)


def _walk_record(frame: BatchFrame, number: int, stream: ByteStream) -> PlainRecord | Misfit:
    length, _ = stream.take_varint()
    if length < 0:
        raise UnreadablePayload("a record of less than nothing")
    if length <= LARGEST_ORIGINAL_BYTES + _POSITION_BYTES_MAX:
        return _parse_record(frame, number, stream.take_all(length))
    place, used = _take_place(frame, number, stream)
    return place.make_misfit(Code.RECORD_TOO_LARGE, _digest_rest(stream, length - used))


def _take_place(frame: BatchFrame, number: int, stream: ByteStream) -> tuple[RecordPlace, int]:
    """Take attributes, time and offset of a record; return its place, and how many bytes they were."""
    stream.take_some(1)
    since, used = stream.take_varint()
    delta, more = stream.take_varint()
    timestamp = frame.max_timestamp if frame.first_timestamp is None else frame.first_timestamp + since
    if frame.records == frame.last_delta + 1:
        return frame.place_record(number, timestamp)._replace(claimed=delta == number), 1 + used + more
    return frame.place_record(delta, timestamp), 1 + used + more


def _digest_rest(stream: ByteStream, length: int) -> Original:
    digest, left = sha256(), length
    while left:
        found = stream.take_some(min(left, PIECE_BYTES))
        digest.update(found)
        left -= len(found)
    return Original(length, digest.hexdigest())


def _parse_record(frame: BatchFrame, number: int, body: bytes) -> PlainRecord | Misfit:
    """Parse one record from its attributes to its end."""
    stream = ByteStream(iter([body]), len(body) + 1)
    place, at = frame.place_record(number, frame.max_timestamp), 0
    try:
        place, at = _take_place(frame, number, stream)
        key, value, names, values = _parse_rest(stream)
    except (UnreadablePayload, UnpackLimitReached):
        return place.make_misfit(Code.UNDECODABLE, _digest_body(body, at), NO_SENSE)
    except TooManyHeaders:
        return place.make_misfit(Code.RECORD_TOO_LARGE, _digest_body(body, at))
    if len(body) - at > LARGEST_ORIGINAL_BYTES:
        return place.make_misfit(Code.RECORD_TOO_LARGE, _digest_body(body, at))
    if not place.claimed:
        return place.make_misfit(Code.UNDECODABLE, _digest_body(body, at), MISPLACED)
    headers = tuple(zip([name.decode("utf-8", "backslashreplace") for name in names], values, strict=True))
    if any(_is_unreadable(name) for name in names):
        refused = place.make_misfit(Code.UNREADABLE_HEADERS, _digest_body(body, at))
        return refused._replace(key=key, value=value, headers=headers)
    return PlainRecord(place.offset, place.timestamp, place.timestamp_type, key, value, headers)


def _digest_body(body: bytes, at: int) -> Original:
    return Original(len(body) - at, sha256(body[at:]).hexdigest())


def _parse_rest(stream: ByteStream) -> tuple[bytes | None, bytes | None, list[bytes], list[bytes | None]]:
    key, value = _take_bytes(stream), _take_bytes(stream)
    count, _ = stream.take_varint()
    if count > HEADERS_MAX:
        raise TooManyHeaders
    names: list[bytes] = []
    values: list[bytes | None] = []
    for _ in range(count):
        names.append(_take_bytes(stream) or b"")
        values.append(_take_bytes(stream))
    return key, value, names, values


def _take_bytes(stream: ByteStream) -> bytes | None:
    length, _ = stream.take_varint()
    return None if length < 0 else stream.take_all(length)


def _is_unreadable(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return True
    return False
