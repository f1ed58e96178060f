"""Then beside now over random histories in the real engine, judged by the naive statement of the rules.

The judge reads the events afresh: what was learnt late is the record as at then by both knowledges; after that, it goes
from entry instant to entry instant and asks which events were entered just then.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ledger.facts import DisruptionFact
from queries.compare_queries import CompareQuery, RecordState
from queries.differences import answer_compare
from tests.laws import naive
from tests.laws.histories import INSTANTS, LEDGER_START, make_seeded
from tests.methodology.facts import JULY_1_2023
from tests.queries.histories_stored import StoredHistory, make_instant, open_history, rename_apart

HISTORIES = 100
PERIOD = (JULY_1_2023 - 2, JULY_1_2023 + 30)  # some of the event dates: amendments cross its bounds
BY = ("org", "type", "pillar", "kind", "crime_type", "category", "month")
KNOWN = tuple(LEDGER_START + shift for shift in range(8))
Instants = tuple[int, int, int, int]  # then: as at, known at; now: as at, known at


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[StoredHistory, list[naive.Admitted]]]:
    """Many small histories side by side in one store, each with threats and a partition of its own."""
    histories = [rename_apart(number, make_seeded(50_000 + number)) for number in range(HISTORIES)]
    with open_history(Path(tmp_path_factory.mktemp("state"))) as history:
        history.hear_events(*histories)
        yield history, histories


def choose_instants(seed: int) -> Instants:
    """Choose two states, then not after now by either clock."""
    pick = Random(seed)
    as_at = sorted(pick.choice(INSTANTS) for _ in range(2))
    known_at = sorted(pick.choice(KNOWN) for _ in range(2))
    return as_at[0], known_at[0], as_at[1], known_at[1]


def ask_engine(history: StoredHistory, instants: Instants) -> list[dict[str, Any]]:
    """Ask for every cell."""
    then_as_at, then_known_at, as_at, known_at = map(make_instant, instants)
    start, end = (date.fromordinal(date(1970, 1, 1).toordinal() + day) for day in PERIOD)
    query = CompareQuery(
        start=start,
        end=end,
        by=BY,
        then=RecordState(as_at=then_as_at, known_at=then_known_at),
        now=RecordState(as_at=as_at, known_at=known_at),
    )
    return answer_compare(history.take_snapshot(), query)["rows"]


def count_cells(accounts: dict[Any, Any]) -> Counter[tuple[str, ...]]:
    """Count by cell what is in the figure."""
    counted: Counter[tuple[str, ...]] = Counter()
    for organisation, type_, pillar, kind, crime_type, category, day, standing in accounts.values():
        if standing == "COUNTED" and PERIOD[0] <= day <= PERIOD[1]:
            month = date.fromordinal(date(1970, 1, 1).toordinal() + day).isoformat()[:7]
            counted[organisation, type_, pillar, kind, crime_type, category, month] += 1
    return counted


def judge_causes(arrivals: naive.Admitted, instants: Instants) -> Counter[tuple[tuple[str, ...], str]]:
    """Judge by cell and cause what lies between two states of one history."""
    then_as_at, then_known_at, as_at, known_at = instants
    found: Counter[tuple[tuple[str, ...], str]] = Counter()

    def rename_one(before: dict[Any, Any], after: dict[Any, Any], cause: str) -> None:
        for one, sign in ((after, 1), (before, -1)):
            for cell, n in count_cells(one).items():
                found[cell, cause] += sign * n

    by_then = naive.find_accounts(arrivals, then_as_at, known_at)
    rename_one(naive.find_accounts(arrivals, then_as_at, then_known_at), by_then, "LEARNT_LATE")
    stood = by_then
    for instant in range(then_as_at + 1, as_at + 1):
        stands = naive.find_accounts(arrivals, instant, known_at)
        for name in stood.keys() | stands.keys():
            before, after = ({name: one[name]} if name in one else {} for one in (stood, stands))
            if before != after:
                entered = [fact for fact, learnt in arrivals if learnt <= known_at and fact.entered_at == instant]
                rename_one(before, after, judge_cause(name, before.get(name), after.get(name), entered, then_as_at))
        stood = stands
    return found


def judge_cause(name: Any, before: Any, after: Any, entered: list[Any], then: int) -> str:
    """Judge by what was entered at the instant; where it was several things, the recorder's own comes first."""
    if before is None:
        return "HAPPENED_SINCE" if after[6] > then // 86_400_000 else "ENTERED_LATE"
    if after is None:
        return "WITHDRAWN"
    own = [
        one.change for one in entered if isinstance(one, DisruptionFact) and (one.threat_id, one.disruption_id) == name
    ]
    if "REASSESSED" in own and before[5] != after[5]:
        return "REASSESSED"
    if "AMENDED" in own and (len(own) == len(entered) or before[:3] + before[6:7] != after[:3] + after[6:7]):
        return "AMENDED"
    if before[3:5] != after[3:5]:
        return "THREAT_KNOWN" if before[7] == "AWAITING_THREAT" else "THREAT_RECLASSIFIED"
    return "AMENDED" if own else "ACTIVITY_CHANGED"


@pytest.mark.parametrize("seed", range(6))
def test_then_now_and_every_cause_are_what_the_events_say_and_sum_in_every_cell(told: Any, seed: int) -> None:
    """The engine's cells are those of the naive judge, count by count and cause by cause."""
    history, histories = told
    instants = choose_instants(seed)
    rows = ask_engine(history, instants)
    assert rows, "a comparison of nothing shows nothing"
    for row in rows:
        assert row["then"] + sum(row["causes"].values()) == row["now"] == row["then"] + row["difference"]
    expected: Counter[tuple[tuple[str, ...], str]] = Counter()
    counts: dict[str, Counter[tuple[str, ...]]] = {"then": Counter(), "now": Counter()}
    for arrivals in histories:
        expected.update(judge_causes(arrivals, instants))
        counts["then"].update(count_cells(naive.find_accounts(arrivals, *instants[:2])))
        counts["now"].update(count_cells(naive.find_accounts(arrivals, *instants[2:])))
    shown = {tuple(row[name] for name in BY): row for row in rows}
    assert {cell: row["then"] for cell, row in shown.items() if row["then"]} == dict(counts["then"])
    assert {cell: row["now"] for cell, row in shown.items() if row["now"]} == dict(counts["now"])
    causes = {(cell, cause): n for cell, row in shown.items() for cause, n in row["causes"].items()}
    assert causes == {key: n for key, n in expected.items() if n}


def test_the_histories_have_every_cause(told: Any) -> None:
    """What is judged above is all of the vocabulary, but what happened after then: every event date is before it."""
    history, _ = told
    causes = {
        cause for seed in range(6) for row in ask_engine(history, choose_instants(seed)) for cause in row["causes"]
    }
    assert causes == {
        "ENTERED_LATE",
        "LEARNT_LATE",
        "REASSESSED",
        "AMENDED",
        "WITHDRAWN",
        "THREAT_KNOWN",
        "THREAT_RECLASSIFIED",
        "ACTIVITY_CHANGED",
    }
