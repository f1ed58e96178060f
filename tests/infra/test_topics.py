"""What each topic must be, by the size of the cluster."""

import pytest

from infra.topics import (
    ENTRIES,
    HEARTBEATS,
    PUBLISHED,
    REJECTED,
    choose_replication,
    configure_topic,
    select_held,
)
from streams import outputs


@pytest.mark.parametrize("name", [PUBLISHED, ENTRIES, REJECTED])
@pytest.mark.parametrize(("brokers", "copies", "insync"), [(1, 1, "1"), (2, 2, "1"), (3, 3, "2"), (5, 3, "2")])
def test_facts_are_kept_for_ever_by_as_many_brokers_as_there_are(
    name: str, brokers: int, copies: int, insync: str
) -> None:
    """Three copies of which two must have it, in a cluster that can."""
    wanted = configure_topic(name, brokers)
    assert (choose_replication(brokers), wanted["min.insync.replicas"]) == (copies, insync)
    assert (wanted["retention.ms"], wanted["retention.bytes"]) == ("-1", "-1")
    assert (wanted["cleanup.policy"], wanted["message.timestamp.type"]) == ("delete", "LogAppendTime")


def test_of_heartbeats_the_newest_is_kept_for_ever_and_only_the_clock_is_held() -> None:
    """A topic of an earlier version, which keeps all of them, is no fault; facts are held to all that is set."""
    made = configure_topic(HEARTBEATS, 3)
    assert (made["cleanup.policy"], made["retention.ms"]) == ("compact", "-1")
    assert select_held(HEARTBEATS, made) == {"message.timestamp.type": "LogAppendTime"}
    facts = configure_topic(PUBLISHED, 3)
    assert select_held(PUBLISHED, facts) == facts


def test_outputs_have_room_for_the_largest_event_and_its_postings() -> None:
    """What intake may produce, the broker takes: otherwise one large event would stop a partition for ever."""
    assert int(configure_topic(PUBLISHED, 1)["max.message.bytes"]) == 1_048_588
    for name in (ENTRIES, REJECTED):
        assert int(configure_topic(name, 1)["max.message.bytes"]) == 32 * 1024 * 1024
    assert outputs._OPTIONS["message.max.bytes"] == 32 * 1024 * 1024
