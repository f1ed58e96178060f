"""The floor of intake: confluent-kafka and fastavro by a plain reader schema. No fold, no output, no commit.

python -m bench.peers.floor    reads soc.published to its end; prints one line of JSON
"""

import json
import sys
import time
from io import BytesIO
from typing import Any

from confluent_kafka import Consumer, TopicPartition
from fastavro import parse_schema, schemaless_reader

from bench.peers.plain import CONSUMING
from infra.settings import load_settings
from infra.topics import PUBLISHED
from schemas.definitions import DISRUPTION, THREAT, read_definition, read_plain
from schemas.registry import pin_ids

BATCH_MESSAGES = 5_000


def main() -> None:
    """Decode everything once; say how it went on."""
    settings = load_settings()
    consumer = Consumer(settings.build_kafka_options() | CONSUMING | {"group.id": "bench-floor"})
    partitions = [TopicPartition(PUBLISHED, one, 0) for one in range(settings.partitions)]
    total = sum(consumer.get_watermark_offsets(one)[1] for one in partitions)
    consumer.assign(partitions)
    schemas = {pin_ids().find_id(name): _list_schemas(name) for name in (DISRUPTION, THREAT)}
    done, marks, started = 0, [], time.monotonic()
    while done < total:
        for message in consumer.consume(BATCH_MESSAGES, 0.1):
            value = message.value()
            writer, plain = schemas[int.from_bytes(value[1:5], "big")]
            schemaless_reader(BytesIO(value[5:]), writer, plain)
            done += 1
        marks.append((time.monotonic() - started, done, time.process_time()))
    print(json.dumps({"marks": marks, "total": total}))
    consumer.close()


def _list_schemas(name: str) -> tuple[Any, Any]:
    return (
        (parse_schema(read_definition(name)), read_plain(name)) if "--resolve" in sys.argv else (read_plain(name), None)
    )


if __name__ == "__main__":
    main()
