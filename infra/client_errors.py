"""What a Kafka client complains of beside the call that fails, with the settings to look at.

A call against a broker that refuses the password or the certificate only runs into its time limit; that it was refused
is said to the client's ``error_cb``.
"""

import time
from typing import Any, Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from ledger.errors import Unavailable

REMEDIES: Final = {
    "_AUTHENTICATION": "the broker refuses the user or the password: check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME "
    "and the file of KAFKA_SASL_PASSWORD_FILE",
    "_SSL": "no TLS with the broker: check KAFKA_SSL_CA_LOCATION, that its certificate names the address in "
    "KAFKA_BOOTSTRAP_SERVERS, and that its listener speaks TLS",
}
FIRST_WAIT_SECONDS: Final = 2.0


class LastClientError:
    """The last error that a client told of; ``note_error`` is for its ``error_cb``."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def note_error(self, error: Any) -> bool:
        """Take an error; return whether it is another one. That all brokers are down only follows from it."""
        found = str(error.name())
        new = found != self.name and not (found == "_ALL_BROKERS_DOWN" and self.name in REMEDIES)
        if new:
            self.name = found
        return new

    def describe_error(self) -> str:
        """Return its name, and what to do about it where that is known."""
        return f"{self.name}: {REMEDIES[self.name]}" if self.name in REMEDIES else self.name


class DiagnosingAdminClient(AdminClient):  # type: ignore[misc] # the library ships no types
    """An admin client whose first question says at once, and by its setting, why the broker refuses to talk."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._complaint = LastClientError()
        super().__init__(options | {"log_level": 2, "error_cb": self._complaint.note_error})

    def list_topics(self, topic: str | None = None, timeout: float = -1.0) -> Any:
        """List topics as the base class does.

        Raises:
            KafkaException: no answer in time.
            Unavailable: the broker refuses the user, the password or the certificate; the message has the remedy.
        """
        deadline, wait = time.monotonic() + timeout, FIRST_WAIT_SECONDS
        while True:
            try:
                return super().list_topics(topic, timeout=min(wait, max(0.1, deadline - time.monotonic())))
            except KafkaException:
                self.poll(0)
                if self._complaint.name in REMEDIES:
                    raise Unavailable(self._complaint.describe_error()) from None
                if time.monotonic() >= deadline:
                    raise
                wait *= 2
