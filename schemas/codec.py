"""Bytes to facts and back: the hot path of intake. Rejections say what to do and hold no value of the record."""

from io import BytesIO
from typing import Any, Final, NamedTuple

import msgspec
from fastavro import schemaless_writer

from ledger.entries import WHOLE, EntryPart, JudgedBy, SourceRecord
from ledger.errors import Misuse, Rejected
from ledger.facts import Fact
from ledger.heartbeats import Heartbeat
from ledger.originals import Original
from ledger.vocabulary import UNRECOGNISED, Code
from schemas.definitions import ENTRY, HEARTBEAT, REJECTION, name_schema, read_plain
from schemas.entries import EntryWriter
from schemas.event_fields import EventFields, EventNames
from schemas.judged import name_judge_here
from schemas.own import explain_own
from schemas.plans import NOT_AN_EVENT, SHAPES, UNREADABLE, ReadingPlan, make_plan, read_fact
from schemas.registry import SchemaIds
from schemas.stored import (
    PostedEvent,
    StoredEntry,
    StoredOutput,
    StoredRejection,
    make_rejection_record,
    read_entry,
    read_rejection,
)
from schemas.upcast import CHAINS, Chains, Record
from schemas.wire import Reference, WireHeaders, locate_datum, make_prefix

NO_VALUE: Final = "The value is null; publish the whole record, a withdrawal too."
LEG_COUNTS: Final = (("legs", "leg_count"), ("threat_legs", "threat_leg_count"))
_INT_LEAST: Final = -(2**31)
_INT_GREATEST: Final = 2**31 - 1


class UnrecognisedValue(Rejected):
    """UNRECOGNISED_VALUE, with the fact as far as it was understood: its ids serve the rejection's record."""

    def __init__(self, sentence: str, fact: Fact) -> None:
        super().__init__(Code.UNRECOGNISED_VALUE, sentence)
        self.fact = fact


class WrittenOutput(NamedTuple):
    """A record of the ledger's own, the fingerprint of the schema that wrote it, and its datum without any frame."""

    record: Record
    fingerprint: str
    datum: bytes


class Codec:
    """Reads and writes the seven records with the ids of one registry.

    Args:
        ids: ``schemas.registry.pin_ids()`` or ``schemas.registry.connect_registry(url)``.
        chains: older versions of the events with their upgrades; the ledger's own unless a test says otherwise.
    """

    def __init__(self, ids: SchemaIds, chains: Chains = CHAINS) -> None:
        self._ids = ids
        self._chains = chains
        self._plans: dict[Reference, ReadingPlan] = {}
        self._judged: dict[Reference, JudgedBy] = {}
        self._writers: dict[str, tuple[bytes, Any]] = {}
        self._entry_prefix = b""
        self._entry_writer: EntryWriter | None = None

    def decode(self, value: bytes | None, headers: WireHeaders = ()) -> Fact:
        """Read the fact in a value of ``soc.published``.

        Raises:
            Rejected: UNDECODABLE, UNKNOWN_SCHEMA or UNRECOGNISED_VALUE.
            Unavailable: the registry could not be asked.
        """
        plan, record = self._read_record(value, headers)
        shape = SHAPES.get(plan.name)
        if shape is None:
            raise Rejected(Code.UNKNOWN_SCHEMA, NOT_AN_EVENT)
        fact = read_fact(plan, record)
        for number in shape.ints(record):
            if not _INT_LEAST <= number <= _INT_GREATEST:  # fastavro reads any int as a long; nothing downstream would
                raise Rejected(Code.UNDECODABLE, UNREADABLE)
        if UNRECOGNISED in shape.symbols_of(record):
            raise UnrecognisedValue(_explain_unrecognised(shape.symbols, record), fact)
        return fact

    def read_written(self, value: bytes | None, headers: WireHeaders) -> tuple[str, Record]:
        """Read the record in a value as it was written, by the schema that wrote it, and its name; raises as
        ``decode`` does.
        """
        plan, start = self._locate_record(value, headers)
        return plan.name, plan.read_written(value or b"", start)

    def is_plain(self, value: bytes, headers: WireHeaders = ()) -> bool:
        """Tell whether an output is written as it is here: other bytes may read the same (a boolean of 3, an array in
        blocks, a count that is not that of the legs). Raises as ``decode`` does.
        """
        plan, start = self._locate_record(value, headers)
        record = plan.read_written(value, start)
        for legs, count in LEG_COUNTS:
            if count in record:
                record[count] = len(record[legs])
        stream = BytesIO()
        schemaless_writer(stream, plan.writer, record)
        return stream.getvalue() == value[start:]

    def decode_entry(self, value: bytes | None, headers: WireHeaders = ()) -> StoredEntry:
        """Read the entry in a value of ``soc.entries``; raises as ``decode`` does."""
        return read_entry(self._read_as(ENTRY, value, headers))

    def decode_rejection(self, value: bytes | None, headers: WireHeaders = ()) -> StoredRejection:
        """Read the rejection in a value of ``soc.rejected``; raises as ``decode`` does."""
        return read_rejection(self._read_as(REJECTION, value, headers))

    def read_output(self, name: str, value: bytes | None, headers: WireHeaders = ()) -> WrittenOutput:
        """Read a record of that name, an entry or a rejection, beside its bytes; raises as ``decode`` does."""
        record = self._read_as(name, value, headers)
        reference, start = locate_datum(value or b"", headers)
        return WrittenOutput(record, self._plans[reference].fingerprint, (value or b"")[start:])

    def decode_heartbeat(self, value: bytes | None, headers: WireHeaders = ()) -> Heartbeat:
        """Read the heartbeat in a value of ``soc.heartbeats``; raises as ``decode`` does."""
        return Heartbeat(**self._read_as(HEARTBEAT, value, headers))

    def encode_heartbeat(self, heartbeat: Heartbeat) -> bytes:
        """Write the value of a heartbeat. Raises Unavailable for the registry."""
        return self._write_framed(HEARTBEAT, heartbeat._asdict())

    def encode_fact(self, fact: Fact) -> bytes:
        """Write the value of a fact. Raises Misuse when it cannot be encoded, Unavailable for the registry."""
        name = name_schema(fact)
        record = msgspec.structs.asdict(fact)
        try:
            for number in SHAPES[name].ints(record):
                if not _INT_LEAST <= number <= _INT_GREATEST:
                    raise Misuse("a whole number is too large to be encoded: versions, tiers and dates fit 32 bits")
            return self._write_framed(name, record)
        except (TypeError, ValueError, OverflowError, AttributeError):
            raise Misuse("the event cannot be encoded: a field's type or symbol is not its schema's") from None

    def name_judge(self, source: SourceRecord) -> JudgedBy:
        """Say by what this process judges a published record: no schema is named where none is known."""
        try:
            reference, _ = locate_datum(source.value or b"", source.headers)
        except Rejected:
            return name_judge_here(None)
        found = self._judged.get(reference)
        if found is None and (plan := self._plans.get(reference)):
            found = self._judged[reference] = name_judge_here(plan.fingerprint)
        return found or name_judge_here(None)

    def encode_entry(
        self,
        source: SourceRecord,
        fact: EventFields,
        posted: PostedEvent,
        judged: JudgedBy | None = None,
        part: EntryPart = WHOLE,
    ) -> bytes:
        """Write the value of an entry, or of one part of it. Raises Unavailable for the registry.

        Args:
            source: the published record; in a part that is not the first, without its bytes.
            fact: the event in it.
            posted: its verdict, and the legs of this part.
            judged: by what it was judged; by this process unless given.
            part: which part it is.
        """
        prefix, writer = self.open_writer()
        return prefix + writer.write_datum(source, fact, posted, judged or self.name_judge(source), part)

    def open_writer(self) -> tuple[bytes, EntryWriter]:
        """Return the bytes before the datum of an entry, and the writer of it. Raises Unavailable for the registry."""
        writer = self._entry_writer
        if writer is None:
            self._entry_prefix = make_prefix(self._ids.find_id(ENTRY))
            writer = self._entry_writer = EntryWriter()
        return self._entry_prefix, writer

    def encode_rejection(  # noqa: PLR0913, PLR0917 - a record's fields
        self,
        source: SourceRecord,
        code: str,
        message: str,
        fact: EventNames | None,
        judged: JudgedBy | None = None,
        original: Original | None = None,
    ) -> bytes:
        """Write the value of a rejection, its fields as ``make_rejection_record`` has them. Raises as ``encode_entry``
        does.
        """
        record = make_rejection_record(source, code, message, fact, judged or self.name_judge(source), original)
        return self._write_framed(REJECTION, record)

    def encode_stored(self, output: StoredOutput) -> bytes:
        """Write the value of an output that was read, or of one part of it, by the current schema: for who writes it
        anew. Raises Unavailable for the registry.
        """
        source, judged = output.source, output.judged
        if isinstance(output, StoredEntry):
            return self.encode_entry(source, output, output, judged, output.part)
        original = Original(output.original_size, output.original_digest)
        return self.encode_rejection(source, output.code, output.message, output, judged, original)

    def find_prefix(self, name: str) -> bytes:
        """Find the bytes before every datum of that record which the current schema wrote. Raises Unavailable for the
        registry.
        """
        return self._find_writer(name)[0]

    def _find_writer(self, name: str) -> tuple[bytes, Any]:
        framed = self._writers.get(name)
        if framed is None:
            framed = self._writers[name] = (make_prefix(self._ids.find_id(name)), read_plain(name))
        return framed

    def _write_framed(self, name: str, record: Record) -> bytes:
        prefix, schema = self._find_writer(name)
        stream = BytesIO()
        stream.write(prefix)
        schemaless_writer(stream, schema, record)
        return stream.getvalue()

    def _read_as(self, name: str, value: bytes | None, headers: WireHeaders) -> Record:
        try:
            plan, record = self._read_record(value, headers)
        except Rejected as error:
            if error.code == Code.UNKNOWN_SCHEMA:
                trouble = explain_own(self._ids, locate_datum(value or b"", headers)[0], name, value)
                raise trouble or error from None
            raise
        if plan.name != name:
            raise Rejected(Code.UNKNOWN_SCHEMA, "The value is another record than this topic holds.")
        return record

    def _read_record(self, value: bytes | None, headers: WireHeaders) -> tuple[ReadingPlan, Record]:
        if value is None:
            raise Rejected(Code.UNDECODABLE, NO_VALUE)
        reference, start = locate_datum(value, headers)
        plan = self._plans.get(reference) or self._find_plan(reference)
        return plan, plan.read_record(value, start)

    def _locate_record(self, value: bytes | None, headers: WireHeaders) -> tuple[ReadingPlan, int]:
        if value is None:
            raise Rejected(Code.UNDECODABLE, NO_VALUE)
        reference, start = locate_datum(value, headers)
        return self._plans.get(reference) or self._find_plan(reference), start

    def _find_plan(self, reference: Reference) -> ReadingPlan:
        writer = self._ids.find_writer(reference)
        if writer is None:
            raise Rejected(Code.UNKNOWN_SCHEMA, self._ids.explain_absence(reference))
        return self._plans.setdefault(reference, make_plan(writer, self._chains))


def _explain_unrecognised(symbols: tuple[str, ...], record: Record) -> str:
    fields = ", ".join(name for name in symbols if record[name] == UNRECOGNISED)
    return f"{fields}: not a symbol that this ledger knows; send one of the vocabulary, or upgrade the ledger first."
