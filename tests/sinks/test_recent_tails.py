"""An answer rests on what the broker said lately; it is asked again meanwhile, and waited for after a rest alone."""

import threading
from collections.abc import Mapping
from datetime import timedelta

import pytest

from ledger.instants import make_instant
from queries import answer, completeness, recent_tails
from queries.published import Tail
from queries.recent_tails import RecentTails
from sinks.frontier import Frontier
from tests.patience import PATIENCE_SECONDS, await_truth
from tests.sinks.broker import Broker
from tests.sinks.records import count_millis_of

STORED = {0: Frontier(3, count_millis_of(50), None)}


class CountedBroker(Broker):
    """Counts how often it is asked, and lets nobody have an answer while it is held."""

    def __init__(self, ends: dict[int, int] | None) -> None:
        super().__init__(ends)
        self.asked = 0
        self.free = threading.Event()
        self.free.set()

    def find_tails(self, positions: Mapping[int, int]) -> dict[int, Tail]:
        """As the broker, once it is free."""
        self.asked += 1
        assert self.free.wait(PATIENCE_SECONDS)
        return super().find_tails(positions)


@pytest.fixture
def broker() -> CountedBroker:
    """All that is stored is all that there is."""
    return CountedBroker({0: 3})


@pytest.fixture
def tails(broker: CountedBroker, monkeypatch: pytest.MonkeyPatch) -> RecentTails:
    """Asked once, and not to be asked again by themselves."""
    monkeypatch.setattr(recent_tails, "TOLD_SECONDS", 3600.0)
    monkeypatch.setattr(recent_tails, "RENEW_SECONDS", 3600.0)
    made = RecentTails(broker)
    assert made.begin_finding(STORED).result() is not None
    return made


def test_what_was_said_lately_is_not_asked_again(tails: RecentTails, broker: CountedBroker) -> None:
    """The same instant, and later ones as more is stored: its last record was learnt at minute 9,999,999."""
    first = tails.begin_finding(STORED)
    assert first.done()
    assert tails.begin_finding(STORED).result() == first.result()
    later = count_millis_of(9_999_999)
    assert tails.begin_finding({0: Frontier(4, later, None)}).result() == make_instant(later - 1)
    assert broker.asked == 1


def test_it_is_asked_again_meanwhile(
    tails: RecentTails, broker: CountedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for that, and one asks for all; what it says then is later."""
    first = tails.begin_finding(STORED).result()
    monkeypatch.setattr(recent_tails, "RENEW_SECONDS", 0.0)
    broker.free.clear()
    assert [tails.begin_finding(STORED).result() for _ in range(5)] == [first] * 5
    broker.free.set()
    await_truth(lambda: tails.begin_finding(STORED).result() != first)
    assert broker.asked >= 2


def test_after_a_rest_the_broker_is_waited_for(
    tails: RecentTails, broker: CountedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And where it is away, nothing is claimed."""
    monkeypatch.setattr(recent_tails, "TOLD_SECONDS", 0.0)
    monkeypatch.setattr(recent_tails, "RENEW_SECONDS", 0.0)
    broker.free.clear()
    waiting = tails.begin_finding(STORED)
    assert not waiting.done()
    broker.free.set()
    assert waiting.result() is not None
    broker._ends = None
    assert tails.begin_finding(STORED).result() is None


def test_all_who_come_after_a_rest_wait_for_one_asking(
    tails: RecentTails, broker: CountedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of a later moment: the broker is asked once for all of them, however long that takes."""
    monkeypatch.setattr(recent_tails, "TOLD_SECONDS", 0.0)
    monkeypatch.setattr(recent_tails, "ASKING_SECONDS", 0.0)
    monkeypatch.setattr(recent_tails, "RENEW_SECONDS", 0.0)
    broker.free.clear()
    moments = [{0: Frontier(3 + number, count_millis_of(50 + number), None)} for number in range(20)]
    waiting = [tails.begin_finding(one) for one in moments]
    assert not any(one.done() for one in waiting)
    broker.free.set()
    found = [one.result(PATIENCE_SECONDS) for one in waiting]
    assert None not in found
    assert broker.asked == 2


def test_while_the_broker_is_being_asked_what_it_said_lasts_longer(
    tails: RecentTails, broker: CountedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked it waits, and nobody who comes meanwhile, until that is too old as well."""
    first = tails.begin_finding(STORED).result()
    monkeypatch.setattr(recent_tails, "TOLD_SECONDS", 0.0)
    monkeypatch.setattr(recent_tails, "RENEW_SECONDS", 0.0)
    monkeypatch.setattr(recent_tails, "ASKING_SECONDS", 3600.0)
    broker.free.clear()
    waiting = tails.begin_finding(STORED)
    assert [tails.begin_finding(STORED).result(PATIENCE_SECONDS) for _ in range(5)] == [first] * 5
    monkeypatch.setattr(recent_tails, "ASKING_SECONDS", 0.0)
    late = tails.begin_finding(STORED)
    assert not waiting.done()
    assert not late.done()
    broker.free.set()
    assert waiting.result(PATIENCE_SECONDS) == late.result(PATIENCE_SECONDS)
    assert broker.asked == 2


def test_a_fault_of_ours_is_told_whoever_waits(
    tails: RecentTails, broker: CountedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps nobody waiting for ever, and passes for no answer."""
    monkeypatch.setattr(recent_tails, "TOLD_SECONDS", 0.0)
    monkeypatch.setattr(recent_tails, "RENEW_SECONDS", 0.0)
    monkeypatch.setattr(broker, "find_tails", lambda _: dict[int, dict[int, Tail]]()[0])
    with pytest.raises(KeyError):
        tails.begin_finding(STORED).result(PATIENCE_SECONDS)


def test_of_an_earlier_moment_the_broker_is_asked(tails: RecentTails, broker: CountedBroker) -> None:
    """What it said was of later positions: of what lies between, it said nothing."""
    assert tails.begin_finding({0: Frontier(2, count_millis_of(40), None)}).result() == make_instant(
        count_millis_of(40) - 1
    )
    assert broker.asked == 2


def open_transaction(broker: CountedBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody opens one, and from now on the broker is asked each time."""
    monkeypatch.setattr(recent_tails, "TOLD_SECONDS", 0.0)
    monkeypatch.setattr(recent_tails, "RENEW_SECONDS", 0.0)
    broker._undecided = (0,)


def test_what_was_complete_stays_so_while_a_transaction_is_open(
    tails: RecentTails, broker: CountedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of these positions and of later ones. Asked for the first time, only what is stored would be complete."""
    first = tails.begin_finding(STORED).result()
    assert first is not None
    assert first > make_instant(count_millis_of(50))
    open_transaction(broker, monkeypatch)
    later = {0: Frontier(4, count_millis_of(51), None)}
    assert [tails.begin_finding(one).result(PATIENCE_SECONDS) for one in (STORED, later)] == [first, first]
    assert RecentTails(broker).begin_finding(STORED).result(PATIENCE_SECONDS) == make_instant(count_millis_of(50) - 1)


def test_of_earlier_positions_nothing_was_proved(
    tails: RecentTails, broker: CountedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of other tables that are shown meanwhile; what was proved of the later ones is still known after."""
    first = tails.begin_finding(STORED).result()
    open_transaction(broker, monkeypatch)
    earlier = {0: Frontier(2, count_millis_of(40), None)}
    assert tails.begin_finding(earlier).result(PATIENCE_SECONDS) == make_instant(count_millis_of(40) - 1)
    assert tails.begin_finding(STORED).result(PATIENCE_SECONDS) == first


def test_what_a_clock_that_was_ahead_proved_is_dropped(tails: RecentTails, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour ahead for one question, and set right after it."""
    monkeypatch.setattr(recent_tails, "TOLD_SECONDS", 0.0)
    monkeypatch.setattr(recent_tails, "RENEW_SECONDS", 0.0)
    now = answer.read_clock
    with monkeypatch.context() as ahead:
        for module in (recent_tails, completeness):
            ahead.setattr(module, "read_clock", lambda: now() + timedelta(hours=1))
        wrong = tails.begin_finding(STORED).result(PATIENCE_SECONDS)
    assert wrong is not None
    assert wrong > now()
    right = tails.begin_finding(STORED).result(PATIENCE_SECONDS)
    assert right is not None
    assert right < now()
