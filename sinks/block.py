"""Records of an output topic as one Avro object container block, which ClickHouse decodes by itself.

A record is the Confluent framing and a datum. The framing is checked and dropped, the data are joined as they are, and
a container's header (with the schema that wrote them), count, size and sync marker go around them: nothing is decoded
here but the position, which lies at the start of the datum.
"""

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from functools import cache
from io import BytesIO
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec
from fastavro import schemaless_reader
from fastavro.types import Schema

from infra.topics import ENTRIES
from ledger.entries import Account
from ledger.errors import LedgerError
from ledger.facts import Millis
from ledger.longs import decode_long, encode_long
from schemas.containers import encode_header
from schemas.definitions import ENTRY, REJECTION, find_full_name, parse_plain
from schemas.own import explain_own
from schemas.registry import SchemaIds
from schemas.wire import FRAME_BYTES, MAGIC
from sinks.told_legs import ChainedOutput, RecordLegs

SYNC: Final = b"disruptionledger"  # sixteen bytes of our own; a marker need not be random within one message
_ENUM_BYTES: Final = 1  # an enum of fewer than 64 symbols takes one byte
_BEFORE_POSITION: Final = {ENTRY: ("verdict", "record"), REJECTION: ("code",)}
_POSITION: Final = ("partition", "offset")
_PART: Final = "part"
_THREAT: Final = "threat_id"
_LAST_TOLD: Final = {ENTRY: "entered_at", REJECTION: "ledger_time"}
_LEG_FIELDS: Final = frozenset({"disruption_id", "sign", "entered_at", *Account._fields})


class FieldKind(Enum):
    """How a field is written: a number, a text behind its length, or one of two behind which of them it is."""

    NUMBER = auto()
    TEXT = auto()
    TEXT_OR_NULL = auto()


_KINDS: Final[Mapping[FieldKind, tuple[Any, ...]]] = MappingProxyType(
    {
        FieldKind.NUMBER: ("int", "long"),
        FieldKind.TEXT: ("string", "bytes"),
        FieldKind.TEXT_OR_NULL: (["null", "string"],),
    }
)


class UnreadableRecord(LedgerError):
    """A record that cannot be what its topic holds; the message says why, without values."""


class SourcePosition(NamedTuple):
    """What of its partition of ``soc.published`` a record is an output of; records of one partition ascend in it."""

    offset: int
    part: int = 0  # of its entry; a rejection has one part


class RecordSchema(NamedTuple):
    """One schema that wrote records: the container's header for it, and how a position is read."""

    head: bytes
    first: int  # where the partition starts within the value; 0: the layout is another, so decode it
    has_part: bool  # whether the part follows the offset
    schema: Schema
    longs: int  # how many numbers lie between the start of the position and the ledger time
    told: tuple[tuple[str, FieldKind], ...]  # the fields from the position to the last one that a chain needs


class RecordSchemas:
    """The writers of the output topics' records, by schema id."""

    def __init__(self, ids: SchemaIds) -> None:
        self._ids = ids
        self._known: dict[tuple[str, int], RecordSchema] = {}
        self._framed: dict[tuple[str, bytes], tuple[int, RecordSchema]] = {}

    def find_schema(self, topic: str, schema_id: int, value: bytes = b"") -> RecordSchema:
        """Find the schema of this id, asked of the registry once; ``value`` is a record that names it.

        Raises:
            UnreadableRecord: there is no such schema, or it is not the record of this topic.
            Misuse: the record is the ledger's own, under an id of a registry, and none is set.
            Unavailable: the registry does not answer, or does not know the schema of a record that is the ledger's own.
        """
        found = self._known.get((topic, schema_id))
        if found is None:
            found = self._known[topic, schema_id] = self._ask_registry(topic, schema_id, value)
        return found

    def _ask_registry(self, topic: str, schema_id: int, value: bytes) -> RecordSchema:
        wanted = ENTRY if topic == ENTRIES else REJECTION
        schema = self._ids.find_writer(schema_id)
        if schema is None:
            trouble = explain_own(self._ids, schema_id, wanted, value)
            raise trouble or UnreadableRecord(f"no schema has the id {schema_id}")
        if find_full_name(schema) != wanted:
            raise UnreadableRecord(f"schema {schema_id} is not {wanted}")
        names = tuple(field["name"] for field in schema["fields"])
        first = _find_position(names, _BEFORE_POSITION[wanted])
        has_part = _PART in names[: names.index("offset") + 2]
        longs = names.index("ledger_time") - names.index("partition")
        told = _list_told(schema["fields"], _LAST_TOLD[wanted]) if first and _has_legs(schema, wanted) else ()
        return RecordSchema(
            _encode_head(msgspec.json.encode(schema)), first, has_part, parse_plain(schema), longs, told
        )

    def read_position(self, topic: str, partition: int, value: bytes | None) -> tuple[int, SourcePosition]:
        """Read schema id and source position of a record of this topic and partition.

        Raises:
            UnreadableRecord: the framing or the position is not what it must be.
            Misuse, Unavailable: as ``find_schema``.
        """
        if value is None or len(value) <= FRAME_BYTES or value[0] != MAGIC:
            raise UnreadableRecord("no Confluent framing")
        frame = value[:FRAME_BYTES]
        schema_id, writer = self._framed.get((topic, frame)) or self._remember_frame(topic, frame, value)
        try:
            claimed, position = _decode_position(writer, value)
        except (IndexError, EOFError, ValueError, TypeError, KeyError):
            raise UnreadableRecord("no position could be read") from None
        if claimed != partition or position.offset < 0 or position.part < 0:
            raise UnreadableRecord("its position is of another partition")
        return schema_id, position

    def read_ledger_time(self, topic: str, value: bytes) -> Millis | None:
        """Read the ledger time of a record whose position was read; None where its layout is another."""
        _, writer = self._framed[topic, value[:FRAME_BYTES]]
        at, found = writer.first, 0
        if not at:
            return None
        for _ in range(writer.longs + 1):
            found, at = decode_long(value, at)
        return found

    def read_output(self, topic: str, schema_id: int, value: bytes) -> ChainedOutput | None:
        """Read what a record says of its place in the chain of outputs; None where its layout is another."""
        writer = self.find_schema(topic, schema_id)
        at, found, threat_id = writer.first, {}, ""
        for name, kind in writer.told:
            number, at = decode_long(value, at)
            if kind is FieldKind.TEXT_OR_NULL and number:  # which of the two it is; its length follows
                number, at = decode_long(value, at)
            if kind is FieldKind.NUMBER:
                found[name] = number
            else:
                if name == _THREAT:
                    threat_id = value[at : at + number].decode()
                at += number
        if not found or (topic == ENTRIES and not threat_id):
            return None
        output = ChainedOutput(
            partition=found["partition"],
            offset=found["offset"],
            previous_offset=found["previous_offset"],
            ledger_time=found["ledger_time"],
            entered_at=found.get("entered_at"),
            parts=found.get("parts", 1),
            threat_id=threat_id,
        )
        if topic != ENTRIES:
            return output
        return output._replace(list_legs=RecordLegs(writer.schema, value).list_legs, size=len(value))

    def _remember_frame(self, topic: str, frame: bytes, value: bytes) -> tuple[int, RecordSchema]:
        schema_id = int.from_bytes(frame[1:], "big")
        found = self._framed[topic, frame] = schema_id, self.find_schema(topic, schema_id, value)
        return found

    def is_readable(self, topic: str, schema_id: int, value: bytes) -> bool:
        """Return whether a record reads whole by its writer's schema, with a decoder that is not the engine's."""
        stream = BytesIO(value[FRAME_BYTES:])
        try:
            schemaless_reader(stream, self.find_schema(topic, schema_id).schema, None)
        except MemoryError:  # this process's want: these bytes are all that is decoded
            return True
        except Exception:  # whatever else the bytes make the decoder raise, they do not read
            return False
        return stream.tell() == len(value) - FRAME_BYTES

    def build_container(self, topic: str, schema_id: int, values: Sequence[bytes]) -> bytes:
        """Build one container file of these framed records, all written by this schema."""
        data = b"".join([value[FRAME_BYTES:] for value in values])
        head = self.find_schema(topic, schema_id).head
        return b"".join((head, encode_long(len(values)), encode_long(len(data)), data, SYNC))


def _decode_position(writer: RecordSchema, value: bytes) -> tuple[int, SourcePosition]:
    """Decode partition and position."""
    at = writer.first
    if not at:
        found: Any = schemaless_reader(BytesIO(value[FRAME_BYTES:]), writer.schema, None)
        return found["partition"], SourcePosition(found["offset"], found.get(_PART, 0))
    partition, at = decode_long(value, at)
    offset, at = decode_long(value, at)
    part = decode_long(value, at)[0] if writer.has_part and value[at] else 0  # nearly always the first
    return partition, SourcePosition(offset, part)


def _find_position(names: tuple[str, ...], before: tuple[str, ...]) -> int:
    """Find where the partition starts in a value of these fields; 0 where it is not known."""
    usual = names[: len(before) + 2] == before + _POSITION
    return FRAME_BYTES + _ENUM_BYTES * len(before) if usual else 0


def _list_told(fields: Sequence[Any], last: str) -> tuple[tuple[str, FieldKind], ...]:
    """List the fields from the position to ``last``, and what they are; nothing where one is of no such kind."""
    names = [field["name"] for field in fields]
    told = []
    for field in fields[names.index("partition") : names.index(last) + 1]:
        plain = field["type"]["type"] if isinstance(field["type"], dict) else field["type"]
        kind = next((kind for kind, types in _KINDS.items() if plain in types), None)
        if kind is None:
            return ()
        told.append((field["name"], kind))
    return tuple(told)


def _has_legs(schema: Any, wanted: str) -> bool:
    """Return whether the legs of these records, where they have any, say all that a sum is made by."""
    if wanted != ENTRY:
        return True
    legs = next((field["type"]["items"]["fields"] for field in schema["fields"] if field["name"] == "legs"), ())
    return {field["name"] for field in legs} >= _LEG_FIELDS


@cache
def _encode_head(text: bytes) -> bytes:
    return encode_header(text, "null") + SYNC
