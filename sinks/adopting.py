"""Telling a store that topics which were made again are those that its records came from.

Done by who has proved it: every record of the new topics is what the store holds, and there is no other.
"""

from collections.abc import Mapping

from infra.topic_identity import TopicPartitionPair
from sinks.positions import find_frontiers, select_after
from sinks.progress import write_progress
from sinks.store import Store


def adopt_topics(store: Store, ids: Mapping[str, str], ends: Mapping[TopicPartitionPair, int]) -> None:
    """Remember these topics in place of those of before, and that all before these ends is stored.

    1. How far it has come: so nothing that follows is taken for stored.
    2. The identities: the old ones go first; a store that remembers none takes those that there are.

    Raises:
        Unavailable: the store did not do it all; it can be done again.
    """
    write_progress(store, ends)
    store.query("DELETE FROM topics WHERE name != ''")
    store.insert_rows("topics", ["name", "id"], [[name, one] for name, one in ids.items()])


def forget_past(store: Store) -> None:
    """Delete what lies past the unbroken chain of stored outputs: no answer ever counted it.

    Raises:
        Unavailable: the store did not do it all; it can be done again.
    """
    past = select_after(find_frontiers(store)) or " WHERE true"
    for table in ("feed_events", "postings", "threat_postings", "entries", "rejected"):
        store.query(f"DELETE FROM {table}{past}")  # noqa: S608  (names and numbers of ours)
    store.forget_coverage()
