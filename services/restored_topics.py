"""The topics of a restore: made with the publisher's clock, so that records carry their old times, until all is there.

While ``soc.published`` keeps that clock the restore is under way, and no worker starts: it holds the topic to the
broker's clock. Batches written before the clock is set keep their times, and the mark that a publisher gave them. Which
topics are a restore's own is told by their identities, in a file of the state directory: nothing else is ever emptied.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource

from infra.groups import ALERTS_GROUP, INTAKE_GROUP, LOADER_GROUP
from infra.settings import Settings
from infra.topic_admin import (
    await_answers,
    build_admin_client,
    count_brokers,
    create_missing,
    delete_topics,
    hold_partitions,
    read_clocks,
    read_topic_ids,
)
from infra.topic_identity import TopicPartitionPair, find_highs, find_lows, identify_topics
from infra.topics import ALERTS, CLOCK, ENTRIES, PUBLISHED, REJECTED, configure_topic
from ledger.bounds import LARGEST_OUTPUT_BYTES
from ledger.errors import Misuse, Unavailable
from services.restore_mark import RestoreMark

CALL_SECONDS: Final = 30.0
OWN_CLOCK, BROKERS_CLOCK = "CreateTime", "LogAppendTime"
LARGEST: Final = "max.message.bytes"
GROUPS: Final = {INTAKE_GROUP: (PUBLISHED,), LOADER_GROUP: (ENTRIES, REJECTED), ALERTS_GROUP: (ALERTS,)}
RETRY_SECONDS: Final = 0.2


class RestoredTopics:
    """The topics of one cluster that a restore makes, ``soc.published`` the last of them."""

    def __init__(self, settings: Settings, mark: RestoreMark, topics: tuple[str, ...]) -> None:
        self._names = topics
        self._settings = settings
        self._admin = build_admin_client(settings)
        self._mark = mark

    def hold_alone(self) -> None:
        """Make sure that no worker, loader or judge of alerts is at work. Raises Misuse, Unavailable."""
        there = _await_answer(lambda: self._admin.list_consumer_groups(request_timeout=CALL_SECONDS).result(), "groups")
        names = [one.group_id for one in there.valid if one.group_id in GROUPS]
        described = self._admin.describe_consumer_groups(names, request_timeout=CALL_SECONDS) if names else {}
        for name, future in described.items():
            members = _await_answer(future.result, f"the group {name}").members
            if members:
                raise Misuse(f"{len(members)} members of {name} are at work: stop workers and service, then restore")

    def prepare_topics(self) -> None:
        """Make the topics, or take up those that an earlier restore of this state directory began.

        Raises:
            Misuse: a topic holds records that no restore of this directory wrote.
            Unavailable: the broker did not answer.
        """
        self._make_missing()
        ids, known = read_topic_ids(self._settings, self._names), self._mark.topics
        holding = [name for name in self._names if known.get(name) != ids[name] and self._holds_records(name)]
        if holding:
            raise Misuse(
                f"topic {', '.join(holding)} holds records: a restore writes into empty topics alone. Where they are "
                "the ledger, `disruptions audit replay` looks at them; where they are nothing, delete them first"
            )
        self._mark.note_topics(ids)
        for name in self._names:
            if not self._holds_records(name):
                self._begin_topic(name)

    def is_over(self) -> bool:
        """Tell whether an earlier restore of this directory gave the clock back already. Raises Unavailable."""
        known = self._mark.topics
        found = identify_topics(self._admin, [PUBLISHED])[PUBLISHED].topic_id
        if not known or known.get(PUBLISHED) != found:
            return False
        return self._holds_records(PUBLISHED) and self._has_brokers_clock(PUBLISHED)

    def _make_missing(self) -> None:
        if create_missing(self._settings):
            await_answers(self._settings)
        hold_partitions(self._settings)

    def _begin_topic(self, topic: str) -> None:
        self._set_configuration(topic, {CLOCK: OWN_CLOCK, LARGEST: str(LARGEST_OUTPUT_BYTES)})

    def _has_brokers_clock(self, topic: str) -> bool:
        return read_clocks(self._settings, (topic,))[topic] == BROKERS_CLOCK

    def _holds_records(self, topic: str) -> bool:
        return any(self.find_end(topic, partition) for partition in range(self._settings.partitions))

    def find_end(self, topic: str, partition: int) -> int:
        """Find where a partition ends. Raises Unavailable."""
        return find_highs(self._admin, [(topic, partition)])[topic, partition]

    def find_low(self, topic: str, partition: int) -> int:
        """Find where a partition begins. Raises Unavailable."""
        return find_lows(self._admin, [(topic, partition)])[topic, partition]

    def empty_topic(self, topic: str) -> None:
        """Make a topic of the restore's own again, empty. Raises Unavailable."""
        delete_topics(self._settings, (topic,))
        self._make_missing()
        self._mark.note_topics(read_topic_ids(self._settings, self._names))
        self._begin_topic(topic)

    def delete_before(self, partition: int, low: int) -> None:
        """Delete the records of ``soc.published`` before an offset, as they had been. Raises Unavailable."""
        place = TopicPartition(PUBLISHED, partition, low)
        deleted = self._admin.delete_records([place], request_timeout=CALL_SECONDS)
        _await_answer(deleted[place].result, f"{PUBLISHED}/{partition}")

    def commit_ends(self, ends: Mapping[TopicPartitionPair, int]) -> None:
        """Commit, for every group, that all of it was done: a hint, by which alerts are not told again."""
        for group, topics in GROUPS.items():
            places = [TopicPartition(*place, end) for place, end in ends.items() if place[0] in topics]
            asked = [ConsumerGroupTopicPartitions(group, places)]

            def commit_offsets(group: str = group, asked: Any = asked) -> Any:
                return self._admin.alter_consumer_group_offsets(asked, request_timeout=CALL_SECONDS)[group].result()

            _await_answer(commit_offsets, f"the offsets of {group}", patience_seconds=CALL_SECONDS)

    def set_clocks(self) -> None:
        """Give every topic its own configuration; what is judged comes last, and with it the restore is over."""
        brokers = count_brokers(self._settings)
        for name in self._names:
            wanted = configure_topic(name, brokers)
            self._set_configuration(name, {key: wanted[key] for key in (CLOCK, LARGEST)})

    def _set_configuration(self, topic: str, wanted: Mapping[str, str]) -> None:
        changes: list[Any] = [
            ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in wanted.items()
        ]
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=changes)
        changed = self._admin.incremental_alter_configs([resource], request_timeout=CALL_SECONDS)
        _await_answer(changed[resource].result, f"topic {topic}")


def _await_answer(ask: Callable[[], Any], what: str, *, patience_seconds: float = 0.0) -> Any:
    """Return the broker's answer, asked again for so long: a new cluster has no coordinator of groups at once.

    Raises:
        Unavailable: it does not do it.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return ask()
        except KafkaException as error:
            if time.monotonic() > deadline:
                raise Unavailable(f"{what}: the broker does not do it ({error.args[0].name()})") from error
        time.sleep(RETRY_SECONDS)
