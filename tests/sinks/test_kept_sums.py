"""A sum that is carried on by the legs of what came since is the sum that the store has, whatever is asked of what."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from ledger.entries import EntryPart
from ledger.errors import Unavailable
from methodology.dimensions import DIMENSIONS
from queries import kept_sums
from queries.balance_queries import ChangeQuery, CountQuery, ExtractQuery
from queries.balances import answer_count, answer_extract
from queries.changes import answer_changes
from queries.cursor import Cursor
from queries.question import Question
from queries.snapshot import Snapshot, SnapshotSource, take_snapshot
from sinks.coverage import Coverage
from sinks.store import Store
from tests.sinks.broker import Broker
from tests.sinks.records import Writer, make_entry, make_leg, make_rejection, tell_instant

EXAMPLES = 12
in_process = pytest.mark.parametrize("settings", ["embedded"], indirect=True)
MONTHS = ("2022-01-01", "2022-01-02", "2022-01-31", "2022-02-01", "2022-02-28", "2024-03-31", "2024-04-01")
PERIODS = (date(2022, 1, 1), date(2022, 2, 28)), (date(2022, 1, 2), date(2024, 3, 31))
ALL = tuple(DIMENSIONS)
QUESTIONS = (
    CountQuery(),
    CountQuery(by=ALL),
    CountQuery(by=("region", "pillar"), type="support"),
    CountQuery(by=("category", "month"), org="essex"),
    ExtractQuery(start=PERIODS[0][0], end=PERIODS[0][1]),
    ExtractQuery(start=PERIODS[1][0], end=PERIODS[1][1], by=ALL, standing="all"),
    ExtractQuery(start=PERIODS[0][0], end=PERIODS[0][1], by=("month", "org"), as_at=tell_instant(4)),
    ExtractQuery(start=PERIODS[1][0], end=PERIODS[1][1], by=("type",), known_at=tell_instant(2), standing="all"),
    ExtractQuery(start=PERIODS[0][0], end=PERIODS[1][1], by=("kind",), as_at=tell_instant(3), known_at=tell_instant(3)),
)
legs = st.lists(
    st.builds(
        lambda sign, entered, on, account: make_leg(sign, entered, on=on, **account),
        st.sampled_from((1, 1, -1)),
        st.integers(0, 9),
        st.sampled_from(MONTHS),
        st.fixed_dictionaries(
            {
                "organisation": st.sampled_from(("metropolitan", "essex", "rocu-eastern", "nobody")),
                "type": st.sampled_from(("LEAD", "LEAD", "SUPPORT")),
                "pillar": st.sampled_from(("PURSUE", "PREVENT")),
                "standing": st.sampled_from(("COUNTED", "COUNTED", "SECOND_PILLAR")),
                "category": st.sampled_from(("MAJOR", "NONE")),
                "crime_type": st.sampled_from(("DRUGS", "UNKNOWN")),
            }
        ),
    ),
    max_size=3,
)
outputs = st.tuples(
    st.integers(0, 2),  # its partition
    st.integers(0, 2),  # minutes since the one before
    st.sampled_from(("entry", "entry", "entry", "parts", "hole", "refusal")),
    legs,
)
steps = st.one_of(st.lists(outputs, min_size=1, max_size=4), st.sampled_from(("again", "forgotten")))


class WrittenHistory:
    """A store that is written to, step by step."""

    def __init__(self, store: Store) -> None:
        for table in ("postings", "entries", "rejected", "closings", "closing_balances"):
            store.query(f"TRUNCATE TABLE {table}")
        store.forget_coverage()
        self._store = store
        self._writer = Writer(store)
        self._ends: Counter[int] = Counter()
        self._learnt: Counter[int] = Counter()
        self._last: list[bytes] = []

    def take_step(self, step: Any) -> None:
        """Write a block, the last one once more, or forget what is proved."""
        if step == "forgotten":
            self._store.forget_coverage()
        elif step == "again":
            self._writer.write_entries(*self._last)
        else:
            self._last = []
            for one in step:
                self._write_output(*one)
            self._writer.write_entries(*self._last)

    def _write_output(self, partition: int, minutes: int, what: str, some: list[Any]) -> None:
        self._learnt[partition] += minutes
        at, learnt = self._ends[partition], self._learnt[partition]
        at += what == "hole"  # offsets of a transaction, which the output covers
        previous, self._ends[partition] = self._ends[partition] - 1, at + 1
        if what == "refusal":
            self._writer.write_rejections(make_rejection(partition, at, learnt, previous=previous))
        elif what == "parts":
            pieces = (some[:1], EntryPart(0, 2, 0)), (some[1:], EntryPart(1, 2, 1))
            self._last += [make_entry(partition, at, learnt, one, previous=previous, part=part) for one, part in pieces]
        else:
            self._last.append(make_entry(partition, at, learnt, some, previous=previous))


def ask_all(snapshot: Snapshot) -> list[Any]:
    """Every question, with what it notes of the literal reading."""
    found: list[Any] = []
    for query in QUESTIONS:
        answer = answer_count(snapshot, query) if isinstance(query, CountQuery) else answer_extract(snapshot, query)
        found.append((answer.rows, answer.filters))
    return found


def ask_changes(snapshot: Snapshot, since: Sequence[Cursor]) -> list[Any]:
    """What changed since each of some cursors."""
    return [answer_changes(snapshot, ChangeQuery(since=one, by=ALL)) for one in since]


def count_told(patch: pytest.MonkeyPatch) -> list[int]:
    """Count the outputs that were at hand, each time that any was."""
    told: list[int] = []
    ask = Coverage.list_told

    def list_told(self: Coverage, start: Any, end: Any) -> Any:
        found = ask(self, start, end)
        told.extend([len(found)] if found else [])
        return found

    patch.setattr(Coverage, "list_told", list_told)
    return told


def test_sums_carried_on_are_those_of_the_store(shared: Store) -> None:
    """Any history in three partitions: holes, refusals, entries in parts, blocks written twice, proofs forgotten."""
    carried: list[int] = []

    @tried(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(steps, min_size=2, max_size=8))
    def hold_history(taken: list[Any]) -> None:
        history, source, since = WrittenHistory(shared), SnapshotSource(shared, Broker()), [Cursor("", {})]
        for step in taken:
            history.take_step(step)
            moment = source.take_snapshot()
            with pytest.MonkeyPatch.context() as patch:
                told = count_told(patch)
                found = ask_all(moment), ask_changes(moment, since)
                carried.extend(told)
                patch.setattr(Coverage, "list_told", lambda *_: None)
                plain = take_snapshot(shared, Broker())
                assert plain.position == moment.position
                assert found == (ask_all(plain), ask_changes(plain, since))
            since = [*since[-1:], moment.cursor]

    hold_history()
    assert sum(carried) > EXAMPLES, "hardly anything was carried on: nothing is shown"


@pytest.fixture
def source(store: Store, writer: Writer) -> SnapshotSource:
    """Over one disruption of the Metropolitan Police, whose count was asked for once."""
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 0)]))
    made = SnapshotSource(store, Broker())
    assert count_by_force(made) == {"metropolitan": 1}
    return made


def count_by_force(source: SnapshotSource, **asked: Any) -> dict[Any, Any]:
    """The live count."""
    answer = answer_count(source.take_snapshot(), CountQuery(by=("org",), **asked))
    return {row["org"]: row["n"] for row in answer.rows}


def refuse_store(patch: pytest.MonkeyPatch) -> None:
    """Let no sum be asked of the store any more."""

    def ask_cells(_: Question, __: Store) -> Any:
        raise Unavailable("the store was asked")

    patch.setattr(Question, "ask_cells", ask_cells)


@in_process
def test_what_came_since_is_added_without_a_question(
    source: SnapshotSource, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more for the Metropolitan Police; one of theirs goes to Essex, which support is no part of."""
    refuse_store(monkeypatch)
    writer.write_entries(make_entry(0, 1, 2, [make_leg(1, 1, "D2")]))
    assert count_by_force(source) == {"metropolitan": 2}
    moved = [
        make_leg(-1, 2),
        make_leg(1, 2, organisation="essex"),
        make_leg(1, 2, "D3", organisation="essex", type="SUPPORT"),
    ]
    writer.write_entries(make_entry(0, 2, 3, moved))
    assert count_by_force(source) == {"essex": 1, "metropolitan": 1}
    writer.write_entries(make_entry(0, 3, 4, [make_leg(-1, 3, "D2")]))
    assert count_by_force(source) == {"essex": 1}, "a sum of 0 is no row"
    with pytest.raises(Unavailable):
        count_by_force(source, type="support")


@in_process
@pytest.mark.parametrize("bound", ["KEPT_SECONDS", "CELLS_MOST"])
def test_a_sum_is_asked_anew_where_it_is_old_or_large(
    source: SnapshotSource, writer: Writer, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    """Sums are of the store's again after a minute at most, and few cells are kept."""
    monkeypatch.setattr(kept_sums, bound, -1)
    writer.write_entries(make_entry(0, 1, 2, [make_leg(1, 1, "D2", organisation="essex")]))
    assert count_by_force(source) == {"essex": 1, "metropolitan": 1}
    writer.write_entries(make_entry(0, 2, 3, [make_leg(1, 2, "D3")]))
    refuse_store(monkeypatch)
    with pytest.raises(Unavailable):
        count_by_force(source)


@in_process
def test_sums_go_with_what_was_proved(source: SnapshotSource, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are found missing: no sum of before is shown any more."""
    store.forget_coverage()
    refuse_store(monkeypatch)
    with pytest.raises(Unavailable):
        count_by_force(source)


@in_process
def test_who_asks_of_an_earlier_moment_keeps_nobody_back(
    source: SnapshotSource, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that still stands on the moment before is answered of that, by the store; the others go on."""
    before = source.take_snapshot()
    writer.write_entries(make_entry(0, 1, 2, [make_leg(1, 1, "D2")]))
    assert count_by_force(source) == {"metropolitan": 2}
    assert answer_count(before, CountQuery(by=("org",))).rows == [{"org": "metropolitan", "n": 1}]
    refuse_store(monkeypatch)
    writer.write_entries(make_entry(0, 2, 3, [make_leg(1, 2, "D3")]))
    assert count_by_force(source) == {"metropolitan": 3}


@pytest.mark.parametrize("settings", ["over_http"], indirect=True)
def test_a_store_that_others_write_to_is_asked_each_time(
    source: SnapshotSource, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody here hears what others write; where the store stands as it did, the sum is what it was."""
    writer.write_entries(make_entry(0, 1, 2, [make_leg(1, 1, "D2")]))
    assert count_by_force(source) == {"metropolitan": 2}
    refuse_store(monkeypatch)
    assert count_by_force(source) == {"metropolitan": 2}
    writer.write_entries(make_entry(0, 2, 3, [make_leg(1, 2, "D3")]))
    with pytest.raises(Unavailable):
        count_by_force(source)
