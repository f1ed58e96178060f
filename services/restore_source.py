"""What a lost cluster's topics held, by who has it still: records with the offsets at which they must lie.

Of the store everything is known but: the original of a record that was refused by size and digest, or by how it was
packed (a stand-in takes its place); how often an output was written (once is enough); when it was appended (its
event's ledger time is said instead); and the headers of traces.
"""

from collections.abc import Iterator
from typing import Final, Protocol

from audit.compare import PACKED
from infra.partitioning import place_key
from infra.topics import ALERTS, ENTRIES, PUBLISHED, REJECTED
from ledger.entries import SourceRecord
from ledger.errors import Misuse, Rejected
from ledger.identity import parse_event_id
from ledger.vocabulary import Code
from queries.stored_outputs import count_outputs, read_chain, read_entries, read_past, read_rejections
from schemas.alerts import encode_alert
from schemas.codec import NO_VALUE, Codec
from schemas.registry import SchemaIds
from schemas.restored import ORIGINAL_GONE
from schemas.stored import StoredEntry, StoredOutput, StoredRejection
from services.restore_plan import RestoredRecord
from sinks.alerts import read_alerts
from sinks.positions import find_frontiers
from sinks.store import Store
from streams.outputs import make_error_headers

RESTORED: Final = (ALERTS, ENTRIES, REJECTED, PUBLISHED)
"""In the order in which they are made: what is judged comes last."""
COUNT: Final = "set DISRUPTIONS_PARTITIONS to the ledger's count"
READ_BEFORE: Final = (Code.UNDECODABLE, Code.UNKNOWN_SCHEMA, Code.UNRECOGNISED_VALUE, *PACKED)


class RestoreSource(Protocol):
    """Who holds what the topics held."""

    @property
    def topics(self) -> tuple[str, ...]:
        """Those that it can give, in the order in which they are made: what is judged comes last."""
        ...

    def read_topic(self, topic: str, partition: int) -> Iterator[RestoredRecord]:
        """Read the records of a partition in the order of their offsets.

        Raises:
            Misuse: the source is not whole; the message says where.
            Unavailable: it did not answer.
        """
        ...

    def find_end(self, topic: str, partition: int) -> int:
        """Find before which offset the partition must be passed at least; what is restored may end later."""
        ...

    def count_records(self) -> int:
        """Count roughly how many records there are, to say how far it is."""
        ...

    def read_past(self, partition: int) -> Iterator[RestoredRecord]:
        """Read the originals of outputs past the first that is not there: they are to be judged again."""
        ...

    def find_low(self, partition: int) -> int:
        """Find before which offset records of ``soc.published`` had been deleted, and the loss acknowledged."""
        ...


class StoreSource:
    """The store.

    Args:
        partitions: how many the topics had; held against the keys.
    """

    topics: tuple[str, ...] = RESTORED

    def __init__(self, store: Store, ids: SchemaIds, partitions: int) -> None:
        self._store, self._ids, self._codec, self._partitions = store, ids, Codec(ids), partitions
        self._ends = {number: one.position for number, one in find_frontiers(store).items()}
        if max(self._ends, default=0) >= partitions:
            raise Misuse(
                f"the store holds partition {max(self._ends)}: set DISRUPTIONS_PARTITIONS to the ledger's count"
            )

    def read_topic(self, topic: str, partition: int) -> Iterator[RestoredRecord]:
        """Read the records of a partition, as ``RestoreSource`` says."""
        if topic == PUBLISHED:
            yield from self._read_published(partition)
        elif topic == ALERTS:
            yield from self._read_alerts() if partition == 0 else ()
        else:
            outputs = self._encode_entries(partition) if topic == ENTRIES else self._encode_rejections(partition)
            yield from (one._replace(offset=number) for number, one in enumerate(outputs))

    def find_end(self, topic: str, partition: int) -> int:
        """Find the end of what is known of ``soc.published``; other topics end with their last record."""
        return self._ends.get(partition, 0) if topic == PUBLISHED else 0

    def count_records(self) -> int:
        """Count each output, and the record that it is of."""
        return 2 * count_outputs(self._store)

    def read_past(self, partition: int) -> Iterator[RestoredRecord]:
        """Read what lies past the unbroken chain of stored outputs, in which no answer ever counted it."""
        past = read_past(self._store, partition, self._ends.get(partition, 0))
        return (make_published(one) for one in past if not is_gone(one))

    def find_low(self, partition: int) -> int:
        """Find the end of the last acknowledged loss."""
        rejections = read_rejections(self._store, partition, self._ends.get(partition, 0))
        return max((one.source.offset + 1 for one in rejections if one.code == Code.LOST), default=0)

    def _read_published(self, partition: int) -> Iterator[RestoredRecord]:
        for one in read_chain(self._store, partition, self._ends.get(partition, 0)):
            if isinstance(one, StoredEntry):
                self._hold_place(one.source)
            if not (isinstance(one, StoredRejection) and one.code == Code.LOST):
                yield make_published(one)

    def _hold_place(self, source: SourceRecord) -> None:
        if place_key(source.key or b"", self._partitions) != source.partition:
            what = f"partition {source.partition} holds threats that {self._partitions} partitions place elsewhere"
            raise Misuse(f"{what}: {COUNT}")

    def _encode_entries(self, partition: int) -> Iterator[RestoredRecord]:
        key: bytes | None = None
        event_id = ""
        for one in read_entries(self._store, partition, self._ends.get(partition, 0)):
            if one.part.part == 0:  # it alone has the original, and with it the key
                key, event_id = one.source.key, self._spell_event_id(one)
            value = self._codec.encode_stored(one._replace(event_id=event_id))
            yield RestoredRecord(0, one.source.ledger_time, key, value, ())

    def _spell_event_id(self, entry: StoredEntry) -> str:
        """Spell an event's id as its publisher did: the store keeps a UUID, and not the case of its letters."""
        try:
            said = self._codec.decode(entry.source.value, entry.source.headers).event_id
        except Rejected:  # the registry forgot its schema
            return entry.event_id
        return said if parse_event_id(said) == parse_event_id(entry.event_id) else entry.event_id

    def _encode_rejections(self, partition: int) -> Iterator[RestoredRecord]:
        for one in read_rejections(self._store, partition, self._ends.get(partition, 0)):
            headers = make_error_headers(PUBLISHED, one.source, _name_stage(one), one.code, one.message)
            value = self._codec.encode_stored(one)
            yield RestoredRecord(0, one.source.ledger_time, one.source.key, value, tuple(headers))

    def _read_alerts(self) -> Iterator[RestoredRecord]:
        for offset, alert in read_alerts(self._store):
            value = encode_alert(alert, self._ids)
            yield RestoredRecord(offset, alert.at, alert.subject.encode(), value, ())


def make_published(output: StoredOutput) -> RestoredRecord:
    """Make the record that an output is of; a stand-in where nobody kept it."""
    source = output.source
    headers = (*source.headers, (ORIGINAL_GONE, None)) if is_gone(output) else source.headers
    return RestoredRecord(source.offset, source.ledger_time, source.key, source.value, headers)


def is_gone(output: StoredOutput) -> bool:
    """Tell whether the record that an output is of is not in it whole."""
    if isinstance(output, StoredEntry):
        return False
    unread = output.code == Code.UNDECODABLE and output.source.value is None and output.message != NO_VALUE
    return output.original_digest is not None or output.code in PACKED or unread


def _name_stage(rejection: StoredRejection) -> str:
    """Name where it was rejected, as intake does."""
    if rejection.code == Code.LOST:
        return "ACKNOWLEDGED"
    return "VALUE_CONVERTER" if rejection.code in READ_BEFORE else "ADMISSION"
