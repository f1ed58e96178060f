"""The laws of the ledger, at the level of the fold, over seeded histories; expected values by the naive judge."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.organisations import find_organisation, find_region, list_regions
from ledger.vocabulary import Standing
from methodology.book import Book
from methodology.posting import Posted, post_event, restore_event
from tests.laws import naive
from tests.laws.histories import INSTANTS, draw_histories, make_seeded
from tests.laws.whole import list_timeline

LAW = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
INSTANTS_AND_EDGES = (INSTANTS[0] - 1, *INSTANTS, INSTANTS[-1] + 10**9)
ALWAYS = 10**15


class FoldedRun:
    """The fold of a run of events, with every leg it wrote and when it was learnt."""

    def __init__(self, arrivals=()):
        self.books, self.legs, self.threat_legs = {}, [], []
        for fact, ledger_time in arrivals:
            self.hear_fact(fact, ledger_time)

    def hear_fact(self, fact, ledger_time):
        posted = post_event(self.books.setdefault(fact.threat_id, Book(fact.threat_id)), fact, ledger_time)
        assert isinstance(posted, Posted), posted
        self.legs += [(fact.threat_id, leg, ledger_time) for leg in posted.legs]
        self.threat_legs += [(fact.threat_id, leg, ledger_time) for leg in posted.threat_legs]
        return posted

    def sum_accounts(self, as_at, known_at=ALWAYS):
        return hold_sums(
            self.legs, as_at, known_at, lambda threat_id, leg: ((threat_id, leg.disruption_id), leg.account)
        )

    def sum_threats(self, as_at, known_at=ALWAYS):
        return hold_sums(self.threat_legs, as_at, known_at, lambda threat_id, leg: (threat_id, leg.account))


def hold_sums(legs, as_at, known_at, key):
    """Sum the legs of two times; what is left stands once, and each thing in one account at most."""
    sums = Counter()
    for threat_id, leg, ledger_time in legs:
        if leg.entered_at <= as_at and ledger_time <= known_at:
            sums[key(threat_id, leg)] += leg.sign
    left = [found for found, n in sums.items() if n]
    assert all(sums[found] == 1 for found in left), "each account is held once or not at all"
    assert len(dict(left)) == len(left), "nothing stands in two accounts"
    return {name: tuple(account) for name, account in left}


def list_ledger_times(arrivals):
    return sorted({ledger_time for _, ledger_time in arrivals})


def check_against_the_naive_judge(arrivals):
    """As the record stood at E, as the ledger knew it at L: for every E and L, by both statements of the rules."""
    ledger = FoldedRun(arrivals)
    for known_at in list_ledger_times(arrivals):
        for as_at in INSTANTS_AND_EDGES:
            assert ledger.sum_accounts(as_at, known_at) == naive.find_accounts(arrivals, as_at, known_at)
            assert ledger.sum_threats(as_at, known_at) == naive.find_threat_accounts(arrivals, as_at, known_at)


@LAW
@given(draw_histories())
def test_a_sum_of_legs_is_the_naive_judgement_at_every_pair_of_times(arrivals):
    """Telescoping: the legs entered by E and learnt by L come to where the rules, read afresh, put each disruption."""
    check_against_the_naive_judge(arrivals)


@pytest.mark.parametrize("hundred", range(20))
def test_a_sum_of_legs_is_the_naive_judgement_in_two_thousand_more_histories(hundred):
    """The same by plain seeds, which are quicker to write."""
    for seed in range(100 * hundred, 100 * hundred + 100):
        check_against_the_naive_judge(make_seeded(seed))


@LAW
@given(draw_histories())
def test_postings_are_the_difference_of_two_timelines(arrivals):
    """The model: the whole book's timeline after less that before, and nothing that could have cancelled."""
    books = {}
    for fact, ledger_time in arrivals:
        book = books.setdefault(fact.threat_id, Book(fact.threat_id))
        before = list_timeline(book)
        posted = post_event(book, fact, ledger_time)
        expected = Counter(list_timeline(book))
        expected.subtract(before)
        assert sum_signs(Counter(posted.legs)) == sum_signs(expected)
        assert not any(leg._replace(sign=-leg.sign) in posted.legs for leg in posted.legs)
        assert list(posted.legs) == sorted(posted.legs, key=lambda leg: (leg.entered_at, leg.sign, leg.disruption_id))


def sum_signs(legs):
    """Legs as amounts per disruption, account and instant."""
    sums = Counter()
    for leg, n in legs.items():
        sums[leg.disruption_id, leg.account, leg.entered_at] += n * leg.sign
    return {key: n for key, n in sums.items() if n}


@LAW
@given(draw_histories(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_ends_in_the_same_balances(arrivals, random):
    """Disruptions before their threat, threats before their disruptions, peers in any order."""
    shuffled = riffle_facts([fact for fact, _ in arrivals], random)
    one, other = FoldedRun(arrivals), FoldedRun([(fact, ALWAYS) for fact in shuffled])
    for as_at in INSTANTS_AND_EDGES:
        assert one.sum_accounts(as_at) == other.sum_accounts(as_at)
        assert one.sum_threats(as_at) == other.sum_threats(as_at)


def riffle_facts(facts, random):
    """Another order that keeps each entity's own."""
    queues = {}
    for fact in facts:
        queues.setdefault((fact.threat_id, getattr(fact, "disruption_id", None)), []).append(fact)
    found, left = [], list(queues.values())
    while left := [queue for queue in left if queue]:
        found.append(random.choice(left).pop(0))
    return found


@LAW
@given(draw_histories(), st.data())
def test_twice_is_once(arrivals, data):
    """A resend anywhere later writes no leg, is said to be a duplicate, and leaves the book as it was."""
    ledger = FoldedRun()
    for number, (fact, ledger_time) in enumerate(arrivals):
        ledger.hear_fact(fact, ledger_time)
        again, _ = arrivals[data.draw(st.integers(0, number))]
        packed = ledger.books[again.threat_id].pack()
        assert ledger.hear_fact(again, ledger_time) == ("DUPLICATE", (), ())
        assert ledger.books[again.threat_id].pack() == packed
    assert ledger.legs == FoldedRun(arrivals).legs


@LAW
@given(draw_histories())
def test_yesterday_does_not_change(arrivals):
    """A figure as at (E, L) is the same for ever, whatever arrives after L."""
    ledger, said = FoldedRun(), {}
    for number, (fact, ledger_time) in enumerate(arrivals):
        ledger.hear_fact(fact, ledger_time)
        if number + 1 < len(arrivals) and arrivals[number + 1][1] > ledger_time:
            said[ledger_time] = {as_at: ledger.sum_accounts(as_at) for as_at in INSTANTS_AND_EDGES}
    for known_at, figures in said.items():
        assert figures == {as_at: ledger.sum_accounts(as_at, known_at) for as_at in INSTANTS_AND_EDGES}


@LAW
@given(draw_histories(), st.data())
def test_live_equals_replay(arrivals, data):
    """A worker that restores the first events, or takes up a packed book in the middle, writes the same legs from
    there.
    """
    cut = data.draw(st.integers(0, len(arrivals)))
    live = FoldedRun(arrivals[:cut])
    replayed = FoldedRun()
    for fact, _ in arrivals[:cut]:
        restore_event(replayed.books.setdefault(fact.threat_id, Book(fact.threat_id)), fact)
    assert {n: b.pack() for n, b in replayed.books.items()} == {n: b.pack() for n, b in live.books.items()}
    thawed = FoldedRun()
    thawed.books = {name: Book.unpack(name, book.pack()) for name, book in live.books.items()}
    for fact, ledger_time in arrivals[cut:]:
        expected = live.hear_fact(fact, ledger_time)
        assert replayed.hear_fact(fact, ledger_time) == expected
        assert thawed.hear_fact(fact, ledger_time) == expected
    assert all(Book.unpack(n, b.pack()).pack() == b.pack() for n, b in live.books.items())


@LAW
@given(draw_histories())
def test_a_refused_event_leaves_no_trace(arrivals):
    """An event refused at its place (here: a version that skips one) changes no book and no later posting."""
    ledger, plain = FoldedRun(), FoldedRun()
    for fact, ledger_time in arrivals:
        skipping = type(fact)(**{n: getattr(fact, n) for n in fact.__struct_fields__} | {"version": fact.version + 1})
        book = ledger.books.setdefault(fact.threat_id, Book(fact.threat_id))
        packed = book.pack()
        assert post_event(book, skipping, ledger_time).code == "VERSION_NOT_NEXT"
        assert book.pack() == packed
        assert ledger.hear_fact(fact, ledger_time) == plain.hear_fact(fact, ledger_time)


@LAW
@given(draw_histories())
def test_totals_by_organisation_region_and_nation_agree_and_lead_never_meets_support(arrivals):
    """At every instant the parts make the whole, a support account is a unit's or an agency's, and a lead one is no
    support.
    """
    ledger = FoldedRun(arrivals)
    for as_at in INSTANTS_AND_EDGES:
        accounts = list(ledger.sum_accounts(as_at).values())
        for kind in ("LEAD", "SUPPORT"):
            of_kind = [account for account in accounts if account[1] == kind]
            by_org = Counter(account[0] for account in of_kind)
            by_region = Counter(find_region(account[0], account[6]) for account in of_kind)
            assert sum(by_org.values()) == sum(by_region.values()) == len(of_kind)
            assert set(by_region) <= set(list_regions())
        assert all(find_organisation(a[0]).kind in ("ROCU", "AGENCY") for a in accounts if a[1] == "SUPPORT")


def test_the_histories_are_worth_the_name():
    """Every standing and late news are among them: a law over uneventful histories would hold of anything."""
    seen, late = Counter(), 0
    for seed in range(200):
        arrivals = make_seeded(seed)
        seen.update(account[7] for account in naive.find_accounts(arrivals, ALWAYS, ALWAYS).values())
        late += any(leg.sign < 0 and leg.entered_at < INSTANTS[-1] for _, leg, _ in FoldedRun(arrivals).legs)
    assert min(seen[one] for one in Standing) > 5, seen
    assert late > 50
