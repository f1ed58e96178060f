"""Signs over the real engine: what a recorder's figures are made of, by hand."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from infra.settings import Settings
from ledger.entries import Account, Leg, SourceRecord, ThreatAccount, ThreatLeg
from ledger.facts import DisruptionFact
from ledger.instants import MILLIS_PER_DAY
from ledger.vocabulary import Code, Verdict
from methodology.posting import Posted
from methodology.signals import SIGNAL_RULES, Recording
from queries.recordings import read_recordings
from queries.signal_queries import SignalQuery, SignalRecordsQuery
from queries.signals import answer_signal_records, answer_signals
from queries.snapshot import Snapshot, take_snapshot
from sinks.feed_events import FeedEventWriter
from sinks.store import Store
from tests.facts import make_disruption, make_threat
from tests.sinks.broker import Broker
from tests.sinks.records import CODEC, Writer, count_day, count_millis_of
from tests.stores import open_migrated

JUNE: dict[str, Any] = {"start": date(2022, 6, 1), "end": date(2022, 6, 30)}
DAY = count_day("2022-06-01")
JUMPED = SIGNAL_RULES[0]._replace(fewest=0, jump=0)  # so that what a jump is held to is read of everybody


def count_entered_after(count: float) -> int:
    """So many days after the end of 1 June 2022 in London, which is at 23:00 in UTC."""
    return round((DAY + 1 + count) * MILLIS_PER_DAY) - 3_600_000


class Kent:
    """Writes what Kent published, one after another, and what it came to."""

    def __init__(self, store: Store) -> None:
        self._writer = Writer(store)
        self._next = 0

    def admit_disruption(
        self, number: int, late: float, standing: str = "COUNTED", pillar: str = "PURSUE", **said: object
    ) -> None:
        """Admit a lead disruption of 1 June, entered so many days after it, against T1 unless ``said``."""
        fact = self._make_fact(number, late, pillar=pillar, **said)
        kind = "UNKNOWN" if standing == "AWAITING_THREAT" else "OCG"
        account = Account("kent", fact.type, pillar, kind, "DRUGS", "MAJOR", DAY, standing)
        legs = (Leg(fact.disruption_id, account, 1, fact.entered_at),)
        self._writer.write_entries(
            CODEC.encode_entry(self._make_source(fact), fact, Posted(Verdict.ADMITTED, legs, ()))
        )

    def reject_support(self, number: int) -> None:
        """Refuse support of that day."""
        fact = self._make_fact(number, 1, type="SUPPORT")
        source = self._make_source(fact)
        self._writer.write_rejections(CODEC.encode_rejection(source, Code.SUPPORT_BY_FORCE, "Lead alone.", fact))

    def admit_assessment(self, threat: str, late: float, *, closed: bool, moderation: str, sign: int = 1) -> None:
        """Admit an assessment of a threat, entered so many days after 1 June."""
        fact = make_threat(event_id=str(UUID(int=900 + self._next)), threat_id=threat, owner="kent")
        account = ThreatAccount("kent", "OCG", "DRUGS", "TACTICAL", moderation, True, 2, closed)
        legs = (ThreatLeg(account, sign, count_entered_after(late)),)
        source = SourceRecord(0, self._next, self._next - 1, count_millis_of(0), b"T", CODEC.encode_fact(fact), ())
        self._next += 1
        self._writer.write_entries(CODEC.encode_entry(source, fact, Posted(Verdict.ADMITTED, (), legs)))

    def _make_fact(self, number: int, late: float, **said: object) -> DisruptionFact:
        names = {"event_id": str(UUID(int=number)), "disruption_id": f"D{number}", "source_sequence": number}
        fields = {"threat_id": "T1", "recorded_by": "kent", "event_date": DAY, "entered_at": count_entered_after(late)}
        return make_disruption(**names | fields | said)

    def _make_source(self, fact: DisruptionFact) -> SourceRecord:
        self._next += 1
        before = self._next - 2
        return SourceRecord(0, before + 1, before, count_millis_of(0), b"T", CODEC.encode_fact(fact), ())


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """T1 is moderated, and closed five days after 1 June; T2 is never moderated; T3 is not known."""
    with open_migrated(Settings(state=tmp_path_factory.mktemp("signals"))) as store:
        kent = Kent(store)
        kent.admit_assessment("T1", -100, closed=False, moderation="MODERATED")
        kent.admit_assessment("T1", 5, closed=False, moderation="MODERATED", sign=-1)
        kent.admit_assessment("T1", 5, closed=True, moderation="MODERATED")
        kent.admit_assessment("T2", -100, closed=False, moderation="UNMODERATED")
        kent.admit_disruption(1, 1, activity_ref="A")
        kent.admit_disruption(2, 30, pillar="PREVENT")  # against a threat closed then; the thirtieth day is not late
        kent.admit_disruption(3, 31, pillar="PROTECT")  # the same; late
        kent.admit_disruption(4, 2, threat_id="T2")
        kent.admit_disruption(5, 3, "AWAITING_THREAT", threat_id="T3")
        kent.admit_disruption(6, 4, "SECOND_PILLAR", activity_ref="A")
        kent.admit_disruption(7, 4, type="SUPPORT", benefits="surrey")  # in none of it
        kent.reject_support(8)
        follower = FeedEventWriter(store, CODEC)
        while follower.follow_store():
            pass
        yield take_snapshot(store, Broker({}))


def test_a_recorders_figures_are_counted_by_hand(snapshot: Snapshot) -> None:
    """Delays of 1, 2, 3, 4, 30 and 31 days: median 3.5. The one active threat is T1's before it closed."""
    found, before = read_recordings(snapshot, SignalQuery(**JUNE), JUMPED, 0)
    assert found == {
        "kent": Recording(
            recorded=6, counted=4, pursue=2, prevent=1, protect=1, awaiting=1, second_pillar=1, kinds=(5, 0, 0, 1),
            active=2, measured=6, late=1, delay_days=3.5, closed=2, unmoderated=1, support_refused=1,
        )
    }  # fmt: skip
    assert before == {}
    quiet = read_recordings(snapshot, SignalQuery(**JUNE), SIGNAL_RULES[0], 0)[0]["kent"]
    assert quiet == found["kent"]._replace(active=0, delay_days=0.0), "nobody jumped, so nothing is held to it"
    after = SignalQuery(start=date(2022, 6, 2), end=date(2022, 6, 30))
    assert read_recordings(snapshot, after, JUMPED, 0) == ({}, {})


@pytest.mark.parametrize(
    ("start", "end", "now"),
    [(date(2023, 6, 1), date(2023, 6, 30), 0), (date(2022, 1, 1), date(2023, 12, 31), 6)],
    ids=["the next year", "two years, one of which is both"],
)
def test_the_period_before_is_read_with_the_period(snapshot: Snapshot, start: date, end: date, now: int) -> None:
    """The same six: of the year before, or of both where a period is so long that it overlaps the one before."""
    found, before = read_recordings(snapshot, SignalQuery(start=start, end=end), JUMPED, 0)
    assert sum(one.recorded for one in found.values()) == now
    (kent,) = before.values()
    assert (kent.recorded, kent.kinds, kent.active, kent.delay_days) == (6, (5, 0, 0, 1), 2, 3.5)
    assert (kent.threats, kent.support_refused) == (0, 0), "no change is judged by them"


def test_threats_are_those_of_the_periods_end(snapshot: Snapshot) -> None:
    """T1 was closed on 6 June: it is active at the end of the 3rd."""
    asked = SignalQuery(start=date(2022, 6, 1), end=date(2022, 6, 3))
    (kent,) = read_recordings(snapshot, asked, JUMPED, 0)[0].values()
    assert (kent.recorded, kent.threats) == (6, 1)


def test_a_past_view_knows_what_was_entered_by_then(snapshot: Snapshot) -> None:
    """As at the end of 5 June: the disruptions entered 1 to 3 days after the 1st; T1 is open and active."""
    asked = SignalQuery.parse_fields(from_="2022-06-01", to="2022-06-30", as_at="2022-06-05")
    (kent,) = read_recordings(snapshot, asked, JUMPED, 0)[0].values()
    assert (kent.recorded, kent.delay_days, kent.closed, kent.unmoderated, kent.threats) == (3, 2.0, 0, 1, 1)


def test_the_answer_names_signs_and_bounds(snapshot: Snapshot) -> None:
    """Of so few, refused support alone is a sign."""
    answer = answer_signals(snapshot, SignalQuery(**JUNE))
    assert [(row["signal"], row["org"], row["n"]) for row in answer["rows"]] == [("SUPPORT_BY_FORCE", "kent", 1)]
    assert (answer["bounds"]["late_days"], answer["judged"], answer["behind"]) == (30, 1, 0)
    assert answer_signals(snapshot, SignalQuery(**JUNE, org="surrey"))["rows"] == []


@pytest.mark.parametrize(
    ("signal", "behind"),
    [("LATE_ENTRY", ["D3"]), ("UNFIT_THREATS", ["D2", "D3", "D4"]), ("SUPPORT_BY_FORCE", ["D8"])],
)
def test_the_records_behind_a_sign_are_listed(snapshot: Snapshot, signal: str, behind: list[str]) -> None:
    """Their number is the sign's, also where not all are listed."""
    answer = answer_signal_records(snapshot, SignalRecordsQuery(signal=signal, org="kent", **JUNE))
    assert ([row["disruption_id"] for row in answer["rows"]], answer["total"]) == (behind, len(behind))
    first = answer_signal_records(snapshot, SignalRecordsQuery(signal=signal, org="kent", limit=1, **JUNE))
    assert (len(first["rows"]), first["total"]) == (1, len(behind))
