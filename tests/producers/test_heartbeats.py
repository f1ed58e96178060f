"""What heartbeats say of an outbox, and when they are sent."""

import threading
from pathlib import Path

import pytest

from infra.settings import load_settings
from ledger.errors import Misuse, Unavailable
from producers import heartbeats
from producers.delivery import Position
from producers.drafts import Draft, Message
from producers.heartbeats import HeartbeatSender, HeartbeatThread
from producers.last_numbers import read_last_numbers
from producers.outbox import Outbox, OutboxEvent
from schemas.codec import Codec
from schemas.registry import pin_ids
from tests.facts import make_disruption
from tests.patience import PATIENCE_SECONDS


def write_message(draft: Draft, sequence: int | None) -> Message:
    """A message with a number in it."""
    return Message(b"T-1", f"{draft.recorder} {sequence}".encode(), [])


def store_event(outbox: Outbox, number: int, recorder: str = "kent") -> int:
    """Store one event; its number in the outbox."""
    fact = make_disruption(event_id=f"00000000-0000-4000-8000-{number:012d}", recorded_by=recorder)
    (stored,) = outbox.store_drafts([Draft(fact, numbered=False)], write_message)
    assert isinstance(stored, OutboxEvent)
    return stored.number


def test_the_last_number_is_that_of_an_event_also_while_the_outbox_is_held(tmp_path: Path) -> None:
    """Two of Kent's and one of Surrey's; then Kent's second is refused for good, and its number is no event's."""
    path = tmp_path / "state" / "outbox.sqlite"
    assert read_last_numbers(path) == {}
    path.parent.mkdir()
    path.touch()
    assert read_last_numbers(path) == {}  # it is being made
    outbox = Outbox(path)
    store_event(outbox, 1)
    second = store_event(outbox, 2)
    store_event(outbox, 3, "surrey")
    assert read_last_numbers(path) == {"kent": 2, "surrey": 1}
    outbox.set_aside([(second, "too large")])
    assert read_last_numbers(path) == {"kent": 1, "surrey": 1}
    outbox.close()
    assert read_last_numbers(path) == {"kent": 1, "surrey": 1}


def test_an_outbox_that_cannot_be_read_is_the_worlds_fault(tmp_path: Path) -> None:
    """And not a number."""
    (tmp_path / "outbox.sqlite").write_bytes(b"garbage" * 100)
    with pytest.raises(Unavailable, match="cannot be read"):
        read_last_numbers(tmp_path / "outbox.sqlite")


class Recording:
    """Remembers what it is told to send; refuses until it has been asked ``refusals`` times."""

    def __init__(self, refusals: int = 0) -> None:
        self.sent: list[tuple[str, int | None, int | None]] = []
        self.twice = threading.Event()
        self._refusals = refusals

    def send_heartbeat(self, organisation: str, last_sequence: int | None, interval: int | None) -> Position:
        """As ``HeartbeatSender``."""
        if self._refusals:
            self._refusals -= 1
            raise Unavailable("away")
        self.sent.append((organisation, last_sequence, interval))
        if len(self.sent) > 1:
            self.twice.set()
        return Position(0, 0, None)  # nobody asks when


def test_heartbeats_are_sent_of_all_that_publish_and_a_last_one_promises_nothing() -> None:
    """Kent is named before it publishes; Surrey publishes."""
    sender = Recording()
    thread = HeartbeatThread(sender, 3600, ["kent"], lambda: {"surrey": 7})  # type: ignore[arg-type]  # as the sender
    thread.start()
    assert sender.twice.wait(PATIENCE_SECONDS)
    thread.close()
    assert sender.sent == [("kent", None, 3600), ("surrey", 7, 3600), ("kent", None, None), ("surrey", 7, None)]


def test_a_heartbeat_that_fails_ends_nothing() -> None:
    """The next ones are sent."""
    sender = Recording(refusals=1)
    thread = HeartbeatThread(sender, 0.01, ["kent"], dict)  # type: ignore[arg-type]  # it stands for the sender
    thread.start()
    assert sender.twice.wait(PATIENCE_SECONDS)
    thread.close()
    assert sender.sent[0] == ("kent", None, 1)


def test_being_alive_is_said_where_the_numbers_cannot_be_read() -> None:
    """Without a number."""
    sender = Recording()

    def raise_trouble() -> dict[str, int]:
        raise Unavailable("the outbox cannot be read")

    thread = HeartbeatThread(sender, 0.01, ["kent"], raise_trouble)  # type: ignore[arg-type]  # it stands for the sender
    thread.start()
    assert sender.twice.wait(PATIENCE_SECONDS)
    thread.close()
    assert sender.sent[0] == ("kent", None, 1)


def test_a_heartbeat_that_the_client_reports_too_late_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens at the address; the client gives it up after ten seconds, and is waited for a moment."""
    settings = load_settings(recorded=False).model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:1"})
    sender = HeartbeatSender(settings, Codec(pin_ids()))
    monkeypatch.setattr(heartbeats, "SEND_SECONDS", -0.9)
    with pytest.raises(Unavailable, match="not acknowledged"):
        sender.send_heartbeat("kent", 7, 60)


@pytest.mark.parametrize(("seconds", "recorder"), [(0, "kent"), (604_801, "kent"), (60, "kentt")])
def test_what_cannot_be_promised_is_misuse(seconds: float, recorder: str) -> None:
    """At least a moment, at most a week, and of a recorder that is on the list."""
    with pytest.raises(Misuse):
        HeartbeatThread(Recording(), seconds, [recorder], dict)  # type: ignore[arg-type]  # it stands for the sender
