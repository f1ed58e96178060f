"""Numbers of a sequence that are so far apart that nothing between them is missing (rule F5), over real engines."""

import pytest

from queries.answer import read_clock
from sinks.feed_events import FeedEventWriter
from sinks.heartbeats import COLUMNS
from sinks.store import Store
from tests.sinks.records import CODEC, Writer
from tests.sinks.test_feeds import ask_kent, make_admitted, make_published


@pytest.mark.parametrize(
    ("numbers", "missing", "jumps", "unarrived"),
    [
        ([1, 2, 2**63 - 1], 0, [(2, 2**63 - 1)], 2),
        ([1, 2, 2**63 - 1, 3], 0, [(3, 2**63 - 1)], 1),
        ([2**63 - 1], 0, [], 0),
        ([1, 100_001], 99_999, [], 0),
        ([1, 100_002], 0, [(1, 100_002)], 3),
        ([1, 3, 700_000, 700_002], 2, [(3, 700_000)], 1),
    ],
)
def test_numbers_that_jump_leave_nothing_missing(  # noqa: PLR0917  (a feed, and what is seen of it)
    store: Store, writer: Writer, numbers: list[int], missing: int, jumps: list[tuple[int, int]], unarrived: int
) -> None:
    """Rule F5: more than 100,000 apart; a heartbeat that claims 4 is held against the numbers before the jump."""
    writer.write_entries(*(make_admitted(0, at, make_published(number)) for at, number in enumerate(numbers)))
    FeedEventWriter(store, CODEC).follow_store()
    now = read_clock()
    store.insert_aside("heartbeats", COLUMNS, [["kent", 4, now, 60, None, 0, 0, now]])
    row = ask_kent(store)
    assert (row["missing"], row["unarrived"]) == (missing, unarrived)
    assert [(one["last"], one["next"]) for one in row["jumps"]] == jumps
    assert (row["first_sequence"], row["last_sequence"]) == (min(numbers), max(numbers))
