"""Messages that no publisher of ours makes, sent straight to the broker by a plain client."""

import copy
import json
from io import BytesIO
from typing import Any

import msgspec
from confluent_kafka import Producer
from fastavro import parse_schema, schemaless_writer

from infra.partitioning import place_key
from infra.settings import Settings
from infra.topics import PUBLISHED
from ledger.events import DisruptionEvent
from schemas.codec import Codec
from schemas.confluent import ConfluentIds
from schemas.conversion import make_fact
from schemas.definitions import DISRUPTION, read_definition
from schemas.registry import connect_registry
from tests.live.cli_events import Record, make_disruption
from tests.patience import PATIENCE_SECONDS

KEY = b"T-OCG"
FRAME_BYTES = 5
CODES = ["UNDECODABLE", "UNDECODABLE", "UNKNOWN_SCHEMA", "UNRECOGNISED_VALUE", "KEY_MISMATCH", "MISROUTED"]


def publish_raw(settings: Settings, registry_url: str, partitions: int) -> None:
    """One message for each of ``CODES``, acknowledged."""
    ids = ConfluentIds(registry_url)
    event = make_event(make_disruption(101, "R-101", "2022-01-01", "2022-01-02"))
    good = Codec(connect_registry(registry_url)).encode_fact(make_fact(event))
    producer = Producer(settings.build_kafka_options() | {"partitioner": "murmur2_random", "acks": "all"})
    producer.produce(PUBLISHED, b"not Avro at all", KEY)
    producer.produce(PUBLISHED, None, KEY)
    producer.produce(PUBLISHED, b"\x00" + (123456).to_bytes(4, "big") + good[FRAME_BYTES:], KEY)
    producer.produce(PUBLISHED, encode_newer(ids), KEY)
    producer.produce(PUBLISHED, good, b"T-OTHER")
    home = place_key(KEY, partitions)
    producer.produce(PUBLISHED, good, KEY, partition=(home + 1) % partitions)
    assert producer.flush(PATIENCE_SECONDS) == 0


def encode_newer(ids: ConfluentIds) -> bytes:
    """A value by a publisher whose schema, which the registry took, has a pillar that this ledger does not know."""
    newer = copy.deepcopy(dict(read_definition(DISRUPTION)))
    (pillar,) = (field["type"] for field in newer["fields"] if field["name"] == "pillar")
    pillar["symbols"] = ["DETER", *pillar["symbols"]]
    newer_id = ids.register_schema(DISRUPTION, json.dumps(newer))
    record = {
        "benefits": None,
        "activity_ref": None,
        "tags": [],
        "plan_ref": None,
        "reason": None,
        "source_system": None,
    }
    record |= {"entry_route": "DIRECT"} | make_plain(
        make_disruption(102, "R-102", "2022-01-01", "2022-01-02", pillar="DETER")
    )
    stream = BytesIO()
    schemaless_writer(stream, parse_schema(newer), record)
    return b"\x00" + newer_id.to_bytes(4, "big") + stream.getvalue()


def make_event(record: Record) -> DisruptionEvent:
    """A record as a typed event."""
    return msgspec.convert(record, DisruptionEvent)


def make_plain(record: Record) -> dict[str, Any]:
    """A record with the dates and instants that Avro's logical types take."""
    typed = make_event(record | {"pillar": "PURSUE"})
    return record | {"event_date": typed.event_date, "entered_at": typed.entered_at}
