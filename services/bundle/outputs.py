"""Outputs in a bundle: containers by topic, partition and writer's schema, and beside each what Kafka held of it.

``entries/0.aa4a1e2c524e.avro`` holds the datums of ``soc.entries`` partition 0 that the schema of that fingerprint
wrote, byte for byte, in order; ``entries/0.aa4a1e2c524e.frames.avro`` has a record for each of them: its offset, when
the broker appended it, what stood before the datum, key and headers. What is held back for want of anything in the
period stands in ``withheld/0.txt`` by its positions: the one that it is of, and the one that it joins on to.
"""

from collections import Counter
from io import BytesIO
from typing import Any, Final, NamedTuple

from fastavro import schemaless_writer

from audit.topic_reader import TopicRecord
from infra.topics import ENTRIES, REJECTED
from ledger.entries import Leg
from ledger.facts import Day
from schemas.containers import DatumWriter
from schemas.definitions import Schema, parse_plain
from schemas.stored import StoredEntry, StoredOutput
from schemas.wire import Reference, locate_datum
from seals.leaves import hash_output
from services.bundle.directory import BundleDirectory

FOLDERS: Final = {ENTRIES: "entries", REJECTED: "rejected"}
WITHHELD: Final = "withheld"
SHORT: Final = 12  # of a fingerprint, in a file's name
FRAME: Final[Schema] = {
    "type": "record",
    "name": "Frame",
    "namespace": "uk.police.soc.bundle.v1",
    "doc": "What Kafka held of a record beside its datum.",
    "fields": [
        {"name": "offset", "type": "long", "doc": "In its topic and partition."},
        {"name": "appended_at", "type": "long", "doc": "Milliseconds since 1970, by the broker's clock."},
        {"name": "prefix", "type": "bytes", "doc": "What stood before the datum: the schema's id."},
        {"name": "key", "type": ["null", "bytes"], "doc": "The key."},
        {
            "name": "header_names",
            "type": {"type": "array", "items": "string"},
            "doc": "Names of the headers, in order.",
        },
        {
            "name": "header_values",
            "type": {"type": "array", "items": ["null", "bytes"]},
            "doc": "Values of the headers, in order.",
        },
    ],
}


class WrittenBy(NamedTuple):
    """The schema that wrote a record, as data, and its fingerprint."""

    schema: Schema
    fingerprint: str


class BundledRecord(NamedTuple):
    """One record of a topic, and its datum."""

    record: TopicRecord
    datum: bytes


class BundledOutput(NamedTuple):
    """One output of a position: an entry with all its parts, or a rejection.

    Attributes:
        topic: ``soc.entries`` or ``soc.rejected``.
        written: by which schema.
        records: its parts, in order.
        content: what it says, whole.
    """

    topic: str
    written: WrittenBy
    records: tuple[BundledRecord, ...]
    content: StoredOutput

    def hash_leaf(self) -> bytes:
        """Hash its leaf of the log."""
        return hash_output(self.topic, self.written.fingerprint, [one.datum for one in self.records])


class BundlePeriod(NamedTuple):
    """Event dates that a bundle is about, both included."""

    first: Day
    last: Day

    def has_leg(self, leg: Leg) -> bool:
        """Tell whether a leg is of the period."""
        return self.first <= leg.account.event_date <= self.last

    def has_output(self, content: StoredOutput) -> bool:
        """Tell whether an output is held: every rejection, since none has a date that can be relied on."""
        return not isinstance(content, StoredEntry) or any(map(self.has_leg, content.legs))


class _ContainerPair(NamedTuple):
    """A container and the one of its frames."""

    datums: DatumWriter
    frames: DatumWriter


class ContainerFiles:
    """Containers with their frames, written as records come."""

    def __init__(self, directory: BundleDirectory) -> None:
        self._directory = directory
        self._pairs: dict[str, _ContainerPair] = {}
        self._plain_frame: Any = parse_plain(FRAME)
        self.schemas: dict[str, Schema] = {}

    def add_record(self, folder: str, partition: int, written: WrittenBy, found: BundledRecord) -> None:
        """Add a record to the container of its partition and schema."""
        pair = self._open_pair(f"{folder}/{partition}.{written.fingerprint[:SHORT]}", written)
        pair.datums.add_datum(found.datum)
        pair.frames.add_datum(write_frame(found, self._plain_frame))

    def close_files(self) -> None:
        """Write what is held back in memory, and close every file: nothing more comes for those that were open."""
        for pair in self._pairs.values():
            pair.datums.flush()
            pair.frames.flush()
        self._pairs.clear()
        self._directory.close_files()

    def _open_pair(self, name: str, written: WrittenBy) -> _ContainerPair:
        pair = self._pairs.get(name)
        if pair is None:
            self.schemas[written.fingerprint] = written.schema
            datums = DatumWriter(self._directory.open_file(f"{name}.avro"), written.schema)
            frames = DatumWriter(self._directory.open_file(f"{name}.frames.avro"), FRAME)
            pair = self._pairs[name] = _ContainerPair(datums, frames)
        return pair


class OutputFiles:
    """The files of the outputs, and what they name.

    Attributes:
        rules: digests of the rules that judged them.
        events: by fingerprint of the schema that wrote an event, how one of them names it.
        counts: by topic, and of those held back, how many.
    """

    def __init__(self, directory: BundleDirectory, containers: ContainerFiles, period: BundlePeriod | None) -> None:
        self._directory = directory
        self._containers = containers
        self._period = period
        self.rules: set[str] = set()
        self.events: dict[str, Reference] = {}
        self.counts: Counter[str] = Counter({ENTRIES: 0, REJECTED: 0, WITHHELD: 0})

    def add_output(self, output: BundledOutput) -> None:
        """Add an output, or its positions where it is held back."""
        source = output.content.source
        if self._period is not None and not self._period.has_output(output.content):
            line = f"{source.offset} {source.previous_offset}\n"
            self._directory.open_file(f"{WITHHELD}/{source.partition}.txt").write(line.encode())
            self.counts[WITHHELD] += 1
            return
        self.counts[output.topic] += 1
        self._note_names(output.content)
        for record in output.records:
            self._containers.add_record(FOLDERS[output.topic], source.partition, output.written, record)

    def _note_names(self, content: StoredOutput) -> None:
        self.rules.add(content.judged.rules_digest)
        fingerprint, source = content.judged.schema_fingerprint, content.source
        if fingerprint and fingerprint not in self.events and source.value is not None:
            self.events[fingerprint] = locate_datum(source.value, source.headers)[0]


def write_frame(found: BundledRecord, plain: Any) -> bytes:
    """Write the datum of a frame."""
    record, value = found.record, found.record.value or b""
    stream = BytesIO()
    fields = {
        "offset": record.offset,
        "appended_at": record.appended_at,
        "prefix": value[: len(value) - len(found.datum)],
        "key": record.key,
        "header_names": [name for name, _ in record.headers],
        "header_values": [held for _, held in record.headers],
    }
    schemaless_writer(stream, plain, fields)
    return stream.getvalue()
