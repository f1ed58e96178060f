"""Records of ``soc.entries`` and ``soc.rejected`` as the log takes them: which position, which part, which bytes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from infra.topics import ENTRIES, REJECTED
from ledger.errors import Rejected
from ledger.facts import Millis
from schemas.codec import Codec
from schemas.definitions import ENTRY, REJECTION
from schemas.wire import WireHeaders

RECORD_NAMES: Final[Mapping[str, str]] = MappingProxyType({ENTRIES: ENTRY, REJECTED: REJECTION})


class AppendedRecord(NamedTuple):
    """A record of an output topic as the broker holds it."""

    topic: str
    partition: int
    offset: int
    appended_at: Millis
    value: bytes | None
    headers: WireHeaders = ()


class OutputPart(NamedTuple):
    """What a record holds: an output, or one part of an entry in parts.

    ``at`` is its own offset in its topic; ``offset`` is the position in ``soc.published`` that it is the output of.
    """

    topic: str
    at: int
    appended_at: Millis
    offset: int
    previous_offset: int
    part: int
    parts: int
    fingerprint: str
    datum: bytes


class NoOutput(NamedTuple):
    """A record that is no output of its partition; ``why`` holds nothing of it."""

    topic: str
    partition: int
    at: int
    why: str

    def __str__(self) -> str:
        """Return the place and what is wrong."""
        return f"{self.topic} partition {self.partition} offset {self.at}: {self.why}"


class PartReader:
    """Reads parts of outputs by a codec."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def read_part(self, found: AppendedRecord) -> OutputPart | NoOutput:
        """Read what a record holds.

        Raises:
            Unavailable: the registry could not be asked, or lacks the ledger's own schema.
            Misuse: the ledger's own records name a registry's schema, and no registry is set.
        """
        topic, partition, at, appended_at, value, headers = found
        try:
            record, fingerprint, datum = self._codec.read_output(RECORD_NAMES[topic], value, headers)
        except Rejected as error:
            return NoOutput(topic, partition, at, f"it cannot be read ({error.code.value})")
        offset, previous = record["offset"], record["previous_offset"]
        part, parts = record.get("part", 0), record.get("parts", 1)
        if record["partition"] != partition or not -1 <= previous < offset:
            return NoOutput(topic, partition, at, "it is not of this partition, or covers nothing")
        if not 0 <= part < parts:
            return NoOutput(topic, partition, at, "it is a part that its entry does not have")
        return OutputPart(topic, at, appended_at, offset, previous, part, parts, fingerprint, datum)
