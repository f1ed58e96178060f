"""Through which instant an answer is complete, and what a live answer stands on. Minutes and offsets by hand."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from ledger.instants import make_instant
from queries import balances
from queries.answer import Answer, read_clock
from queries.balance_queries import CountQuery, ExtractQuery, MovementQuery
from queries.completeness import AskedTails, ask_tails, find_clock_trouble, find_complete_through
from queries.published import Tail
from queries.snapshot import take_snapshot
from sinks.frontier import Frontier
from sinks.store import Store
from tests.sinks.broker import Broker
from tests.sinks.records import Writer, count_millis_of, make_entry, make_leg, tell_instant

LATER = 10_000
FRONTIERS = {0: Frontier(3, count_millis_of(50), None), 1: Frontier(6, count_millis_of(40), None)}


def extract_year(store: Store, published: Broker, **more: Any) -> Answer:
    """The year."""
    query = ExtractQuery(start=date(2021, 7, 1), end=date(2022, 6, 30), **more)
    return balances.answer_extract(take_snapshot(store, published), query)


SETTLED = timedelta(seconds=-5)  # beside now: the margin of the stand-in
JUST_BEFORE = timedelta(milliseconds=-1)
CASES: tuple[tuple[str, Broker, datetime | timedelta | None], ...] = (
    ("all is stored", Broker({0: 3, 1: 6}), SETTLED),
    ("one record of partition 0 is not stored", Broker({0: 4, 1: 6}), tell_instant(50) + JUST_BEFORE),
    ("one of each: the least counts", Broker({0: 4, 1: 7}), tell_instant(40) + JUST_BEFORE),
    ("a transaction is open in partition 1", Broker({0: 3, 1: 6}, undecided=(1,)), tell_instant(40) + JUST_BEFORE),
    ("an empty partition", Broker({0: 3, 1: 6, 2: 0}), SETTLED),
    ("nothing is stored of a partition with a record", Broker({0: 3, 1: 6, 2: 1}), None),
    ("a transaction is open where nothing is stored", Broker({0: 3, 1: 6, 2: 0}, undecided=(2,)), None),
    ("a partition that is stored is not there", Broker({0: 3}), None),
    ("the broker is away", Broker(None), None),
)


@pytest.mark.parametrize(("published", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_instant_is_complete_when_nothing_can_come_to_it(
    published: Broker, expected: datetime | timedelta | None
) -> None:
    """A later record is stored, or nothing lies between and the margin has passed; in every partition."""
    before = read_clock()
    found = find_complete_through(published, FRONTIERS)
    if isinstance(expected, timedelta):
        assert found is not None
        assert before + expected <= found <= read_clock() + expected
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("published", "asked", "expected"),
    [
        (Broker({0: 3, 1: 6}), {0: 2, 1: 5}, SETTLED),
        (Broker({0: 2, 1: 4}), {0: 2, 1: 4}, SETTLED),
        (Broker({0: 4, 1: 6}), {0: 2, 1: 5}, tell_instant(50) + JUST_BEFORE),
        (Broker({0: 3, 1: 6}, undecided=(1,)), {0: 2, 1: 5}, tell_instant(40) + JUST_BEFORE),
        (Broker({0: 3, 1: 6, 2: 1}), {0: 2, 1: 5}, None),
    ],
    ids=["what waited is stored", "more came, and is stored", "one still waits", "a transaction was open", "a third"],
)
def test_what_the_broker_said_before_more_was_stored_still_holds(
    published: Broker, asked: dict[int, int], expected: datetime | timedelta | None
) -> None:
    """All that it had by then is complete once it is stored; of what it has had since, nothing is claimed."""
    before = read_clock()
    found = ask_tails(published, asked).find_through(FRONTIERS)
    if isinstance(expected, timedelta):
        assert found is not None
        assert before + expected <= found <= read_clock() + expected
    else:
        assert found == expected


def test_more_stored_than_published_is_never_settled() -> None:
    """The topic is another, or cut off: position 5 was asked about, the broker has 3, and 6 are stored by now."""
    asked = AskedTails({0: Tail(3, 3, True)}, {0: 5}, count_millis_of(60))
    assert asked.find_through({0: Frontier(6, count_millis_of(50), None)}) == tell_instant(50) + JUST_BEFORE


def test_a_later_record_makes_an_instant_complete_whatever_comes_then(store: Store, writer: Writer) -> None:
    """Learnt at 50 and 40: minute 39 is complete, minute 40 is not, since its millisecond may have more records."""
    writer.write_entries(make_entry(0, 0, 50, [make_leg(1, 10)]), make_entry(1, 0, 40))
    busy = Broker({0: 7, 1: 7})
    found = [extract_year(store, busy, known_at=tell_instant(minute)).complete for minute in (39, 40, 41)]
    assert found == [True, False, False]


def test_a_clock_that_is_ahead_hides_nothing_from_live_balances(store: Store, writer: Writer) -> None:
    """One record half an hour ahead, and all that follow it: counted, not complete, and not before they may be."""
    ahead = read_clock() + timedelta(minutes=30)
    minute = round((ahead - tell_instant(0)).total_seconds() / 60)
    writer.write_entries(
        make_entry(0, 0, 1, [make_leg(1, 0)]),
        make_entry(0, 1, minute, [make_leg(1, minute, "D2")]),
        make_entry(1, 0, 5),
    )
    answer = balances.answer_count(take_snapshot(store, Broker({0: 2, 1: 1})), CountQuery())
    assert answer.rows == [{"n": 2}]
    assert (answer.known_at, answer.complete) == (tell_instant(minute), False)
    assert answer.complete_through is not None
    assert answer.complete_through < read_clock()
    assert balances.answer_movement(take_snapshot(store, Broker({})), MovementQuery(seconds=300)).rows == [{"n": 1}]


def test_a_live_answer_can_be_asked_again(store: Store, writer: Writer) -> None:
    """With the two instants that it gives, once it is complete: the same rows, whatever is stored meanwhile."""
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 0)]))
    live = balances.answer_count(take_snapshot(store, Broker({0: 1})), CountQuery())
    assert live.complete
    minute = round((read_clock() - tell_instant(0)).total_seconds() / 60) + 1
    writer.write_entries(make_entry(0, 1, minute, [make_leg(1, 0, "D2")]))
    again = extract_year(store, Broker({0: 2}), as_at=live.as_at, known_at=live.known_at)
    assert (again.rows, again.complete) == (live.rows, True) == ([{"n": 1}], True)
    assert balances.answer_count(take_snapshot(store, Broker({0: 2})), CountQuery()).rows == [{"n": 2}]


def test_an_answer_holds_exactly_its_position(store: Store, writer: Writer) -> None:
    """What lies past a hole is not counted, live or as at an instant: -1 could stand there without its +1."""
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 0)]), make_entry(0, 2, 1, [make_leg(1, 0, "D3")]))
    live = balances.answer_count(take_snapshot(store, Broker({0: 3})), CountQuery())
    past = extract_year(store, Broker({0: 3}), known_at=tell_instant(LATER))
    assert (live.position, live.rows, live.complete) == ({0: 1}, [{"n": 1}], False)
    assert (past.position, past.rows, past.complete) == ({0: 1}, [{"n": 1}], False)


def test_an_empty_ledger_answers(store: Store) -> None:
    """Complete where the broker says that nothing is there, and not where it is away."""
    assert (
        balances.answer_count(take_snapshot(store, Broker({0: 0})), CountQuery()).rows,
        balances.answer_count(take_snapshot(store, Broker({0: 0})), CountQuery()).complete,
    ) == ([], True)
    assert not balances.answer_count(take_snapshot(store, Broker(None)), CountQuery()).complete


def test_a_clock_is_in_trouble_when_the_ledger_is_more_than_a_minute_ahead() -> None:
    """The sentence names the partition that is furthest ahead."""
    clock = tell_instant(48)
    assert find_clock_trouble({}, clock) is None
    assert find_clock_trouble(FRONTIERS, make_instant(count_millis_of(49))) is None
    assert find_clock_trouble(FRONTIERS, clock) == (
        "the ledger's time is 120 s ahead of this machine's clock in partition 0: "
        "this machine's clock is behind, or a broker's is, or was, ahead"
    )
