"""What must hold of everything that is served: each invariant is broken by a forged row, and named by its place."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import pytest

from infra.settings import Settings
from queries import invariant_checker, question
from queries.invariant_checker import InvariantChecker, InvariantReport, format_report
from queries.invariants import BREACHES, MEANINGS, REMEDIES, Invariant
from queries.published import Tail
from sinks.closing_maker import ClosingMaker
from sinks.store import Store
from tests.sinks.records import Writer, make_entry, make_leg, make_threat_leg

SYNC: Final = "SETTINGS mutations_sync = 2"
FORGED: Final = """
INSERT INTO postings SELECT * REPLACE ({other}) FROM (SELECT * FROM postings WHERE partition = 0 AND offset = 1 LIMIT 1)
"""
Found = list[tuple[str, int | None, tuple[int, ...]]]


class Published:
    """Nothing that the checker asks."""

    margin = timedelta(0)

    def find_tails(self, positions: Mapping[int, int]) -> dict[int, Tail]:
        """The broker is never asked."""
        raise AssertionError(positions)


@pytest.fixture
def settings(embedded: Settings) -> Settings:
    """The engine in process alone: what is asked is the same SQL."""
    return embedded


@pytest.fixture
def checker(store: Store, writer: Writer) -> InvariantChecker:
    """A checker of two partitions in which all holds: a threat, an amended disruption, support, a withdrawal."""
    unit = {"organisation": "rocu-tarian", "type": "SUPPORT"}
    writer.write_entries(
        make_entry(0, 0, 1, [], [make_threat_leg(1, 1)]),
        make_entry(0, 1, 2, [make_leg(1, 1)]),
        make_entry(0, 2, 3, [make_leg(-1, 3), make_leg(1, 3, pillar="PREVENT")]),
        make_entry(1, 0, 2, [make_leg(1, 2, "D2", **unit)], threat="T2", disruption="D2"),
        make_entry(1, 1, 4, [make_leg(1, 4, "D3", "2022-03-01")], threat="T3", disruption="D3"),
        make_entry(1, 2, 5, [make_leg(-1, 5, "D3", "2022-03-01")], threat="T3", disruption="D3"),
    )
    return InvariantChecker(store, Published())


def list_found(report: InvariantReport) -> Found:
    assert report.trouble == ""
    return [(str(one.invariant), one.partition, one.offsets) for one in report.breaches]


def test_what_the_ledger_writes_breaks_nothing(checker: InvariantChecker) -> None:
    """All four hold, of both partitions, at the position of the store."""
    report = checker.take_turn()
    assert list_found(report) == []
    assert (report.whole, dict(report.position)) == (True, {0: 3, 1: 3})
    said = format_report(report)
    assert (said["status"], [one["breaches"] for one in said["invariants"]]) == ("ok", [0, 0, 0, 0])


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (
            "toUInt32(7) AS leg, 'PROTECT' AS pillar",
            [("ONE_ACCOUNT", 0, (2,)), ("STORE_EQUALS_ENTRIES", 0, (1,))],
        ),
        (
            "toUInt32(7) AS leg, toInt8(-1) AS sign",
            [("ONE_ACCOUNT", 0, (2,)), ("STORE_EQUALS_ENTRIES", 0, (1,))],
        ),
        (
            "toUInt32(7) AS leg, 'SUPPORT' AS type",
            [("LEAD_APART", 0, (2,)), ("ONE_ACCOUNT", 0, (2,)), ("STORE_EQUALS_ENTRIES", 0, (1,))],
        ),
    ],
)
def test_a_forged_leg_is_named(checker: InvariantChecker, store: Store, other: str, found: Found) -> None:
    """A second account, an account less than none, lead that is support too; and no entry says such a leg."""
    store.query(FORGED.format(other=other))
    assert sorted(list_found(checker.take_turn())) == found


def test_an_entry_that_posts_twice_is_named_though_its_legs_are_stored(
    checker: InvariantChecker, writer: Writer
) -> None:
    """The store is what the entries say: it is the fold that was wrong."""
    legs = [make_leg(1, 6, "D4"), make_leg(1, 6, "D4", pillar="PREPARE")]
    writer.write_entries(make_entry(1, 3, 6, legs, threat="T4", disruption="D4"))
    assert list_found(checker.take_turn()) == [("ONE_ACCOUNT", 1, (3,))]


def test_a_lost_leg_is_named_and_forgotten_when_it_is_back(
    checker: InvariantChecker, store: Store, writer: Writer
) -> None:
    """The store has less than its entries say, until the loader has written it again."""
    store.query(f"ALTER TABLE postings DELETE WHERE partition = 1 AND offset = 0 {SYNC}")
    assert list_found(checker.take_turn()) == [("STORE_EQUALS_ENTRIES", 1, (0,))]
    store.forget_coverage()  # as whoever finds rows missing does, before they are loaded again
    unit = {"organisation": "rocu-tarian", "type": "SUPPORT"}
    writer.write_entries(make_entry(1, 0, 2, [make_leg(1, 2, "D2", **unit)], threat="T2", disruption="D2"))
    assert list_found(checker.take_turn()) == []


@pytest.mark.parametrize("grain", ["EVER", "MONTH"])
def test_a_forged_closing_makes_the_totals_differ(checker: InvariantChecker, store: Store, grain: str) -> None:
    """A balance carried forward is one too many: the months and the nation, or the postings, say otherwise."""
    ClosingMaker(store, step=1).make_due()
    assert list_found(checker.take_turn()) == []
    (closing,) = store.query("SELECT closing FROM closings WHERE grain = {grain:String}", {"grain": grain})
    store.query(f"ALTER TABLE closing_balances UPDATE n = n + 1 WHERE closing = '{closing['closing']}' {SYNC}")
    assert list_found(checker.take_turn()) == [("TOTALS_AGREE", None, ())]


def test_a_count_that_is_carried_on_wrongly_makes_the_totals_differ(
    checker: InvariantChecker, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came since is left out of the count of the turn before: the postings say otherwise."""
    assert list_found(checker.take_turn()) == []
    writer.write_entries(make_entry(1, 3, 6, [make_leg(1, 6, "D4")], threat="T4", disruption="D4"))
    assert list_found(checker.take_turn()) == []
    monkeypatch.setattr(question, "add_legs", lambda cells, *_: cells)
    writer.write_entries(make_entry(1, 4, 7, [make_leg(-1, 7, "D4")], threat="T4", disruption="D4", version=2))
    assert list_found(checker.take_turn()) == [("TOTALS_AGREE", None, ())]


def test_what_is_on_its_way_is_not_judged(checker: InvariantChecker, store: Store) -> None:
    """Postings are written before their entries: past the frontier they are nobody's yet."""
    store.query(FORGED.format(other="toInt64(3) AS offset, 'PROTECT' AS pillar"))
    assert store.query("SELECT max(offset) AS last FROM postings WHERE partition = 0")[0]["last"] == 3
    assert list_found(checker.take_turn()) == []


def test_a_large_ledger_is_looked_at_by_turns_and_what_moved_at_once(
    checker: InvariantChecker, store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One partition a turn: which one is broken waits for its turn, unless its threat moved since the last."""
    monkeypatch.setattr(invariant_checker, "TURN_POSTINGS", 5)
    first = checker.take_turn()
    assert (list_found(first), first.whole) == ([], False)
    checker.take_turn()
    store.query(
        FORGED.format(other="toUInt32(7) AS leg, 'PROTECT' AS pillar, toInt32(1) AS partition, 'T9' AS threat_id")
    )
    assert list_found(checker.take_turn()) == [("TOTALS_AGREE", None, ())]  # the count of before lacks it
    twice = [make_leg(1, 6, "D4"), make_leg(1, 6, "D4", pillar="PREPARE")]
    writer.write_entries(make_entry(0, 3, 6, twice, threat="T4", disruption="D4"))
    found = list_found(checker.take_turn())  # at partition 1, and at what moved
    assert ("ONE_ACCOUNT", 0, (3,)) in found
    assert ("STORE_EQUALS_ENTRIES", 1, (1,)) in found


def test_a_store_that_does_not_answer_is_no_breach(checker: InvariantChecker, store: Store) -> None:
    """What was found before stands, and the report says why it is old."""
    before = checker.take_turn()
    store.query("RENAME TABLE postings TO away")
    report = checker.take_turn()
    assert (report.breaches, report.checked_at) == ((), before.checked_at)
    assert report.trouble
    assert format_report(report)["trouble"] == report.trouble


def test_every_invariant_has_its_sentence_and_its_remedy() -> None:
    """Health says what to do about each."""
    assert set(MEANINGS) == set(REMEDIES) == set(BREACHES) == set(Invariant)
