"""When each recorder was last heard, and when its next heartbeat is overdue (rules F1 to F4), for whoever watches."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ledger.facts import Millis
from ledger.instants import count_millis
from ledger.organisations import ORGANISATIONS
from methodology.feeds import FeedState, find_due
from queries.answer import read_clock
from sinks.store import Store

_HEARD: Final = """
SELECT organisation, toUnixTimestamp64Milli(written_at) AS heard_at, interval_seconds FROM heartbeats FINAL
"""


class Heard(NamedTuple):
    """When a recorder was last heard, and when the next time is overdue."""

    heard_at: Millis
    due_at: Millis | None


def read_heard(store: Store) -> Mapping[str, Heard]:
    """Read it by organisation; those that never spoke have none. Raises Unavailable."""
    known, now = {one.code for one in ORGANISATIONS}, count_millis(read_clock())
    found: dict[str, Heard] = {}
    for row in store.query(_HEARD):
        if row["organisation"] in known:
            state = FeedState(heard_at=row["heard_at"], interval_seconds=row["interval_seconds"])
            found[row["organisation"]] = Heard(row["heard_at"], find_due(state, now))
    return found
