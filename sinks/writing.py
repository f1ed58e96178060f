"""Writing records into the tables, whole blocks at a time.

The order of effects, for every block of records of one schema:

1. ``arrivals``: their legs go into ``postings`` and ``threat_postings``, one atomic block each.
2. ``entries``: one atomic block. What shows an entry shows its postings.
3. Rejections go into ``rejected``.
4. A block that the engine finds wrong is halved until the wrong record is alone; that one is kept in ``unloadable``.
   An engine that is short of memory is not a wrong block: see ``sinks.faults``.

Anything may be written twice: every row is keyed by its source position. When all of it is there, the write tells what
it has stored (``sinks.coverage``), and only then hears anybody of it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec
import structlog
from clickhouse_connect.driver.exceptions import ClickHouseError

from infra.topics import ENTRIES
from ledger.errors import Unavailable
from schemas.definitions import ENTRY
from schemas.registry import SchemaIds
from sinks.block import RecordSchemas, SourcePosition
from sinks.faults import describe_fault, explain_refusal, is_about_block, is_about_memory
from sinks.store import Store
from sinks.told_legs import ChainedOutput

BLOCK_BYTES_MOST: Final = 48 * 1024 * 1024
UNLOADABLE_COLUMNS: Final = ["topic", "partition", "offset", "reason", "key", "value", "quarantined_at"]
TOLD_MOST: Final = 5_000  # records of one write; of more, the store is asked how far they reach
SETTINGS: Final = {
    "async_insert": 0,
    "input_format_null_as_default": 0,  # a null where none may be is an error, never a default
    "max_insert_block_size": 10_000_000,  # one block an insert, so that it is all or nothing
    "min_insert_block_size_rows": 10_000_000,
    "min_insert_block_size_bytes": 4 * 1024**3,
    "max_block_size": 10_000_000,
    "max_insert_threads": 1,
}
_log = structlog.get_logger("sinks.writing")


class OutputRecord(msgspec.Struct, frozen=True, gc=False):
    """One record of an output topic: where it lies there, and the source position that it is an output of."""

    topic: str
    partition: int
    offset: int
    source: SourcePosition
    schema_id: int
    value: bytes


class UnloadableRecord(NamedTuple):
    """A record that cannot be stored as what it is."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    reason: str


class BlockWriter:
    """Writes records of both output topics into one store."""

    def __init__(self, store: Store, ids: SchemaIds, writers: RecordSchemas) -> None:
        self._store = store
        self._writers = writers
        self._ids = ids
        self._current: int | None = None

    def write_records(self, records: Sequence[OutputRecord], bad: Sequence[UnloadableRecord]) -> list[UnloadableRecord]:
        """Write them, in their order within each topic; gives back what had to be set aside, ``bad`` included.

        Raises:
            Unavailable: the store refused for a reason of its own, or its answer was lost: the outcome is unknown.
        """
        aside = list(bad)
        with self._store.write_outputs({record.partition for record in records}) as write:
            for (topic, schema_id), run in groupby(records, key=attrgetter("topic", "schema_id")):
                for block in _cut_blocks(list(run)):
                    aside += self._write_block(topic, schema_id, block)
            if len(aside) == len(bad) and len(records) <= TOLD_MOST:
                write.tell_stored(self._list_stored(records))
        if aside:
            self._set_aside(aside)
        return aside

    def _list_stored(self, records: Sequence[OutputRecord]) -> list[ChainedOutput] | None:
        """List what the records say of the chain of outputs; None where one does not say it as usual."""
        read = self._writers.read_output
        listed = [read(one.topic, one.schema_id, one.value) for one in records]
        told = [one for one in listed if one is not None]
        return told if len(told) == len(records) else None

    def _write_block(self, topic: str, schema_id: int, records: Sequence[OutputRecord]) -> list[UnloadableRecord]:
        try:
            self._insert_block(topic, schema_id, records)
        except ClickHouseError as error:
            if not (is_about_block(error) or self._holds_bad_length(error, topic, schema_id, records)):
                raise explain_refusal(error, "the store did not take a block") from error
            return self._halve_block(topic, schema_id, records, describe_fault(error))
        except OSError as error:
            raise Unavailable(f"the store did not answer: {describe_fault(error)}") from error
        return []

    def _holds_bad_length(self, error: Exception, topic: str, schema_id: int, records: Sequence[OutputRecord]) -> bool:
        """Return whether memory ran out over a record that nobody can read, not for want of memory."""
        if not is_about_memory(error):
            return False
        return not all(self._writers.is_readable(topic, schema_id, record.value) for record in records)

    def _insert_block(self, topic: str, schema_id: int, records: Sequence[OutputRecord]) -> None:
        block = self._writers.build_container(topic, schema_id, [record.value for record in records])
        settings = SETTINGS | {"input_format_avro_allow_missing_fields": int(not self._is_current(topic, schema_id))}
        for table in ("arrivals", "entries") if topic == ENTRIES else ("rejected",):
            self._store.insert_avro(table, block, settings)

    def _is_current(self, topic: str, schema_id: int) -> bool:
        """Return whether the records have every field that the tables know; older writers may lack some."""
        if topic != ENTRIES:
            return False
        if self._current is None:
            self._current = self._ids.find_id(ENTRY)
        return schema_id == self._current

    def _halve_block(
        self, topic: str, schema_id: int, records: Sequence[OutputRecord], reason: str
    ) -> list[UnloadableRecord]:
        if len(records) == 1:
            one = records[0]
            return [UnloadableRecord(one.topic, one.partition, one.offset, b"", one.value, reason)]
        middle = len(records) // 2
        return self._write_block(topic, schema_id, records[:middle]) + self._write_block(
            topic, schema_id, records[middle:]
        )

    def _set_aside(self, aside: Sequence[UnloadableRecord]) -> None:
        now = datetime.now(UTC)
        rows = [[one.topic, one.partition, one.offset, one.reason, one.key, one.value, now] for one in aside]
        self._store.insert_rows("unloadable", UNLOADABLE_COLUMNS, rows)
        for one in aside:
            _log.error("unloadable", topic=one.topic, partition=one.partition, offset=one.offset, reason=one.reason)


def _cut_blocks(records: list[OutputRecord]) -> list[list[OutputRecord]]:
    """Cut the records into blocks of bounded size."""
    blocks: list[list[OutputRecord]] = [[]]
    size = 0
    for record in records:
        size += len(record.value)
        if size > BLOCK_BYTES_MOST and blocks[-1]:
            blocks.append([])
            size = len(record.value)
        blocks[-1].append(record)
    return blocks
