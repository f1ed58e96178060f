"""What stands between callers and Kafka, against a client whose queue and reports the test moves by hand."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError

from ledger.errors import Misuse, Unavailable
from ledger.events import DisruptionEvent
from producers.delivery import DeliveryTracker, Position, report_to
from producers.drafts import make_draft
from producers.sender import Sender
from schemas.codec import Codec
from schemas.registry import pin_ids
from tests.patience import PATIENCE_SECONDS, await_truth
from tests.producers.moved_by_hand import Client

Make = Callable[..., DisruptionEvent]


def take_event(sender: Sender, event: DisruptionEvent) -> "Future[Position]":
    """One event, as the publisher takes it."""
    future: Future[Position] = Future()
    (refused,) = sender.take_drafts([make_draft(event)], lambda _draft: report_to(future))
    assert refused is None
    return future


def list_sequences(client: Client) -> list[int]:
    """The numbers of what was sent or queued, in order."""
    messages = [*client.sent, *[message for message, _ in client.queue]]
    return [Codec(pin_ids()).decode(message.value).source_sequence for message in messages]


def test_an_acknowledged_event_has_its_position_and_leaves_the_outbox(sender: Any, event: Make) -> None:
    """The key is the threat id, the number the outbox's."""
    client = Client()
    made = sender(client)
    future = take_event(made, event(7))
    assert made.count_pending() == 1
    client.deliver_some()
    assert (future.result(PATIENCE_SECONDS).partition, future.result(PATIENCE_SECONDS).offset) == (1, 0)
    assert future.result(PATIENCE_SECONDS).appended_at.isoformat() == "2022-07-01T09:30:00.250000+00:00"
    assert (client.sent[0].key, list_sequences(client), made.count_pending()) == (b"T-7", [1], 0)


def test_a_numbered_event_needs_no_outbox(sender: Any, event: Make, tmp_path: Path) -> None:
    """None is made."""
    client = Client()
    take_event(sender(client), event(1, source_sequence=9))
    assert list_sequences(client) == [9]
    assert not (tmp_path / "outbox.sqlite").exists()


def test_a_full_queue_makes_the_caller_wait(sender: Any, event: Make) -> None:
    """Until there is room; nothing is dropped and the order is kept."""
    client = Client(room=1)
    made = sender(client)
    take_event(made, event(1))
    caller = threading.Thread(target=lambda: take_event(made, event(2)))
    caller.start()
    caller.join(0.1)
    assert caller.is_alive()
    client.deliver_some(1)
    caller.join(PATIENCE_SECONDS)
    assert not caller.is_alive()
    client.deliver_some(1)
    assert list_sequences(client) == [1, 2]


@pytest.mark.parametrize("sequence", [None, 5])
def test_the_callers_patience_has_the_bound_it_chose(sender: Any, event: Make, sequence: int | None) -> None:
    """The error says what to look at, and nothing of the event."""
    made = sender(Client(room=0), wait_seconds=0.05)
    with pytest.raises(Unavailable, match=r"nothing was acknowledged for 0\.05 s \(_TRANSPORT\)"):
        take_event(made, event(1, source_sequence=sequence))


def test_a_spooling_sender_takes_events_while_the_queue_is_full(sender: Any, event: Make) -> None:
    """They wait on disk and follow in order when there is room again."""
    client = Client(room=2)
    made = sender(client, spools=True)
    futures = [take_event(made, event(number)) for number in range(1, 8)]
    assert (len(client.queue), made.count_pending()) == (2, 7)
    for _ in range(7):
        await_truth(lambda: bool(client.queue))
        client.deliver_some(1)
    assert [future.result(PATIENCE_SECONDS).offset for future in futures] == list(range(7))
    assert list_sequences(client) == [1, 2, 3, 4, 5, 6, 7]
    assert made.count_pending() == 0


def test_what_a_stopped_sender_left_goes_first_from_the_next(sender: Any, event: Make) -> None:
    """A crash or a close: stored events keep their numbers and their order, then come the new ones."""
    first = Client(room=1)
    before = sender(first, spools=True)
    futures = [take_event(before, event(number)) for number in (1, 2, 3)]
    before.stop()
    for future in futures:
        with pytest.raises(Unavailable, match="closed before the event was acknowledged"):
            future.result(PATIENCE_SECONDS)
    client = Client()
    take_event(sender(client), event(4))
    assert list_sequences(client) == [1, 2, 3, 4]


def test_an_event_that_cannot_be_encoded_is_refused_alone(sender: Any, event: Make) -> None:
    """The others of its bulk are taken, numbered without a gap."""
    client, tally = Client(), DeliveryTracker()
    drafts = [make_draft(event(1)), make_draft(event(2, pillar="PERSUADE")), make_draft(event(3))]
    outcomes = sender(client).take_drafts(drafts, tally.report_on)
    assert [outcome is None for outcome in outcomes] == [True, False, True]
    assert "symbol is not its schema's" in str(outcomes[1])
    assert (tally.list_unknown(), list_sequences(client)) == ([drafts[0], drafts[2]], [1, 2])


@pytest.mark.parametrize("spools", [True, False])
def test_a_client_that_failed_for_good_is_told_to_the_next_caller(sender: Any, event: Make, spools: bool) -> None:
    """What was stored stays stored."""
    client = Client(room=0)
    made = sender(client, spools=True)
    take_event(made, event(1))
    client.broken = Unavailable("fenced")
    await_truth(lambda: made._failure is not None)
    with pytest.raises(Unavailable, match="fenced"):
        take_event(made, event(2))
    made.stop()
    again = Client()
    take_event(sender(again, spools=spools), event(3))
    await_truth(lambda: list_sequences(again) == [1, 2])


def test_a_refused_delivery_says_why_and_what_to_do(sender: Any, event: Make) -> None:
    """By the broker's own name of the fault."""
    client = Client()
    future = take_event(sender(client), event(1, source_sequence=1))
    client.deliver_some(error=KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
    with pytest.raises(Misuse, match=r"TOPIC_AUTHORIZATION_FAILED.*grant this client"):
        future.result(PATIENCE_SECONDS)


def test_a_closed_sender_takes_nothing(sender: Any, event: Make) -> None:
    """It says so."""
    made = sender(Client())
    made.stop()
    with pytest.raises(Misuse, match="closed"):
        take_event(made, event(1))


def test_messages_carry_cloudevents_attributes_in_binary_mode(sender: Any, event: Make) -> None:
    """One content type, seven attributes, all of them text."""
    client = Client()
    take_event(sender(client), event(7, source_sequence=1))
    assert dict(client.queue[0][0].headers) == {
        "content-type": b"application/avro",
        "ce_specversion": b"1.0",
        "ce_type": b"uk.police.soc.v1.DisruptionEvent",
        "ce_id": b"00000000-0000-0000-0000-000000000007",
        "ce_source": b"/kent/case%20records",
        "ce_subject": b"D-7",
        "ce_time": b"2022-07-01T12:00:00.000+00:00",
    }
