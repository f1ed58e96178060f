"""What a write tells of the chain of outputs, and when the store must be asked. Expectations are written by hand."""

from contextlib import suppress
from typing import Any

import pytest

from sinks.coverage import Coverage
from sinks.frontier import Frontier
from sinks.positions import find_stored
from sinks.store import Store
from sinks.told_legs import ChainedOutput
from tests.sinks.records import Writer, count_millis_of, make_entry, make_rejection

ENTERED = 60_000


def make_output(partition: int, offset: int, previous: int | None = None, parts: int = 1) -> ChainedOutput:
    before = offset - 1 if previous is None else previous
    return ChainedOutput(partition, offset, before, 100 + offset, ENTERED + offset, parts)


@pytest.fixture
def coverage() -> Coverage:
    """One that was asked once, of a store that holds offset 0 of partition 0."""
    made = Coverage(is_told=True)
    made.learn_asked(made.read_proved(), {0: Frontier(1, 100, ENTERED)}, set())
    return made


def write_told(coverage: Coverage, *outputs: ChainedOutput) -> None:
    with coverage.note_write({one.partition for one in outputs}) as under_way:
        under_way.tell_stored(outputs)


def test_outputs_that_follow_one_by_one_are_the_new_end(coverage: Coverage) -> None:
    """In whatever order they are told; a refusal has no entry time; a partition that held nothing begins at 0."""
    refusal = ChainedOutput(0, 3, 1, 107)  # covers offset 2, which is a marker's, and 3
    write_told(coverage, refusal, make_output(0, 1), make_output(1, 0))
    found = coverage.read_proved()
    assert found.frontiers == {0: (4, 107, ENTERED + 1), 1: (1, 100, ENTERED)}
    assert found.doubt == frozenset()


@pytest.mark.parametrize(
    "told",
    [
        [make_output(0, 2)],
        [make_output(0, 0)],
        [make_output(0, 1), make_output(0, 2, 0)],
        [make_output(0, 1, parts=2)],
        [make_output(0, 0, 0)],
    ],
    ids=["a hole", "a repeat", "an overlap", "one part of two", "nothing covered"],
)
def test_what_follows_no_chain_is_in_doubt(coverage: Coverage, told: list[ChainedOutput]) -> None:
    """What is in doubt stays so when the next write follows the chain: only the store knows what lies past it."""
    write_told(coverage, *told)
    assert coverage.read_proved().doubt == {0}
    before = coverage.read_proved().frontiers
    write_told(coverage, make_output(0, before[0].position))
    assert coverage.read_proved().frontiers == before


def test_a_write_that_failed_or_was_not_told_is_in_doubt(coverage: Coverage) -> None:
    """Its outcome is not known, or not what it says; of other partitions nothing changes."""
    with coverage.note_write({3}):
        pass
    with suppress(ZeroDivisionError), coverage.note_write({4}) as under_way:
        under_way.tell_stored([make_output(4, 0)])
        raise ZeroDivisionError
    found = coverage.read_proved()
    assert (found.doubt, found.frontiers) == ({3, 4}, {0: (1, 100, ENTERED)})


def test_two_writes_at_once_are_both_in_doubt(coverage: Coverage) -> None:
    """Each knows what it wrote itself alone: one that began before, and one that began meanwhile."""
    with coverage.note_write({0}) as first:
        first.tell_stored([make_output(0, 1)])
        with coverage.note_write({1}) as second:
            second.tell_stored([make_output(1, 0)])
    assert coverage.read_proved().doubt == {0, 1}


def test_the_store_ends_a_doubt_only_where_nobody_wrote_while_it_was_asked(coverage: Coverage) -> None:
    """A frontier never goes back by an answer that is older than it."""
    write_told(coverage, make_output(0, 2))
    asked = coverage.read_proved()
    write_told(coverage, make_output(2, 0))
    assert coverage.learn_asked(asked, {0: Frontier(3, 102, ENTERED)}, set())[0].position == 3
    assert coverage.read_proved().doubt == {0}, "a write began meanwhile"
    with coverage.note_write({5}) as under_way:
        during = coverage.read_proved()
        under_way.tell_stored([])
    coverage.learn_asked(during, {0: Frontier(2, 101, ENTERED)}, set())
    found = coverage.read_proved()
    assert (found.doubt, found.frontiers[0].position) == ({0}, 3), "one was under way"
    coverage.learn_asked(found, {}, {2})
    assert coverage.read_proved().doubt == {2}, "what holds more than its chain stays in doubt"


def test_where_others_write_too_the_store_is_always_asked() -> None:
    """Nothing that is told, and no answer, ends the doubt about a server's tables."""
    shared = Coverage(is_told=False)
    shared.learn_asked(shared.read_proved(), {0: Frontier(1, 100, ENTERED)}, set())
    write_told(shared, make_output(0, 1))
    found = shared.read_proved()
    assert (found.doubt, found.frontiers) == (None, {0: (1, 100, ENTERED)})


def test_what_is_forgotten_is_in_doubt_while_a_write_of_before_is_under_way(coverage: Coverage) -> None:
    """The new one counts the writes that began under the old one."""
    with coverage.note_write({0}):
        renewed = coverage.renew_proof()
        renewed.learn_asked(renewed.read_proved(), {0: Frontier(1, 100, ENTERED)}, set())
    assert renewed.read_proved().doubt is None


@pytest.fixture
def questions(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the store in process is asked from now on."""
    asked: list[str] = []
    query = store.query

    def note_query(sql: str, *said: Any) -> object:
        asked.append(sql)
        return query(sql, *said)

    monkeypatch.setattr(store, "pin_generation", lambda: store)
    monkeypatch.setattr(store, "query", note_query)
    return asked


def test_a_store_in_process_is_asked_once_and_then_told(store: Store, writer: Writer, questions: list[str]) -> None:
    """What was told is what the store says, once all of it is forgotten and asked again."""
    writer.write_entries(make_entry(0, 0, 1))
    assert find_stored(store) == {0: 1}
    asked = len(questions)
    writer.write_entries(make_entry(0, 1, 2), make_entry(1, 0, 2))
    writer.write_rejections(make_rejection(0, 2, 3))
    told = find_stored(store)
    assert (len(questions) - asked > 0) is (not store.embedded)
    frontiers = store.coverage.read_proved().frontiers
    store.forget_coverage()
    assert find_stored(store) == told == {0: 3, 1: 1}
    assert store.coverage.read_proved().frontiers == frontiers
    assert frontiers[0].ledger_time == count_millis_of(3)


def test_a_record_that_was_set_aside_is_told_by_nobody(store: Store, writer: Writer) -> None:
    """Offset 1 ends too early, which the engine refuses: it is not there, whatever its position says."""
    writer.write_entries(make_entry(0, 0, 1))
    assert find_stored(store) == {0: 1}
    aside = writer.write_unchecked([(1, make_entry(0, 1, 1)[:-3]), (2, make_entry(0, 2, 1))])
    assert len(aside) == 1
    assert find_stored(store) == {0: 1}


def test_a_partition_in_doubt_is_asked_for_by_itself(store: Store, writer: Writer, questions: list[str]) -> None:
    """A hole in partition 1 makes nobody ask for partition 0; filled, it is asked for once more."""
    writer.write_entries(make_entry(0, 0, 1))
    find_stored(store)
    writer.write_entries(make_entry(1, 1, 1))
    del questions[:]
    assert find_stored(store) == {0: 1}
    if store.embedded:
        assert all("partition = 0" not in one and "(partition = 1 AND offset >= 0)" in one for one in questions)
    writer.write_entries(make_entry(1, 0, 1), make_entry(0, 1, 1))
    assert find_stored(store) == {0: 2, 1: 2}
    del questions[:]
    writer.write_entries(make_entry(1, 2, 1))
    assert find_stored(store) == {0: 2, 1: 3}
    assert (questions == []) is store.embedded


def test_a_large_write_is_not_told(store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """To read what each record says takes longer than to ask the store once for all of them."""
    monkeypatch.setattr("sinks.writing.TOLD_MOST", 2)
    writer.write_entries(make_entry(0, 0, 1))
    find_stored(store)
    writer.write_entries(*[make_entry(0, offset, 1) for offset in range(1, 4)])
    assert store.coverage.read_proved().doubt == (frozenset({0}) if store.embedded else None)
    assert find_stored(store) == {0: 4}


def test_a_record_of_another_layout_is_not_told(store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer's schema may have other fields before those that a chain needs."""
    writer.write_entries(make_entry(0, 0, 1))
    find_stored(store)
    monkeypatch.setattr("sinks.block.RecordSchemas.read_output", lambda *_: None)
    writer.write_entries(make_entry(0, 1, 1))
    assert store.coverage.read_proved().doubt == (frozenset({0}) if store.embedded else None)
    assert find_stored(store) == {0: 2}
