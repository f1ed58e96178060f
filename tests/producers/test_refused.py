"""What a broker refuses for good: told to whoever published it, kept with its reason, and in nobody's way."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError

from ledger.bounds import LARGEST_EVENT_BYTES
from ledger.errors import Misuse, Unavailable
from ledger.events import DisruptionEvent
from producers.bulk import BulkDelivery
from producers.delivery import DeliveryTracker, Position, report_to
from producers.drafts import Draft, Message, make_draft, make_headers
from producers.outbox import Outbox, OutboxEvent, RefusedEvent
from producers.sender import StallTimeout
from schemas.codec import Codec
from schemas.registry import pin_ids
from tests.patience import PATIENCE_SECONDS
from tests.producers.moved_by_hand import Client

Make = Callable[..., DisruptionEvent]
TOO_LARGE = KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)
SAID = "the broker refused the event (MSG_SIZE_TOO_LARGE): raise the topic's max.message.bytes, or send a smaller event"


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """An outbox, closed at the end."""
    made = Outbox(tmp_path / "own" / "outbox.sqlite")
    yield made
    made.close()


def list_numbers(outbox: Outbox, *events: DisruptionEvent) -> list[str]:
    """The sequence that each event was given."""

    def write_message(_draft: Draft, sequence: int | None) -> Message:
        return Message(b"T", str(sequence).encode(), [])

    stored = outbox.store_drafts([make_draft(event) for event in events], write_message)
    return [each.message.value.decode() for each in stored if isinstance(each, OutboxEvent)]


def test_the_number_of_a_refused_event_is_the_next_events(outbox: Outbox, event: Make) -> None:
    """So the sequence has no hole for what will not come; the other recorder's is its own."""
    assert list_numbers(outbox, event(1), event(2), event(3), event(4)) == ["1", "2", "3", "4"]
    outbox.set_aside([(2, "too large"), (3, "too large")])
    assert [each.number for each in outbox.list_after(0)] == [1, 4]
    assert list_numbers(outbox, event(5, recorded_by="essex"), event(6), event(7), event(8)) == ["1", "2", "3", "5"]
    assert list_numbers(outbox, event(9)) == ["6"]


def test_what_is_refused_is_kept_and_listed_until_it_is_published_again(outbox: Outbox, event: Make) -> None:
    """Over a restart too; the same event mended has the next free number."""
    list_numbers(outbox, event(1), event(2), event(3))
    outbox.set_aside([(1, "too large"), (2, "not valid")])
    first, second = (str(event(n).event_id) for n in (1, 2))
    expected = [RefusedEvent(1, first, "kent", "too large"), RefusedEvent(2, second, "kent", "not valid")]
    assert outbox.list_refused() == expected
    assert list_numbers(outbox, event(2)) == ["1"]
    assert outbox.list_refused() == expected[:1]


def test_a_number_from_the_source_is_not_given_to_another(outbox: Outbox, event: Make) -> None:
    """It was never the outbox's."""
    list_numbers(outbox, event(1, source_sequence=40))
    outbox.set_aside([(1, "too large")])
    assert list_numbers(outbox, event(2)) == ["1"]


def test_what_is_set_aside_and_what_comes_later_have_numbers_of_their_own(tmp_path: Path, event: Make) -> None:
    """Also after a restart, when nothing else is in the outbox."""
    path = tmp_path / "outbox.sqlite"
    first = Outbox(path)
    list_numbers(first, event(1))
    first.set_aside([(1, "too large")])
    first.close()
    again = Outbox(path)
    list_numbers(again, event(2))
    again.set_aside([(again.list_after(0)[0].number, "too large")])
    assert [each.number for each in again.list_refused()] == [1, 2]
    again.close()


def test_a_refused_event_leaves_the_outbox_and_the_others_go_on(sender: Any, event: Make) -> None:
    """Its future says why; later events are taken as if it had not been."""
    client = Client()
    made = sender(client)
    futures: list[Future[Position]] = []
    for n in (1, 2):
        futures.append(Future())
        made.take_drafts([make_draft(event(n))], lambda _draft: report_to(futures[-1]))
    client.deliver_some(1, error=TOO_LARGE)
    client.deliver_some()
    with pytest.raises(Misuse, match="MSG_SIZE_TOO_LARGE"):
        futures[0].result(PATIENCE_SECONDS)
    assert futures[1].result(PATIENCE_SECONDS).offset == 1
    assert made.count_pending() == 0
    assert [(each.number, each.reason) for each in made.list_refused(left_over=False)] == [(1, SAID)]
    assert made.list_refused(left_over=True) == []
    made.take_drafts([make_draft(event(3))], DeliveryTracker().report_on)
    assert Codec(pin_ids()).decode(client.queue[-1][0].value).source_sequence == 1


def test_what_an_earlier_publisher_left_is_told_as_left_over(sender: Any, event: Make) -> None:
    """The next one finds that the broker refuses it, and is not held up."""
    before = sender(Client(room=0), spools=True)
    before.take_drafts([make_draft(event(1))], DeliveryTracker().report_on)
    before.stop()
    client = Client()
    made = sender(client)
    made.take_drafts([make_draft(event(2))], DeliveryTracker().report_on)
    client.deliver_some(1, error=TOO_LARGE)
    client.deliver_some()
    assert [each.number for each in made.list_refused(left_over=True)] == [1]
    assert made.count_pending() == 0


def test_a_bulk_tells_each_event_its_end(sender: Any, event: Make) -> None:
    """Refused before it is sent, refused by the broker, acknowledged."""
    client, refused, progress = Client(), [], []
    bulk = BulkDelivery(sender(client), lambda each, reason: refused.append((each, reason)), progress.append)
    events = [event(1), event(2, actor="x" * 201), event(3)]
    bulk.take_some(events)
    client.deliver_some(1, error=TOO_LARGE)
    client.deliver_some()
    bulk.await_reports(lambda: StallTimeout(client, 1.0))  # type: ignore[arg-type]  # a small real class in its place
    assert refused == [(events[1], "actor: too long, at most 200 characters"), (make_draft(event(1)), SAID)]
    assert (bulk.receipt, progress[-1]) == ((1, 1), 1)


def test_a_bulk_of_which_nobody_hears_is_unknown(sender: Any, event: Make) -> None:
    """By its drafts, also those that a full queue kept out; the acknowledged ones are not among them."""
    client = Client(room=2)
    bulk = BulkDelivery(sender(client, wait_seconds=0.05), None, None)
    client_thread = threading.Timer(0.01, lambda: client.deliver_some(1))
    client_thread.start()
    with pytest.raises(Unavailable, match="nothing was acknowledged"):
        bulk.take_some([event(n, source_sequence=n) for n in range(1, 6)])
    client_thread.join()
    bulk.await_last(0.01)
    assert sorted(draft.fact.source_sequence for draft in bulk.list_unknown()) == [2, 3, 4, 5]
    assert bulk.receipt.acknowledged == 1


def test_the_largest_event_that_is_taken_is_far_below_what_a_topic_takes(event: Make) -> None:
    """Every field at its bound in characters of four bytes, headers and key with it."""
    wide = "\U0001f600"
    references = ["disruption_id", "threat_id", "recorded_by", "benefits", "activity_ref", "plan_ref", "actor"]
    fields: dict[str, Any] = dict.fromkeys([*references, "event_id", "source_system"], wide * 200)
    fact = make_draft(event(1, **fields, reason=wide * 4000, tags=(wide * 100,) * 50)).fact
    headers = sum(len(name) + len(value or b"") for name, value in make_headers(fact))
    size = len(Codec(pin_ids()).encode_fact(fact)) + len(fact.threat_id.encode()) + headers
    assert 40_000 < size < LARGEST_EVENT_BYTES / 10


def test_references_of_typed_events_are_made_canonical(event: Make) -> None:
    """As those of files are; what cannot be is refused with its field."""
    fact = make_draft(event(1, threat_id=" T-1\n", disruption_id="op-e\u0301")).fact
    assert (fact.threat_id, getattr(fact, "disruption_id", "")) == ("T-1", "op-\u00e9")
    with pytest.raises(Misuse, match="actor: it has a character that cannot be seen"):
        make_draft(event(1, actor="a\tb"))


def test_a_typed_event_with_a_field_of_another_type_is_left_to_the_encoder(event: Make) -> None:
    """Which refuses it."""
    draft = make_draft(event(1, actor=None))
    with pytest.raises(Misuse, match="cannot be encoded"):
        Codec(pin_ids()).encode_fact(draft.fact)
