"""The topics: made once with their fixed configuration, and held to it ever after."""

import time
from collections.abc import Iterable
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, OffsetSpec, ResourceType

from infra.client_errors import DiagnosingAdminClient
from infra.settings import Settings
from infra.topic_identity import describe_added_partitions
from infra.topics import ALL, CLOCK, KEPT_FOR_EVER, PUBLISHED, choose_replication, configure_topic, select_held
from ledger.errors import Misuse, Unavailable

CALL_TIMEOUT_SECONDS = 30.0
SETTLE_TIMEOUT_SECONDS = 10.0  # a broker learns of a new topic a moment after the controller has made it
POLL_SECONDS = 0.02


def create_topics(settings: Settings) -> None:
    """Make the topics that are missing; hold those that exist to their configuration and count of partitions.

    Raises:
        Misuse: an existing topic differs; the message names it, the difference and the remedy.
        Unavailable: the broker did not answer.
    """
    missing = create_missing(settings)
    verify_topics(settings)
    if missing:
        await_answers(settings)


def create_missing(settings: Settings) -> list[str]:
    """Make the topics that are missing, and name them. Raises Unavailable."""
    client = build_admin_client(settings)
    metadata = _call_broker(lambda: client.list_topics(timeout=CALL_TIMEOUT_SECONDS))
    brokers = len(metadata.brokers)
    missing = [_describe_topic(name, settings.partitions, brokers) for name in ALL if name not in metadata.topics]
    if missing:
        _await_futures(
            client.create_topics(missing, operation_timeout=CALL_TIMEOUT_SECONDS),
            allowed=KafkaError.TOPIC_ALREADY_EXISTS,
        )
    return [str(one.topic) for one in missing]


def verify_topics(settings: Settings) -> None:
    """Hold the topics to their configuration and count of partitions; changes nothing."""
    hold_partitions(settings)
    brokers = count_brokers(settings)
    for name, found in _read_configurations(settings, ALL).items():
        _hold_configuration(name, found, select_held(name, configure_topic(name, brokers)))


def count_brokers(settings: Settings) -> int:
    """Count the brokers of the cluster. Raises Unavailable."""
    client = build_admin_client(settings)
    return len(_call_broker(lambda: client.list_topics(timeout=CALL_TIMEOUT_SECONDS)).brokers)


def hold_clock(settings: Settings) -> None:
    """Hold ``soc.published`` to the broker's own append times, and to be kept for ever: ledger time rests on both.

    Raises:
        Misuse: it is set otherwise; the message says what to set.
        Unavailable: the broker did not answer.
    """
    for name, found in _read_configurations(settings, (PUBLISHED,)).items():
        _hold_configuration(name, found, KEPT_FOR_EVER)


def read_clocks(settings: Settings, names: Iterable[str]) -> dict[str, str]:
    """Read whose clock each topic has: ``LogAppendTime`` is the broker's. Raises Unavailable."""
    return {name: found[CLOCK] for name, found in _read_configurations(settings, names).items()}


def _read_configurations(settings: Settings, names: Iterable[str]) -> dict[str, dict[str, str]]:
    client = build_admin_client(settings)
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    futures = client.describe_configs(resources, request_timeout=CALL_TIMEOUT_SECONDS)
    return {
        resource.name: {key: entry.value for key, entry in _call_broker(future.result).items()}
        for resource, future in futures.items()
    }


def hold_partitions(settings: Settings, names: Iterable[str] = ALL) -> None:
    """Hold the topics to the settings' count of partitions: by another count every event would look misrouted.

    Raises:
        Misuse: a topic is missing or has another count; the message names it and the remedy.
        Unavailable: the broker did not answer.
    """
    client = build_admin_client(settings)
    _hold_counts({name: _await_leaders(client, name) for name in names}, settings.partitions)


def read_topic_ids(settings: Settings, names: Iterable[str] = ALL) -> dict[str, str]:
    """Return each topic's identity: a topic deleted and made again has another one, and starts at offset 0."""
    wanted = list(names)
    client = build_admin_client(settings)  # kept until the answers are in: its end cancels them
    futures = client.describe_topics(TopicCollection(wanted), request_timeout=CALL_TIMEOUT_SECONDS)
    return {name: str(_call_broker(future.result).topic_id) for name, future in futures.items()}


def count_partitions(settings: Settings, topic: str, seconds: float = CALL_TIMEOUT_SECONDS) -> int:
    """Return how many partitions the topic has on the broker."""
    metadata = _call_broker(lambda: build_admin_client(settings).list_topics(topic, timeout=seconds))
    found = metadata.topics[topic]
    if found.error is not None:
        raise Misuse(f"topic {topic} is not there: `disruptions up` makes it, or infra.topic_admin.create_topics")
    return len(found.partitions)


def hold_partition(settings: Settings, topic: str, partition: int) -> None:
    """Hold that the topic has the partition. Raises Misuse, and Unavailable."""
    count = count_partitions(settings, topic)
    if partition >= count:
        raise Misuse(f"no partition {partition}: {topic} has {count}, numbered from 0")


def delete_topics(settings: Settings, names: Iterable[str] = ALL) -> None:
    """Delete the topics that exist, for tests and for throwing a laptop's ledger away."""
    client = build_admin_client(settings)
    wanted = list(names)
    _await_futures(
        client.delete_topics(wanted, operation_timeout=CALL_TIMEOUT_SECONDS), allowed=KafkaError.UNKNOWN_TOPIC_OR_PART
    )
    deadline = time.monotonic() + CALL_TIMEOUT_SECONDS
    while any(name in _call_broker(lambda: client.list_topics(timeout=CALL_TIMEOUT_SECONDS)).topics for name in wanted):
        if time.monotonic() > deadline:
            raise Unavailable(f"the broker still lists deleted topics after {CALL_TIMEOUT_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)


def delete_groups(settings: Settings) -> None:
    """Forget every consumer group, for tests: old offsets would point past a new topic's end.

    Whoever has left is a member for as long as its session where the broker did not hear it leave: it is waited for.
    """
    client, deadline = build_admin_client(settings), time.monotonic() + SETTLE_TIMEOUT_SECONDS
    listed = _call_broker(lambda: client.list_consumer_groups(request_timeout=CALL_TIMEOUT_SECONDS).result())
    names = [group.group_id for group in listed.valid]
    while names:
        futures = client.delete_consumer_groups(names)
        names = [name for name in names if not _is_forgotten(futures[name], patient=time.monotonic() < deadline)]
        time.sleep(POLL_SECONDS if names else 0)


def _is_forgotten(future: Any, *, patient: bool) -> bool:
    """Tell whether a group is gone; False where it has members that may leave yet. Raises Unavailable."""
    try:
        future.result(CALL_TIMEOUT_SECONDS)
    except KafkaException as error:
        if error.args[0].code() == KafkaError.NON_EMPTY_GROUP and patient:
            return False
        if error.args[0].code() != KafkaError.GROUP_ID_NOT_FOUND:
            raise Unavailable(f"group: {error.args[0].str()}") from error
    return True


def build_admin_client(settings: Settings) -> AdminClient:
    """Return an admin client of the settings' broker."""
    return DiagnosingAdminClient(settings.build_kafka_options())


def _describe_topic(name: str, partitions: int, brokers: int) -> NewTopic:
    return NewTopic(
        name,
        num_partitions=partitions,
        replication_factor=choose_replication(brokers),
        config=configure_topic(name, brokers),
    )


def _await_leaders(client: AdminClient, name: str) -> int:
    """Return the topic's partitions once each has a leader; 0 when there is no such topic."""
    deadline = time.monotonic() + SETTLE_TIMEOUT_SECONDS
    while True:
        found = _call_broker(lambda: client.list_topics(name, timeout=CALL_TIMEOUT_SECONDS)).topics[name]
        led = found.error is None and all(partition.leader >= 0 for partition in found.partitions.values())
        if led or time.monotonic() > deadline:
            return len(found.partitions)
        time.sleep(POLL_SECONDS)


def await_answers(settings: Settings) -> None:
    """Return once every partition answers: a leader is named a moment before it is ready to lead."""
    client, numbers = build_admin_client(settings), range(settings.partitions)
    asked = {TopicPartition(name, number): OffsetSpec.latest() for name in ALL for number in numbers}
    deadline = time.monotonic() + SETTLE_TIMEOUT_SECONDS
    while True:
        try:
            for future in client.list_offsets(asked, request_timeout=CALL_TIMEOUT_SECONDS).values():
                future.result(CALL_TIMEOUT_SECONDS)
        except (KafkaException, TimeoutError) as error:
            if time.monotonic() > deadline:
                raise Unavailable(f"new topics do not answer: {_tell_error(error)}") from error
            time.sleep(POLL_SECONDS)
        else:
            return


def _hold_counts(found: dict[str, int], wanted: int) -> None:
    """Hold the counts to each other, and then to the settings: partitions are only ever added, the smallest was first.

    Where topics have different counts no setting is right, so none is advised.
    """
    began = min(found.values())
    if not began:
        missing = ", ".join(name for name, count in found.items() if not count)
        raise Misuse(f"topic {missing} is not there: `disruptions up` makes it, or infra.topic_admin.create_topics")
    for name, count in found.items():
        if count != began:
            raise describe_added_partitions(name, began, count)
    if began != wanted:
        raise Misuse(
            f"topic {next(iter(found))} has {began} partitions, the settings say {wanted}: set "
            f"DISRUPTIONS_PARTITIONS={began} if the ledger began with so many (partitions are never added: a threat's "
            "story would be split)"
        )


def _hold_configuration(name: str, found: dict[str, str], wanted: dict[str, str]) -> None:
    for key, value in wanted.items():
        if found.get(key) != value:
            raise Misuse(
                f"topic {name} has {key}={found.get(key)}, the ledger needs {value}: "
                f"kafka-configs --alter --topic {name} --add-config {key}={value}"
            )


def _await_futures(futures: dict[str, Any], *, allowed: int) -> None:
    for name, future in futures.items():
        try:
            future.result(CALL_TIMEOUT_SECONDS)
        except KafkaException as error:
            if error.args[0].code() != allowed:
                raise Unavailable(f"topic {name}: {_tell_error(error)}") from error
        except TimeoutError as error:
            raise Unavailable(f"topic {name}: {_tell_error(error)}") from error


def _call_broker(call: Any) -> Any:
    try:
        return call()
    except (KafkaException, TimeoutError) as error:
        raise Unavailable(f"the broker did not answer: {_tell_error(error)}") from error


def _tell_error(error: KafkaException | TimeoutError) -> str:
    """Tell what the client says; its futures may run into their time limit before it says anything."""
    return str(error.args[0].str()) if isinstance(error, KafkaException) else "nothing in time"
