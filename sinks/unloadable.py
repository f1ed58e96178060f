"""Records of the output topics that the store did not take: kept with their bytes, counted, and loaded again on demand.

What is there may be garbage that somebody else wrote, or a good record that met a fault of the store's or of an earlier
version. Loading again is safe at any time: rows are keyed by position.
"""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any, NamedTuple

from infra.topic_identity import TopicPartitionPair
from schemas.registry import SchemaIds
from sinks.block import RecordSchemas, UnreadableRecord
from sinks.closings import forget_closings
from sinks.store import Store
from sinks.writing import BlockWriter, OutputRecord

_LISTING = """
SELECT topic, partition, offset, reason, quarantined_at FROM unloadable FINAL ORDER BY topic, partition, offset
"""
_COUNT = "SELECT count() AS n FROM unloadable FINAL"
_ASIDE = """
SELECT topic, partition, offset AS aside FROM unloadable FINAL
WHERE (topic, partition) IN arrayZip({topics:Array(String)}, {partitions:Array(Int32)})
AND offset >= {from:Int64}
"""
_ONE = """
SELECT base64Encode(value) AS encoded FROM unloadable FINAL
WHERE topic = {topic:String} AND partition = {partition:Int32} AND offset = {offset:Int64}
"""
_FORGET = """
DELETE FROM unloadable WHERE topic = {topic:String} AND partition = {partition:Int32} AND offset = {offset:Int64}
"""


class LoadedAgain(NamedTuple):
    """How many records were loaded, and how many the store still does not take."""

    loaded: int
    left: int


def count_unloadable(store: Store) -> int:
    """Count what was set aside. Raises Unavailable."""
    found: int = store.query(_COUNT)[0]["n"]
    return found


def find_set_aside(store: Store, starts: Mapping[TopicPartitionPair, int]) -> dict[TopicPartitionPair, set[int]]:
    """Find which records of some places were set aside, from where the first starts on. Raises Unavailable."""
    asked = {
        "topics": [topic for topic, _ in starts],
        "partitions": [partition for _, partition in starts],
        "from": min(starts.values(), default=0),
    }
    found: dict[TopicPartitionPair, set[int]] = {}
    for row in store.query(_ASIDE, asked):
        found.setdefault((row["topic"], row["partition"]), set()).add(row["aside"])
    return found


def load_again(store: Store, ids: SchemaIds) -> LoadedAgain:
    """Try every record that was set aside once more; what the store takes now is no longer kept aside.

    Raises:
        Unavailable: the store or the registry did not answer; what was loaded until then is loaded.
    """
    writers = RecordSchemas(ids)
    writing = BlockWriter(store, ids, writers)
    loaded = 0
    for row in store.query(_LISTING):
        place = {name: row[name] for name in ("topic", "partition", "offset")}
        if _load_one(store, writers, writing, place):
            store.query(_FORGET, place)
            loaded += 1
    return LoadedAgain(loaded, count_unloadable(store))


def _load_one(store: Store, writers: RecordSchemas, writing: BlockWriter, place: dict[str, Any]) -> bool:
    found = store.query(_ONE, place)
    if not found:  # somebody else has loaded it meanwhile
        return False
    value = b64decode(found[0]["encoded"])
    try:
        schema_id, source = writers.read_position(place["topic"], place["partition"], value)
    except UnreadableRecord:
        return False
    aside = writing.write_records([OutputRecord(**place, source=source, schema_id=schema_id, value=value)], [])
    forget_closings(store, {place["partition"]: source.offset})  # it may say another thing of a position that was held
    return not aside
