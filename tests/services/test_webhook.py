"""The webhook over real HTTP: signed so that a receiver's own library verifies it, in order, again until taken."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from infra.settings import load_settings
from infra.status import list_troubles
from ledger.errors import Misuse
from ledger.vocabulary import AlertKind, AlertState
from schemas.alerts import Alert
from services import webhook
from services.webhook import WebhookSender, open_webhook
from sinks.alerts import LoggedAlert
from tests.patience import PATIENCE_SECONDS, await_truth

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  (the example of the standard)
ALERT = Alert(AlertKind.BEHIND, "the ledger", AlertState.RAISED, 0, 130.0, 120.0, "Behind.", "Look.", "us 1")


class Receiver(ThreadingHTTPServer):
    """Keeps what is posted; answers as it is told, and 204 from then on."""

    def __init__(self, *answers: int) -> None:
        super().__init__(("127.0.0.1", 0), WebhookReceiver)
        self.answers = list(answers)
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.seen = threading.Semaphore(0)


class WebhookReceiver(BaseHTTPRequestHandler):
    """One post."""

    server: Receiver

    def do_POST(self) -> None:
        """Keep it, if it is taken."""
        body = self.rfile.read(int(self.headers["content-length"]))
        status = self.server.answers.pop(0) if self.server.answers else 204
        if status in (200, 204):
            self.server.taken.append((dict(self.headers), body))
        self.send_response(status)
        self.end_headers()
        self.server.seen.release()
        if status == 200:
            self.rfile.read(1)  # the body of the answer does not come; until the other side has gone

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that refuses twice."""
    server = Receiver(503, 500)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """The file of the secret."""
    file = tmp_path / "secret"
    file.write_text(SECRET)
    return file


def open_sender(told: list[int], secret: Path, monkeypatch: pytest.MonkeyPatch) -> WebhookSender:
    """Open the sender of the settings, which signs by that secret; ``told`` is what it says was taken."""
    monkeypatch.setenv("DISRUPTIONS_ALERT_WEBHOOK_SECRET_FILE", str(secret))
    sender = open_webhook(load_settings(), told.append)
    assert sender is not None
    return sender


@pytest.mark.effect_of("DISRUPTIONS_ALERT_WEBHOOK", "DISRUPTIONS_ALERT_WEBHOOK_SECRET_FILE")
def test_alerts_are_posted_in_order_signed_and_again_until_taken(
    receiver: Receiver, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two refusals, then the first alert, then the second; each told as taken once, with its position as its id."""
    monkeypatch.setattr(webhook, "WAIT_FIRST_SECONDS", 0.01)
    monkeypatch.setattr(webhook, "WAIT_MOST_SECONDS", 0.02)
    monkeypatch.setenv("DISRUPTIONS_ALERT_WEBHOOK", f"http://127.0.0.1:{receiver.server_port}/alerts?token=abc")
    told: list[int] = []
    sender = open_sender(told, secret, monkeypatch)
    sender.hand_over(LoggedAlert(7, ALERT), threading.Event())
    sender.hand_over(LoggedAlert(8, ALERT._replace(state=AlertState.CLEARED)), threading.Event())
    assert all(receiver.seen.acquire(timeout=PATIENCE_SECONDS) for _ in range(4))
    sender.close()
    assert told == [7, 8]
    assert [headers["webhook-id"] for headers, _ in receiver.taken] == ["soc.alerts:0:7", "soc.alerts:0:8"]
    for headers, body in receiver.taken:
        Webhook(SECRET).verify(body, headers)  # raises where the signature is not that of this body
    first = json.loads(receiver.taken[0][1])
    assert (first["type"], first["timestamp"]) == ("alert.raised", "1970-01-01T00:00:00.000Z")
    assert first["data"]["sentence"] == "Behind."
    assert not any("receiver of alerts" in one["what"] for one in list_troubles())


def test_an_answer_without_an_end_is_not_waited_for(
    receiver: Receiver, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its status says all: each alert is posted once."""
    receiver.answers = [200, 200]
    monkeypatch.setenv("DISRUPTIONS_ALERT_WEBHOOK", f"http://127.0.0.1:{receiver.server_port}/alerts")
    told: list[int] = []
    sender = open_sender(told, secret, monkeypatch)
    sender.hand_over(LoggedAlert(7, ALERT), threading.Event())
    sender.hand_over(LoggedAlert(8, ALERT), threading.Event())
    assert all(receiver.seen.acquire(timeout=webhook.POST_SECONDS / 2) for _ in range(2))
    sender.close()
    assert (told, len(receiver.taken)) == ([7, 8], 2)


def test_an_address_that_the_client_does_not_take_is_a_trouble_and_ends_nothing(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its host has an empty label: that is told, it is tried again, and who hands over more is not held up for ever."""
    monkeypatch.setattr(webhook, "WAIT_FIRST_SECONDS", 0.01)
    monkeypatch.setattr(webhook, "WAIT_MOST_SECONDS", 0.02)
    monkeypatch.setattr(webhook, "WAITING_MOST", 1)
    monkeypatch.setenv("DISRUPTIONS_ALERT_WEBHOOK", "https://a..b/alerts")
    stop = threading.Event()
    sender = open_sender([], secret, monkeypatch)
    sender.hand_over(LoggedAlert(7, ALERT), stop)
    await_truth(lambda: any("attempt 3" in one["what"] for one in list_troubles()))

    def hand_two() -> None:
        for n in (8, 9):
            sender.hand_over(LoggedAlert(n, ALERT), stop)

    handing = threading.Thread(target=hand_two, daemon=True)
    handing.start()
    assert handing.is_alive()  # there is room for one
    stop.set()
    handing.join(PATIENCE_SECONDS)
    assert not handing.is_alive()
    sender.close()


def test_without_an_address_nothing_is_posted() -> None:
    """And nothing is opened."""
    assert open_webhook(load_settings(), print) is None


@pytest.mark.parametrize("content", ["a3NlY3JldA==" * 4, "whsec_not base64", "whsec_c2hvcnQ="])
def test_a_secret_that_is_none_is_named_by_its_setting_and_never_shown(
    content: str, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The remedy says what belongs there."""
    secret.write_text(content)
    monkeypatch.setenv("DISRUPTIONS_ALERT_WEBHOOK", "https://127.0.0.1/alerts")
    monkeypatch.setenv("DISRUPTIONS_ALERT_WEBHOOK_SECRET_FILE", str(secret))
    with pytest.raises(Misuse, match="DISRUPTIONS_ALERT_WEBHOOK_SECRET_FILE names a file") as raised:
        open_webhook(load_settings(), print)
    assert content not in str(raised.value)
