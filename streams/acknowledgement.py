"""Acknowledging a loss: one output with code LOST for each range of offsets that were deleted before they were judged.

The order of effects:

1. A transaction of the partition's own name is begun: whoever else acknowledges at the same time is fenced.
2. Nobody judges the partition: a worker says that it stands there, or no worker runs. Deleted records do not come back,
   so this stays true until the loss is acknowledged.
3. Where the outputs end is read again; it must be what was shown.
4. The outputs are written, and the transaction is committed. A standing worker finds them when it takes its partition.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition

from infra.groups import INTAKE_GROUP
from infra.settings import Settings
from infra.topic_admin import build_admin_client
from infra.topics import PUBLISHED, REJECTED
from ledger.entries import SourceRecord
from ledger.errors import Misuse, Unavailable
from ledger.vocabulary import Code
from methodology.rejection_sentences import SENTENCES
from schemas.codec import Codec
from schemas.registry import resolve_ids
from streams.chain import OutputChain
from streams.losses import STANDS
from streams.outputs import make_error_headers
from streams.recovery import Recovery

CALL_SECONDS: Final = 30.0
WRITE_SECONDS: Final = 30.0


class LostRange(NamedTuple):
    """Offsets of ``soc.published``, both included, that were deleted and that no output covers."""

    first: int
    last: int
    ledger_time: int
    """The greatest of the outputs before."""


def find_losses(settings: Settings, partition: int) -> list[LostRange]:
    """Find what was deleted before it was judged, in order; nothing where nothing was.

    Raises:
        Unavailable: the broker or the registry did not answer.
        Standstill: outputs are gone, or are not of this ``soc.published``.
    """
    recovery = Recovery(settings, Codec(resolve_ids(settings)))
    try:
        chain, low = recovery.trace_chain(partition)
    finally:
        recovery.close()
    return list(_list_ranges(chain, low))


def _list_ranges(chain: OutputChain, low: int) -> Iterator[LostRange]:
    while chain.covered < low - 1:
        lost = LostRange(chain.covered + 1, chain.find_gap_end(low - 1), chain.ledger_time)
        yield lost
        chain.add_output(chain.covered, lost.last, lost.ledger_time, None)
        list(chain.follow_links())


def acknowledge_losses(settings: Settings, partition: int, shown: list[LostRange], said: dict[str, str]) -> None:
    """Write the losses that were shown into the ledger, for ever.

    Args:
        settings: where the broker is.
        partition: of ``soc.published``.
        shown: what ``find_losses`` said.
        said: who, when and why, under the names of ``schemas.acknowledged``.

    Raises:
        Misuse: nothing is lost, a worker is at work on the partition, or somebody else acknowledged it.
        Unavailable: the broker did not answer; nothing was written.
    """
    with _open_transaction(settings, partition) as producer:
        _hold_nobody_judges(settings, partition, shown[0].first)
        if find_losses(settings, partition) != shown:
            raise Misuse(f"the loss of partition {partition} is another one now: run the command again")
        codec = Codec(resolve_ids(settings))
        for lost in shown:
            value, headers = _make_output(codec, partition, lost, said)
            producer.produce(REJECTED, value, None, partition, headers=headers)


def _make_output(codec: Codec, partition: int, lost: LostRange, said: dict[str, str]) -> tuple[bytes, Any]:
    headers = tuple((name, text.encode(errors="replace")) for name, text in said.items())
    source = SourceRecord(partition, lost.last, lost.first - 1, lost.ledger_time, None, None, headers)
    sentence = SENTENCES[Code.LOST]
    value = codec.encode_rejection(source, Code.LOST, sentence, None)
    return value, make_error_headers(PUBLISHED, source, "ACKNOWLEDGED", Code.LOST, sentence)


@contextmanager
def _open_transaction(settings: Settings, partition: int) -> Iterator[Producer]:
    name = f"disruption-ledger-acknowledge-loss-{partition}"
    producer = Producer(settings.build_kafka_options() | {"transactional.id": name, "acks": "all", "log_level": 2})
    try:
        producer.init_transactions(WRITE_SECONDS)
        producer.begin_transaction()
        yield producer
        producer.commit_transaction(WRITE_SECONDS)
    except KafkaException as error:
        if error.args[0].fatal():
            raise Misuse(
                f"somebody else acknowledges a loss of partition {partition}: look before trying again"
            ) from None
        raise Unavailable(
            f"the loss is not known to be written: {error.args[0].str()}; run the command again"
        ) from error


def _hold_nobody_judges(settings: Settings, partition: int, first: int) -> None:
    """Make sure that nothing of the partition is in flight, by the word of the group itself."""
    client = build_admin_client(settings)
    asked = [ConsumerGroupTopicPartitions(INTAKE_GROUP, [TopicPartition(PUBLISHED, partition)])]
    try:
        described = client.describe_consumer_groups([INTAKE_GROUP], request_timeout=CALL_SECONDS)[INTAKE_GROUP].result()
        if not described.members:
            return
        found = client.list_consumer_group_offsets(asked, request_timeout=CALL_SECONDS)[INTAKE_GROUP].result()
    except KafkaException as error:
        raise Unavailable(f"the workers' group cannot be asked: {error.args[0].str()}") from error
    said = {(one.partition, one.offset, one.metadata) for one in found.topic_partitions}
    if (partition, first, STANDS) not in said:
        raise Misuse(
            f"a worker is at work on partition {partition} and does not say that it stands at offset {first}: "
            "wait some seconds and run the command again, or stop the workers first"
        )


def say_when() -> str:
    """Say what time it is by this machine's clock, as an acknowledgement carries it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
