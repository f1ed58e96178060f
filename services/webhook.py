"""Alerts posted to somebody else's system, signed by Standard Webhooks, tried again until they are taken.

One post at a time, in order. The id of a post is the alert's position, so a receiver can tell one that comes twice.
"""

import queue
import threading
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import httpx
import msgspec
import structlog
from standardwebhooks import Webhook
from tenacity import RetryCallState, Retrying, stop_when_event_set, wait_exponential_jitter

from infra.credentials import hold_address, read_secret
from infra.settings import Settings
from infra.status import end_trouble, report_trouble
from infra.topics import ALERTS
from ledger.errors import Misuse
from ledger.instants import format_millis
from sinks.alerts import PARTITION, LoggedAlert

POST_SECONDS: Final = 10.0
LOOK_SECONDS: Final = 0.2
WAIT_FIRST_SECONDS: Final = 1.0
WAIT_MOST_SECONDS: Final = 60.0
WAITING_MOST: Final = 10_000
ADDRESS: Final = "DISRUPTIONS_ALERT_WEBHOOK"
SECRET: Final = "DISRUPTIONS_ALERT_WEBHOOK_SECRET_FILE"  # noqa: S105  (the name of a setting)
SECRET_PREFIX: Final = "whsec_"  # noqa: S105  (how every secret of the standard begins)
SECRET_BYTES: Final = range(24, 65)  # by the standard
_log = structlog.get_logger("services.webhook")


class NotTaken(Exception):
    """The receiver did not take a post; the message says how it answered, never what was sent."""


class WebhookSender:
    """Posts alerts from a thread of its own; ``tell_posted`` is called with the offset of each that was taken."""

    def __init__(self, address: str, secret: str, tell_posted: Callable[[int], None]) -> None:
        self._address = address
        self._signer = Webhook(secret)
        self._tell_posted = tell_posted
        self._waiting: queue.Queue[LoggedAlert] = queue.Queue(WAITING_MOST)
        self._stop = threading.Event()
        self._client = httpx.Client(timeout=POST_SECONDS, follow_redirects=False)
        self._thread = threading.Thread(target=self._run, name="webhook", daemon=True)
        self._thread.start()

    def hand_over(self, logged: LoggedAlert, stop: threading.Event) -> None:
        """Hand an alert over to be posted, after those before it; where there is no room, until ``stop`` is set."""
        while not stop.is_set():
            with suppress(queue.Full):
                self._waiting.put(logged, timeout=LOOK_SECONDS)
                return

    def close(self) -> None:
        """Stop; what was not taken is posted by the next process."""
        self._stop.set()
        self._thread.join(POST_SECONDS)
        self._client.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                logged = self._waiting.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            self._post_until_taken(logged)

    def _post_until_taken(self, logged: LoggedAlert) -> None:
        """Post it, and again whatever happens: an address that is none is told, and harms nothing behind it."""
        for attempt in Retrying(
            wait=wait_exponential_jitter(multiplier=WAIT_FIRST_SECONDS, max=WAIT_MOST_SECONDS),
            stop=stop_when_event_set(self._stop),
            sleep=self._wait_unless_stopped,
            before_sleep=report_untaken,
            retry_error_callback=lambda _: None,
        ):
            with attempt:
                self._post_alert(logged)
                end_trouble("alerts")
                self._tell_posted(logged.offset)

    def _wait_unless_stopped(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def _post_alert(self, logged: LoggedAlert) -> None:
        body, name, instant = write_body(logged), f"{ALERTS}:{PARTITION}:{logged.offset}", datetime.now(UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(instant.timestamp())),
            "webhook-signature": self._signer.sign(name, instant, body),
        }
        with self._client.stream("POST", self._address, content=body, headers=headers) as answer:
            if not answer.is_success:  # what follows is not read: it may have no end
                raise NotTaken(f"it answers {answer.status_code}")


def open_webhook(settings: Settings, tell_posted: Callable[[int], None]) -> WebhookSender | None:
    """Open the way to the receiver that the settings name; None where they name none. Raises Misuse."""
    if settings.alert_webhook is None:
        return None
    hold_address(ADDRESS, settings.alert_webhook)
    secret = read_secret(SECRET, settings.alert_webhook_secret_file) or ""
    hold_secret(secret)
    return WebhookSender(settings.alert_webhook, secret, tell_posted)


def hold_secret(secret: str) -> None:
    """Hold that it is a secret as the standard has them. Raises Misuse; it is never shown."""
    try:
        key = b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(SECRET_PREFIX) or len(key) not in SECRET_BYTES:
        raise Misuse(
            f"{SECRET} names a file that holds no secret of Standard Webhooks: "
            f"{SECRET_PREFIX} and 24 to 64 bytes in base64"
        )


def write_body(logged: LoggedAlert) -> str:
    """Write what is posted: the kind of event, when it was judged, and the alert."""
    alert = logged.alert
    at = format_millis(alert.at)
    data = alert._asdict() | {"at": at, "offset": logged.offset}
    body = {"type": f"alert.{alert.state.lower()}", "timestamp": at, "data": data}
    return msgspec.json.encode(body).decode()


def report_untaken(state: RetryCallState) -> None:
    """Report that the receiver does not take what is posted, without its address: that may hold a secret."""
    error = state.outcome.exception() if state.outcome else None
    why = str(error) if isinstance(error, NotTaken) else type(error).__name__
    _log.warning("alert not posted", reason=why, attempt=state.attempt_number)
    report_trouble(
        "alerts",
        f"the receiver of alerts does not take them ({why}); attempt {state.attempt_number}",
        remedy=f"see the receiver that {ADDRESS} names; alerts wait, in order, and are shown here meanwhile",
    )
