"""Sums that go on by touched threats are those that the store has, and what signs rest on is what the events say.

Random histories in the real engine, each with threats and a partition of its own, heard block by block.
"""

from collections import Counter
from datetime import date, datetime
from itertools import chain
from math import inf
from random import Random
from statistics import median
from typing import Any

import msgspec
import pytest

from ledger.facts import Fact, ThreatFact
from ledger.instants import find_period_before, make_date
from methodology.signals import SIGNAL_RULES, Recording
from queries import kept_sums, threat_sums
from queries.compare_queries import CompareQuery, RecordState
from queries.differences import answer_compare
from queries.recordings import KINDS, read_recordings
from queries.signal_queries import SignalQuery
from queries.snapshot import Snapshot, SnapshotSource, take_snapshot
from sinks.store import Store
from tests.laws import naive
from tests.laws.histories import INSTANTS, LEDGER_START, make_seeded
from tests.methodology.facts import JULY_1_2023
from tests.queries.histories_stored import StoredHistory, make_instant, rename_apart
from tests.sinks.broker import Broker

HISTORIES, BLOCKS, HEARD_FIRST = 40, 6, 3  # of each history so many events come with the first block
PERIOD = (make_date(JULY_1_2023 - 3), make_date(JULY_1_2023))
RULES = SIGNAL_RULES[0]._replace(fewest=0, jump=0, late_days=31)  # of everybody, what a jump is held to is read
LATE = 31 * 86_400
THEN, NOW = make_instant(INSTANTS[2]), make_instant(INSTANTS[5])
KNOWN = make_instant(LEDGER_START + 3)
COMPARISONS = (
    CompareQuery(start=PERIOD[0], end=PERIOD[1], by=("region",), then=RecordState(as_at=THEN)),
    CompareQuery(
        start=PERIOD[0],
        end=PERIOD[1],
        by=("org", "type", "category", "month"),
        then=RecordState(as_at=THEN, known_at=KNOWN),
        now=RecordState(as_at=NOW),
    ),
)
SIGNALS = (
    SignalQuery(start=PERIOD[0], end=PERIOD[1]),
    SignalQuery(start=PERIOD[0], end=make_date(JULY_1_2023 + 30), as_at=NOW, known_at=KNOWN),
)
Blocks = list[list[naive.Admitted]]


def moderate_apart(arrivals: naive.Admitted) -> naive.Admitted:
    """Leave every second assessment unmoderated, and two of a threat that were entered at one instant out of it."""
    said, seen = [], set()
    for fact, learnt in arrivals:
        if isinstance(fact, ThreatFact):
            if (fact.threat_id, fact.entered_at) in seen:
                return []
            seen.add((fact.threat_id, fact.entered_at))
        moderation = {"moderation_status": "UNMODERATED" if fact.version % 2 else "MODERATED"}
        changed = moderation if isinstance(fact, ThreatFact) else {}
        said.append((msgspec.structs.replace(fact, **changed), learnt))
    return said


@pytest.fixture(scope="module")
def blocks() -> Blocks:
    """The first events of every history, and then, block by block, the next of a few."""
    pick = Random(1)
    histories = [rename_apart(one, moderate_apart(make_seeded(70_000 + one))) for one in range(HISTORIES)]
    made, heard = [[one[:HEARD_FIRST] for one in histories]], [HEARD_FIRST] * HISTORIES
    for _ in range(BLOCKS):
        ends = [min(len(one), at + pick.choice((0, 0, 0, 2))) for one, at in zip(histories, heard, strict=True)]
        made.append([one[at:end] for one, at, end in zip(histories, heard, ends, strict=True)])
        heard = ends
    return made


def ask_all(snapshot: Snapshot) -> list[Any]:
    """Every comparison, and what signs rest on."""
    compared = [answer_compare(snapshot, query)["rows"] for query in COMPARISONS]
    return [*compared, *(read_recordings(snapshot, query, RULES, 0) for query in SIGNALS)]


def note_threats(patch: pytest.MonkeyPatch) -> list[int]:
    """Note, of each question to the store about disruptions, of how many threats it asks; 0: of all."""
    asked: list[int] = []
    ask = Store.query

    def ask_store(self: Store, sql: str, parameters: Any = None, settings: Any = None) -> Any:
        if "AS measured" in sql or "AS move" in sql:
            asked.append(len((parameters or {}).get("threats", ())))
        return ask(self, sql, parameters, settings)

    patch.setattr(Store, "query", ask_store)
    patch.setattr(kept_sums, "KEPT_SECONDS", inf)  # however slow the machine is
    return asked


def test_sums_that_go_on_are_those_of_the_store(
    history: StoredHistory, blocks: Blocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Block by block; of a few threats each time, where few were touched, and of none where nothing came."""
    history.clear()
    source, asked = SnapshotSource(history.store, Broker()), note_threats(monkeypatch)
    for number, block in enumerate(blocks):
        history.hear_events(*block)
        asked.clear()
        found = ask_all(source.take_snapshot())
        touched = len({fact.threat_id for arrivals in block for fact, _ in arrivals})
        assert asked == ([touched] * 8 if number else [0] * 4), "each sum is asked of then, and of now"
        asked.clear()
        assert ask_all(source.take_snapshot()) == found
        assert asked == [], "at one position it is known"
        assert ask_all(take_snapshot(history.store, Broker())) == found
        assert asked == [0] * 4


def test_of_many_threats_the_store_is_asked_for_all(
    history: StoredHistory, blocks: Blocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two readings of so many would cost more than one of all."""
    monkeypatch.setattr(threat_sums, "THREATS_MOST", 1)
    history.clear()
    source, asked = SnapshotSource(history.store, Broker()), note_threats(monkeypatch)
    for block in blocks[:2]:
        history.hear_events(*block)
        assert ask_all(source.take_snapshot()) == ask_all(take_snapshot(history.store, Broker()))
    assert asked == [0] * 16


@pytest.mark.parametrize("query", SIGNALS, ids=["all that is known", "a past view"])
def test_what_signs_rest_on_is_what_the_events_say(history: StoredHistory, blocks: Blocks, query: SignalQuery) -> None:
    """Of both periods, and each recorder: counts, first entries, and the threat as it was known at the first entry."""
    history.clear()
    for block in blocks:
        history.hear_events(*block)
    told = [list(chain.from_iterable(block[one] for block in blocks)) for one in range(HISTORIES)]
    periods = (query.start, query.end), find_period_before(query.start, query.end)
    found = read_recordings(history.take_snapshot(), query, RULES, 0)
    for recordings, period in zip(found, periods, strict=True):
        expected = judge_recordings(told, period, count_bound(query.as_at), count_bound(query.known_at))
        shown = {code: one._replace(threats=0, vulnerabilities=0, active=0) for code, one in recordings.items()}
        assert {code: one for code, one in shown.items() if one.recorded} == expected
    assert {"closed", "unmoderated", "late"} <= {name for one in found[0].values() for name in list_met(one)}


def count_bound(instant: datetime | None) -> int:
    """An instant in milliseconds, late enough for all where there is none."""
    return 2**60 if instant is None else round(instant.timestamp() * 1000)


def list_met(recording: Recording) -> list[str]:
    """The names of what there is any of."""
    return [name for name, n in recording._asdict().items() if n]


def judge_recordings(
    told: list[naive.Admitted], period: tuple[date, date], as_at: int, known_at: int
) -> dict[str, Recording]:
    """Judge by the events what is recorded in a period, by recorder."""
    sums: dict[str, Counter[str]] = {}
    delays: dict[str, list[float]] = {}
    for arrivals in told:
        facts = naive.select_heard(arrivals, as_at, known_at)
        for name, account in naive.find_accounts(arrivals, as_at, known_at).items():
            if account[1] == "LEAD" and period[0] <= make_date(account[6]) <= period[1]:
                counts = sums.setdefault(account[0], Counter())
                counts.update(["recorded", account[7], f"{account[2]} {account[7]}", f"kind {account[3]}"])
                delay = judge_entry(arrivals, facts, name, account, known_at, counts)
                delays.setdefault(account[0], []).extend([] if delay is None else [delay])
    return {
        code: Recording(
            recorded=counts["recorded"],
            counted=counts["COUNTED"],
            pursue=counts["PURSUE COUNTED"],
            prevent=counts["PREVENT COUNTED"],
            protect=counts["PROTECT COUNTED"],
            awaiting=counts["AWAITING_THREAT"],
            second_pillar=counts["SECOND_PILLAR"],
            kinds=tuple(counts[f"kind {one}"] for one in KINDS),
            measured=len(delays[code]),
            late=sum(one > LATE for one in delays[code]),
            delay_days=median(delays[code]) / 86_400 if delays[code] else 0.0,
            closed=counts["closed"],
            unmoderated=counts["unmoderated"],
        )
        for code, counts in sums.items()
    }


def judge_entry(  # noqa: PLR0917  (all that is said of one disruption)
    arrivals: naive.Admitted,
    facts: list[Fact],
    name: tuple[str, str],
    account: tuple[Any, ...],
    known_at: int,
    counts: Counter[str],
) -> float | None:
    """Judge the first entry of a disruption, and its threat then; None where another recorder made it."""
    entered = naive.find_first_entry(facts, name)
    first = [one for one in facts if one.entered_at == entered and getattr(one, "disruption_id", None) == name[1]]
    if first[0].recorder != account[0]:
        return None
    threat = naive.find_threat_accounts(arrivals, entered, known_at).get(name[0])
    if threat is not None and threat[7]:
        counts["closed"] += 1
    elif threat is not None and threat[4] != "MODERATED":
        counts["unmoderated"] += 1
    ended = (account[6] + 1) * 86_400 - 3_600  # in London's summer
    return max(0, entered // 1000 - ended)
