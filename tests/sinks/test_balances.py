"""Balances, on every store, against figures counted by hand.

The story, in minutes after 1 July 2022 00:00 UTC (entered, learnt):

====  ===========  ========================================================================================
D1    metropolitan lead, PURSUE/DRUGS, event 10 January 2022: entered 10, learnt 12
      amended to PREVENT: entered 30, learnt 31
D2    metropolitan lead, PURSUE/CYBER, event 30 June 2022: entered 11, but learnt only at 50 (its system was away)
D3    essex lead, event 1 July 2021: entered 20, learnt 21, awaiting its threat
      the threat is learnt at 40: D3 counts, from its own entry on
D4    rocu-eastern SUPPORT, event 1 March 2022: entered 15, learnt 15
D5    essex lead, event 5 May 2022: entered 16, learnt 17; withdrawn: entered 35, learnt 36
D6    metropolitan lead, category NONE, event 6 June 2022: entered 18, learnt 18; never counted
====  ===========  ========================================================================================
"""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from ledger.errors import Misuse
from ledger.organisations import Organisation, RegionMembership
from ledger.vocabulary import OrganisationKind
from queries import balances, explain
from queries.answer import Answer
from queries.balance_queries import CountQuery, ExtractQuery
from queries.record_queries import DisruptionQuery
from queries.snapshot import take_snapshot
from sinks import organisations
from sinks.migration import migrate_store
from sinks.store import Store
from tests.sinks.broker import Broker
from tests.sinks.records import Writer, count_day, count_millis_of, make_entry, make_leg, tell_instant

FIRST, LAST = date(2021, 7, 1), date(2022, 6, 30)
END = 10_000


@pytest.fixture
def story(store: Store, writer: Writer) -> Store:
    """The store with the story in it."""
    cyber = {"crime_type": "CYBER"}
    essex = {"organisation": "essex"}
    waiting = essex | {"standing": "AWAITING_THREAT", "kind": "UNKNOWN", "crime_type": "UNKNOWN"}
    support = {"organisation": "rocu-eastern", "type": "SUPPORT"}
    none = {"category": "NONE", "standing": "CATEGORY_NOT_COUNTED"}
    writer.write_entries(
        make_entry(0, 0, 12, [make_leg(1, 10)]),
        make_entry(0, 1, 31, [make_leg(-1, 30), make_leg(1, 30, pillar="PREVENT")]),
        make_entry(0, 2, 50, [make_leg(1, 11, "D2", "2022-06-30", **cyber)]),
        make_entry(1, 0, 15, [make_leg(1, 15, "D4", "2022-03-01", **support)]),
        make_entry(1, 1, 17, [make_leg(1, 16, "D5", "2022-05-05", **essex)]),
        make_entry(1, 2, 18, [make_leg(1, 18, "D6", "2022-06-06", **none)]),
        make_entry(1, 3, 21, [make_leg(1, 20, "D3", "2021-07-01", **waiting)]),
        make_entry(1, 4, 36, [make_leg(-1, 35, "D5", "2022-05-05", **essex)]),
        make_entry(
            1, 5, 40, [make_leg(-1, 20, "D3", "2021-07-01", **waiting), make_leg(1, 20, "D3", "2021-07-01", **essex)]
        ),
    )
    return store


def extract_year(store: Store, as_at: int = END, known_at: int = END, **asked: Any) -> Answer:
    """The year ending June 2022, as at two minutes of the story."""
    return balances.answer_extract(
        take_snapshot(store, Broker({0: 3, 1: 6})),
        ExtractQuery(start=FIRST, end=LAST, as_at=tell_instant(as_at), known_at=tell_instant(known_at), **asked),
    )


def find_total(answer: Answer) -> int:
    """The one number of an answer without dimensions; 0 where no row is left."""
    return sum(int(row["n"]) for row in answer.rows)


AS_AT_AND_KNOWN_AT = (
    (9, END, 0),  # nothing was entered yet
    (10, END, 1),  # D1, as we know now
    (10, 11, 0),  # but then it was not known
    (11, END, 2),  # D1, D2: late to arrive, not late to be entered
    (11, 49, 1),  # D2 not known
    (16, 39, 2),  # D1, D5
    (20, 39, 2),  # D3 awaits its threat
    (20, 40, 3),  # and counts from its own entry on, once the threat is known
    (20, 50, 4),  # D1, D2, D3, D5
    (34, 50, 4),
    (35, 35, 2),  # withdrawn in its system, not known here: D1, D5
    (35, 36, 1),  # known: D1
    (END, END, 3),  # D1, D2, D3
)


def test_a_figure_is_as_at_one_instant_and_known_at_another(story: Store) -> None:
    """Both bounds included, each by its own clock."""
    found = [
        (as_at, known_at, find_total(extract_year(story, as_at, known_at))) for as_at, known_at, _ in AS_AT_AND_KNOWN_AT
    ]
    assert found == list(AS_AT_AND_KNOWN_AT)


def test_an_amendment_moves_a_disruption_between_accounts(story: Store) -> None:
    """Before it, one account; after it, the other; at no instant both or neither."""
    before = extract_year(story, 29, END, by=["pillar"], org="metropolitan").rows
    after = extract_year(story, 30, END, by=["pillar"], org="metropolitan").rows
    assert before == [{"pillar": "PURSUE", "n": 2}]
    assert after == [{"pillar": "PREVENT", "n": 1}, {"pillar": "PURSUE", "n": 1}]


def test_event_dates_are_inclusive_and_the_literal_reading_is_shown_where_it_differs(story: Store) -> None:
    """D3 happened on the first day, D2 on the last: "greater than" loses the first (rule 11)."""
    whole = extract_year(story)
    assert find_total(whole) == 3
    assert whole.filters["literal"] == {"reads": "greater than 2021-07-01, less than 2022-07-01", "n": 2}
    assert (whole.filters["from"], whole.filters["to"]) == ("2021-07-01", "2022-06-30")
    inner = balances.answer_extract(
        take_snapshot(story, Broker({})), ExtractQuery(start=date(2021, 7, 2), end=date(2022, 6, 29))
    )
    assert find_total(inner) == 1
    assert "literal" not in inner.filters


def test_lead_and_support_are_never_one_number(story: Store) -> None:
    """Lead unless asked; with the type as a dimension, both, apart; in either case the filters say so."""
    lead, support, both = extract_year(story), extract_year(story, type="support"), extract_year(story, by=["type"])
    assert (find_total(lead), lead.filters["type"]) == (3, "LEAD")
    assert (support.rows, support.filters["type"]) == ([{"n": 1}], "SUPPORT")
    assert both.rows == [{"type": "LEAD", "n": 3}, {"type": "SUPPORT", "n": 1}]
    assert both.filters["type"] == "each"
    assert extract_year(story, by=["type"], type="lead").rows == [{"type": "LEAD", "n": 3}]
    with pytest.raises(Misuse, match="never added"):
        extract_year(story, type="all")


def test_standing_is_counted_unless_asked(story: Store) -> None:
    """All standings are rows where they are a dimension, and otherwise the total."""
    assert find_total(extract_year(story, standing="all")) == 4
    assert extract_year(story, standing="all", by=["standing"]).rows == [
        {"standing": "CATEGORY_NOT_COUNTED", "n": 1},
        {"standing": "COUNTED", "n": 3},
    ]
    assert extract_year(story, 20, 39, standing="awaiting_threat", by=("org",)).rows == [{"org": "essex", "n": 1}]
    with pytest.raises(Misuse, match="AWAITING_THREAT"):
        extract_year(story, standing="VANISHED")


def test_every_dimension_is_a_row_and_totals_agree(story: Store) -> None:
    """Organisation, region and national totals are the same disruptions."""
    rows = extract_year(story, by=["region", "org", "month", "kind", "crime_type", "category", "pillar"]).rows
    usual = {"kind": "OCG", "category": "MAJOR"}
    assert rows == [
        {"region": "Eastern", "org": "essex", "month": "2021-07", "crime_type": "DRUGS", "pillar": "PURSUE", "n": 1}
        | usual,
        {"region": "London", "org": "metropolitan", "month": "2022-01", "crime_type": "DRUGS", "pillar": "PREVENT"}
        | usual
        | {"n": 1},
        {"region": "London", "org": "metropolitan", "month": "2022-06", "crime_type": "CYBER", "pillar": "PURSUE"}
        | usual
        | {"n": 1},
    ]
    assert extract_year(story, by=["region"]).rows == [{"region": "Eastern", "n": 1}, {"region": "London", "n": 2}]


def test_zero_rows_are_left_out(story: Store) -> None:
    """D5 was withdrawn: it left its account, and the account is not a row."""
    assert {"org": "essex", "month": "2022-05"} not in [
        {k: row[k] for k in ("org", "month")} for row in extract_year(story, by=["org", "month"]).rows
    ]


def test_what_makes_no_sense_is_misuse(story: Store) -> None:
    """Each with what there is instead."""
    with pytest.raises(Misuse, match="'force'; there are: org, region"):
        extract_year(story, by=["org", "force"])
    with pytest.raises(Misuse, match="before it starts"):
        balances.answer_extract(take_snapshot(story, Broker()), ExtractQuery(start=LAST, end=FIRST))
    with pytest.raises(Misuse, match="org: there is no"):
        extract_year(story, org="essex' OR 1=1 --")
    told = explain.tell_story(story, DisruptionQuery.parse_fields(disruption_id="D1' OR 1=1 --"), [3, 6])
    assert told["threats"] == [], "what a reader writes is a value, never SQL"


def test_counts_are_the_live_balances(story: Store) -> None:
    """Of all that is stored, of every period, whatever the clock says."""
    answer = balances.answer_count(take_snapshot(story, Broker({0: 3, 1: 6})), CountQuery(by=("org",)))
    assert answer.rows == [{"org": "essex", "n": 1}, {"org": "metropolitan", "n": 2}]
    assert answer.complete
    assert answer.position == {0: 3, 1: 6}
    assert answer.as_at.tzinfo is UTC


def test_the_views_show_the_same_and_never_mix(story: Store) -> None:
    """What any SQL client sees."""
    lead = story.query("SELECT * FROM lead_counts ORDER BY force, pillar")
    assert lead == [
        {"force": "essex", "pillar": "PURSUE", "threat_kind": "OCG", "crime_type": "DRUGS", "n": 1},
        {"force": "metropolitan", "pillar": "PREVENT", "threat_kind": "OCG", "crime_type": "DRUGS", "n": 1},
        {"force": "metropolitan", "pillar": "PURSUE", "threat_kind": "OCG", "crime_type": "CYBER", "n": 1},
    ]
    support = story.query("SELECT force, n FROM support_counts")
    assert support == [{"force": "rocu-eastern", "n": 1}]
    comments = story.query(
        "SELECT comment FROM system.tables WHERE database = currentDatabase() AND name LIKE '%_counts'"
    )
    assert all("ever add" in row["comment"] for row in comments)


def test_a_region_is_that_of_the_event_date(store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A force that moves leaves its earlier figures where they were; an unknown organisation is UNKNOWN."""
    moved = Organisation(
        "metropolitan",
        "Moved",
        OrganisationKind.TERRITORIAL_FORCE,
        None,
        (
            RegionMembership("London", 0, count_day("2022-03-01")),
            RegionMembership("South East", count_day("2022-03-01")),
        ),
    )
    monkeypatch.setattr(organisations, "ORGANISATIONS", (moved,))
    organisations._group_spells.cache_clear()
    migrate_store(store)
    writer.write_entries(
        make_entry(0, 0, 1, [make_leg(1, 0, on="2022-02-28")]),
        make_entry(0, 1, 1, [make_leg(1, 0, "D2", on="2022-03-01")]),
        make_entry(0, 2, 1, [make_leg(1, 0, "D3", organisation="elsewhere")]),
    )
    assert extract_year(store, by=["region"]).rows == [
        {"region": "London", "n": 1},
        {"region": "South East", "n": 1},
        {"region": "UNKNOWN", "n": 1},
    ]
    joined = store.query(
        "SELECT region, sum(sign) AS n FROM postings FINAL JOIN organisations AS o FINAL ON organisation = o.code"
        " WHERE event_date >= since AND event_date < until AND name = 'Moved' GROUP BY region ORDER BY region"
    )
    assert joined == [{"region": "London", "n": 1}, {"region": "South East", "n": 1}]
    organisations._group_spells.cache_clear()


def test_instants_are_exact_to_the_millisecond(store: Store, writer: Writer) -> None:
    """No rounding on the way to the store and back."""
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 1)]))
    just_before = datetime.fromtimestamp((count_millis_of(1) - 1) / 1000, UTC)
    ask: dict[str, Any] = {"start": FIRST, "end": LAST, "known_at": tell_instant(END)}
    assert balances.answer_extract(take_snapshot(store, Broker({})), ExtractQuery(as_at=just_before, **ask)).rows == []
    assert balances.answer_extract(
        take_snapshot(store, Broker({})), ExtractQuery(as_at=tell_instant(1), **ask)
    ).rows == [{"n": 1}]
