"""The outputs of one topic beside what was published: the next record as bytes, or as the output that it is."""

from collections.abc import Iterator

from audit.outputs import Output, OutputReader
from audit.topic_reader import TopicRecord

NO_MORE = 2**63


class OutputQueue:
    """Outputs of one partition of one topic, in the order of positions; read no earlier than they are asked for.

    It ends before the first output of a position from ``until`` on.
    """

    def __init__(self, reader: OutputReader, records: Iterator[TopicRecord], until: int | None = None) -> None:
        self._reader = reader
        self._until = NO_MORE if until is None else until
        self._records = records
        self._raw: TopicRecord | None = None
        self._next: Output | None = None

    def find_raw(self, offset: int) -> TopicRecord | None:
        """Find the next record while nobody has read it, where it may be the first output of a position."""
        if self._next is not None or not self._reader.may_begin(offset):
            return None
        if self._raw is None:
            self._raw = next(self._records, None)
        return self._raw

    def drop_proven(self, offset: int, value: bytes) -> None:
        """Drop that record, which is the whole output of a position."""
        self._raw = None
        self._reader.note_proven(offset, value)

    def find_offset(self) -> int:
        """Find the position of the next output, which is read; ``NO_MORE`` at the end."""
        while self._next is None:
            record = self._raw if self._raw is not None else next(self._records, None)
            self._raw = None
            if record is None:
                return NO_MORE
            self._next = self._reader.read_output(record)
        return self._next.offset if self._next.offset < self._until else NO_MORE

    def take_output(self) -> Output:
        """Take that output."""
        output, self._next = self._next, None
        assert output is not None  # noqa: S101  (for the type checker: its offset was asked for)
        return output
