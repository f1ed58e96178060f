"""What topics are, beside their names: their identity, their partitions, and what is still there of them."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from infra.metadata_refresh import refresh_metadata
from infra.topics import PUBLISHED
from ledger.errors import Misuse, Unavailable

CALL_TIMEOUT_SECONDS = 10.0

TopicPartitionPair = tuple[str, int]
"""A topic and one of its partitions."""


class Standstill(Misuse):
    """Nothing may be judged until somebody has done something.

    Args:
        what: is the matter; one sentence, without its full stop.
        remedy: what an operator does about it.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}. {remedy}")
        self.what = what
        self.remedy = remedy


class TopicIdentity(NamedTuple):
    """A topic that no later topic of the same name can be taken for."""

    topic_id: str
    partitions: int


def identify_topics(client: AdminClient, names: Iterable[str]) -> dict[str, TopicIdentity]:
    """Ask the broker what the topics are now; one that is not there has an empty id and no partitions.

    Raises:
        Unavailable: the broker did not answer.
    """
    futures = client.describe_topics(TopicCollection(list(names)), request_timeout=CALL_TIMEOUT_SECONDS)
    return {name: _read_identity(future) for name, future in futures.items()}


def _read_identity(future: Any) -> TopicIdentity:
    try:
        found = future.result(CALL_TIMEOUT_SECONDS)
    except KafkaException as error:
        if error.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return TopicIdentity("", 0)
        raise Unavailable(f"the broker did not answer: {error.args[0].str()}") from error
    except TimeoutError as error:
        raise Unavailable("the broker did not answer in time") from error
    return TopicIdentity(str(found.topic_id), len(found.partitions))


def hold_identities(known: Mapping[str, TopicIdentity], found: Mapping[str, TopicIdentity]) -> None:
    """Make sure that the topics are those that were known.

    Raises:
        Standstill: a topic was deleted, was made again, or has another count of partitions now.
    """
    other = [name for name in known if found[name].topic_id != known[name].topic_id]
    if other:
        raise describe_other_topics(other)
    for name, before in known.items():
        if found[name].partitions != before.partitions:
            raise describe_added_partitions(name, before.partitions, found[name].partitions)


def find_other_topics(known: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Name the topics whose ids are others than those that were known; what was not known is no other."""
    return sorted(name for name, one in found.items() if known.get(name, one) != one)


def describe_other_topics(names: Iterable[str]) -> Standstill:
    """Say which topics are not the ones of before, and what to do about it."""
    return Standstill(
        f"topic {', '.join(names)} is not the one of before: it was deleted, or deleted and made again. "
        "Nothing is judged or passed over",
        "Stop the workers and the service; put the topics back from their copies, or begin a new ledger "
        "(all topics made anew, another state directory) and publish again",
    )


def describe_added_partitions(name: str, before: int, now: int) -> Standstill:
    """Say that partitions were added, and the one remedy that works."""
    since = (
        "publishers place keys by the new count since"
        if name == PUBLISHED
        else "an output lies in the partition of its event, so nothing may ever lie in them"
    )
    return Standstill(
        f"topic {name} has {now} partitions, this ledger began with {before}: partitions were added. They cannot "
        f"be taken away, and {since}. Nothing more is judged, no setting mends it",
        "Stop the publishers; begin a new ledger (all topics made anew, another state directory, "
        f"DISRUPTIONS_PARTITIONS as you want it) and publish into it what {PUBLISHED} holds, oldest first",
    )


def find_lows(client: AdminClient, places: Iterable[TopicPartitionPair]) -> dict[TopicPartitionPair, int]:
    """Ask for the low watermarks: the first offset that is still there, of each place.

    Raises:
        Unavailable: the broker did not answer.
    """
    return _ask_offsets(client, places, OffsetSpec.earliest())


def find_highs(
    client: AdminClient, places: Iterable[TopicPartitionPair], seconds: float = CALL_TIMEOUT_SECONDS
) -> dict[TopicPartitionPair, int]:
    """Ask for the high watermarks: the offset after the last one, of each place. Raises as ``find_lows`` does."""
    return _ask_offsets(client, places, OffsetSpec.latest(), seconds)


def find_stable_ends(
    client: AdminClient, places: Iterable[TopicPartitionPair], seconds: float = CALL_TIMEOUT_SECONDS
) -> dict[TopicPartitionPair, int]:
    """Ask for the last stable offsets: no transaction is open before them. Raises as ``find_lows`` does."""
    return _ask_offsets(client, places, OffsetSpec.latest(), seconds, isolation_level=IsolationLevel.READ_COMMITTED)


def _ask_offsets(
    client: AdminClient,
    places: Iterable[TopicPartitionPair],
    wanted: OffsetSpec,
    seconds: float = CALL_TIMEOUT_SECONDS,
    **options: IsolationLevel,
) -> dict[TopicPartitionPair, int]:
    asked = {TopicPartition(topic, partition): wanted for topic, partition in places}
    try:
        futures = client.list_offsets(asked, request_timeout=seconds, **options)
        return {(at.topic, at.partition): int(one.result(seconds).offset) for at, one in futures.items()}
    except KafkaException as error:
        refresh_metadata(client)
        raise Unavailable(f"the broker did not answer: {error.args[0].str()}") from error
    except TimeoutError as error:
        raise Unavailable("the broker did not answer in time") from error
