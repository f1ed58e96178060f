"""Balances carried forward: an answer from a closing is the plain sum, whatever was written twice and closed when."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from ledger.entries import Leg
from ledger.errors import Misuse
from queries import balances, basis
from queries import stored as rows
from queries.answer import Answer
from queries.balance_queries import CountQuery, ExtractQuery
from queries.record_queries import StoredRowsQuery
from queries.snapshot import take_snapshot
from sinks.closing_maker import ClosingMaker
from sinks.closings import Closing, find_nearest, forget_closings, is_whole, list_closings
from sinks.grains import Grain
from sinks.integrity import IntegrityCheck
from sinks.positions import find_stored
from sinks.store import Store
from tests.sinks.broker import Broker
from tests.sinks.records import Writer, count_day, count_millis_of, make_entry, make_leg, tell_instant

EXAMPLES = 10
in_process = pytest.mark.parametrize("settings", ["embedded"], indirect=True)
BY = ("org", "type", "pillar", "standing")
MONTHS = ("2022-01-01", "2022-01-02", "2022-01-31", "2022-02-01", "2022-02-28", "2022-03-01")
WHOLE = date(2022, 1, 1), date(2022, 2, 28)  # cut at the first days of months
PART = date(2022, 1, 2), date(2022, 2, 27)  # cut elsewhere
ACCOUNTS = [
    {"organisation": org, "type": kind, "standing": standing}
    for org in ("metropolitan", "essex")
    for kind in ("LEAD", "SUPPORT")
    for standing in ("COUNTED", "CATEGORY_NOT_COUNTED")
]
legs = st.lists(
    st.builds(
        lambda sign, entered, on, account: make_leg(sign, entered, on=on, **account),
        st.sampled_from((1, 1, -1)),
        st.integers(0, 9),
        st.sampled_from(MONTHS),
        st.sampled_from(ACCOUNTS),
    ),
    max_size=3,
)
entries = st.tuples(st.integers(0, 2), st.integers(0, 2), legs)  # its partition, minutes since the one before, its legs
steps = st.one_of(
    st.lists(entries, min_size=1, max_size=4),
    st.sampled_from((*Grain, "again")),  # a closing, or the last block once more
)


def ask_counts(store: Store, by: Sequence[str] = BY, **asked: Any) -> Answer:
    """All that is stored, both types apart."""
    return balances.answer_count(take_snapshot(store, Broker()), CountQuery(by=tuple(by), **asked))


def ask_period(store: Store, period: tuple[date, date], by: Sequence[str] = BY, **asked: Any) -> Answer:
    """A period, of every standing."""
    query = ExtractQuery(start=period[0], end=period[1], by=tuple(by), standing="all", **asked)
    return balances.answer_extract(take_snapshot(store, Broker()), query)


def close_now(store: Store, *grains: Grain) -> list[Closing]:
    """Make closings where the store is, whether they are due or not."""
    maker, position = ClosingMaker(store), find_stored(store)
    made = [maker.make_closing(grain, find_nearest(store, grain, position), 0) for grain in grains or Grain]
    maker.close()
    return made


def empty_tables(store: Store) -> None:
    """Begin again with nothing stored."""
    for table in ("postings", "entries", "closings", "closing_balances"):
        store.query(f"TRUNCATE TABLE {table}")
    store.forget_coverage()


class History:
    """What was written, as a list of legs with what was learnt when."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._writer = Writer(store)
        self._ends: Counter[int] = Counter()
        self._learnt: Counter[int] = Counter()
        self._last: list[bytes] = []
        self.known: list[tuple[int, Leg]] = []

    def write_block(self, block: Sequence[tuple[int, int, list[Leg]]]) -> None:
        """Write entries, each after the last one of its partition."""
        self._last = []
        for partition, minutes, some in block:
            self._learnt[partition] += minutes
            self._last.append(make_entry(partition, self._ends[partition], self._learnt[partition], some))
            self._ends[partition] += 1
            self.known += [(self._learnt[partition], one) for one in some]
        self._writer.write_entries(*self._last)

    def take_step(self, step: Any) -> None:
        """Write, write again, or close."""
        if step == "again":
            if self._last:
                self._writer.write_entries(*self._last)
        elif isinstance(step, Grain):
            close_now(self._store, step)
        else:
            self.write_block(step)

    def sum_cells(self, period: tuple[date, date] | None, as_at: int, known_at: int) -> dict[tuple[str, ...], int]:
        """Add up by hand what ``BY`` tells apart; the counted alone where no period is given."""
        found: Counter[tuple[str, ...]] = Counter()
        for learnt, one in self.known:
            account = one.account
            day = date.fromordinal(date(1970, 1, 1).toordinal() + account.event_date)
            wanted = period[0] <= day <= period[1] if period else account.standing == "COUNTED"
            if wanted and learnt <= known_at and one.entered_at <= count_millis_of(as_at):
                found[account.organisation, account.type, account.pillar, account.standing] += one.sign
        return {key: n for key, n in found.items() if n}


def read_cells(answer: Answer) -> dict[tuple[Any, ...], Any]:
    """An answer by its dimensions."""
    return {tuple(row[name] for name in BY): row["n"] for row in answer.rows}


LATE = 10_000


@tried(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=2, max_size=8), st.integers(0, 10), st.integers(0, 20))
def test_a_count_by_closings_is_the_plain_sum_in_every_cell(
    shared: Store, taken: list[Any], as_at: int, known_at: int
) -> None:
    """Any history in three partitions, closings of both grains anywhere, any block written twice, any instants."""
    empty_tables(shared)
    history = History(shared)
    for step in taken:
        history.take_step(step)
    assert read_cells(ask_counts(shared)) == history.sum_cells(None, LATE, LATE)
    bounds: dict[str, Any] = {"as_at": tell_instant(as_at), "known_at": tell_instant(known_at)}
    for period in (WHOLE, PART):
        assert read_cells(ask_period(shared, period)) == history.sum_cells(period, LATE, LATE)
        past = ask_period(shared, period, **bounds)
        assert read_cells(past) == history.sum_cells(period, as_at, known_at)
    answers = [ask_period(shared, WHOLE, ["month", "region"], **bounds), ask_counts(shared, ["month", "region"])]
    with pytest.MonkeyPatch.context() as without:
        without.setattr(basis, "find_nearest", lambda *_: None)
        plain = [ask_period(shared, WHOLE, ["month", "region"], **bounds), ask_counts(shared, ["month", "region"])]
    assert [(one.rows, one.filters) for one in answers] == [(one.rows, one.filters) for one in plain]


def test_an_answer_starts_from_its_closing(store: Store, writer: Writer) -> None:
    """A closing that was falsified to 41 shows in the answers that it carries, and in no other."""
    writer.write_entries(
        make_entry(0, 0, 1, [make_leg(1, 0)]), make_entry(1, 0, 2, [make_leg(1, 1, "D2", on="2022-01-01")])
    )
    close_now(store)
    store.query("ALTER TABLE closing_balances UPDATE n = 20 WHERE 1 SETTINGS mutations_sync = 2")
    writer.write_entries(make_entry(0, 1, 3, [make_leg(1, 2, "D3")]))
    assert ask_counts(store, []).rows == [{"n": 21}], "one account, EVER, and D3"
    year = date(2022, 1, 1), date(2022, 12, 31)
    carried = ask_period(store, year, [])
    assert (carried.rows, carried.filters["literal"]["n"]) == ([{"n": 41}], 21), "two accounts, MONTH, and D3"
    assert ask_period(store, (date(2022, 1, 1), date(2022, 12, 30)), []).rows == [{"n": 3}], "cut within a month"
    for field, minute in (("as_at", 0), ("known_at", 1)):
        assert ask_period(store, year, [], **{field: tell_instant(minute)}).rows == [{"n": 1}], "before the closing"
    for field, minute in (("as_at", 1), ("known_at", 2)):
        assert ask_period(store, year, [], **{field: tell_instant(minute)}).rows == [{"n": 40}], "at the closing"


@in_process
def test_made_twice_it_is_counted_once(store: Store, writer: Writer) -> None:
    """At one position there is one closing, the newer, with the same rows as the older."""
    writer.write_entries(
        make_entry(0, 0, 1, [make_leg(1, 0), make_leg(1, 0, "D2")]), make_entry(0, 1, 2, [make_leg(-1, 1)])
    )
    first, second = close_now(store, Grain.EVER)[0], close_now(store, Grain.EVER)[0]
    assert (first.positions, first.accounts) == (second.positions, second.accounts) == ((2,), 1)
    assert [one.closing for one in list_closings(store, Grain.EVER)] == [second.closing]
    assert ask_counts(store, []).rows == [{"n": 1}]


def test_none_is_made_past_a_hole_and_none_carries_an_answer_past_damage(store: Store, writer: Writer) -> None:
    """Offset 2 is missing; then 1 is found damaged: what was closed past it is forgotten, and made anew from there."""
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 0)]), make_entry(0, 3, 4, [make_leg(1, 3, "D4")], previous=2))
    early = close_now(store, Grain.EVER)[0]
    assert early.positions == (1,)
    writer.write_entries(make_entry(0, 1, 2, [make_leg(1, 1, "D2")]))
    close_now(store, Grain.EVER)
    store.query("ALTER TABLE postings DELETE WHERE offset = 1 SETTINGS mutations_sync = 2")
    check = IntegrityCheck(store)
    assert check.inspect_partitions({0}, {0: 4}, {}, is_caught_up=False) == {0: 1}
    assert [one.closing for one in list_closings(store, Grain.EVER)] == [early.closing]
    assert close_now(store, Grain.EVER)[0].positions == (1,)
    writer.write_entries(make_entry(0, 1, 2, [make_leg(1, 1, "D2")]))
    assert check.inspect_partitions({0}, {0: 4}, {}, is_caught_up=False) == {}
    assert close_now(store, Grain.EVER)[0].positions == (2,)
    assert ask_counts(store, []).rows == [{"n": 2}]


@in_process
def test_a_closing_that_lost_rows_carries_nothing(store: Store, writer: Writer) -> None:
    """It is passed over for the one before it, by answers and by the next closing."""
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 0)]))
    first = close_now(store, Grain.EVER)[0]
    writer.write_entries(make_entry(0, 1, 2, [make_leg(1, 1, "D2", organisation="essex")]))
    second = close_now(store, Grain.EVER)[0]
    store.query(
        "ALTER TABLE closing_balances DELETE WHERE closing = {one:UUID} AND organisation = 'essex'"
        " SETTINGS mutations_sync = 2",
        {"one": second.closing},
    )
    assert (is_whole(store, first), is_whole(store, second)) == (True, False)
    assert ask_counts(store, []).rows == [{"n": 2}]
    assert close_now(store, Grain.EVER)[0].accounts == 2


@in_process
def test_they_are_made_as_the_ledger_grows(store: Store, writer: Writer) -> None:
    """Every two postings, as the step is here; nothing new, nothing made; left-over rows go in the end."""
    maker = ClosingMaker(store, step=2)
    for offset in range(5):
        writer.write_entries(make_entry(0, offset, offset, [make_leg(1, offset, f"D{offset}")]))
        maker.make_due()
    maker.start_due()
    maker.wait()
    maker.close()
    assert [one.positions for one in list_closings(store, Grain.EVER)] == [(2,), (4,)]
    assert [one.positions for one in list_closings(store, Grain.MONTH)] == [(2,), (4,)]
    assert ask_counts(store, []).rows == [{"n": 5}]


def test_closings_are_read_whole_for_whoever_checks_them(store: Store, writer: Writer) -> None:
    """What each is, and then its balances; they are of all partitions."""
    writer.write_entries(
        make_entry(0, 0, 1, [make_leg(1, 0, on="2022-01-31")]),
        make_entry(2, 0, 1, [make_leg(1, 0, organisation="essex")]),
    )
    made = close_now(store)
    lines = [
        msgspec.json.decode(line)
        for line in b"".join(rows.read_lines(store, StoredRowsQuery(table="closings"))).splitlines()
    ]
    ends = {"positions": [1, 0, 1], "ledger_times": [count_millis_of(1), 0, count_millis_of(1)]}
    assert lines[:2] == [{"closing": str(one.closing), "grain": one.grain, **ends} for one in made]
    found = [(one["closing"], one["organisation"], one["event_date"], one["n"]) for one in lines[2:]]
    ever, month = (str(one.closing) for one in made)
    days_kept = ((ever, 0), (month, count_day("2022-01-02")))
    assert found == [(name, org, day, 1) for name, day in days_kept for org in ("essex", "metropolitan")]
    with pytest.raises(Misuse, match="ask without partition"):
        StoredRowsQuery(table="closings", partition=0)


@in_process
def test_rows_of_no_closing_are_swept_when_nobody_can_be_reading_them(
    store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was forgotten stays for an hour."""
    maker = ClosingMaker(store)
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 0)]))
    close_now(store)
    forget_closings(store, {0: 0})
    rows = "SELECT count() AS n FROM closing_balances"
    maker.delete_left_over()
    assert store.query(rows) == [{"n": 2}]
    monkeypatch.setattr("sinks.closing_maker.GRACE_SECONDS", 0.0)
    maker.delete_left_over()
    maker.close()
    assert store.query(rows) == [{"n": 0}]
