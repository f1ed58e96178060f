"""Asking for the cluster's metadata anew, after a question about a partition's ends failed.

librdkafka forgets a broker that is away for a moment, and keeps in its cache that this broker leads. Of such a
partition it then says that it is not known, without asking again, for as long as the cache lasts (a quarter of an
hour). So whoever asks with a client that lives long has it ask for the metadata, before asking again.
"""

from contextlib import suppress
from typing import Any, Final

from confluent_kafka import KafkaException

REFRESH_SECONDS: Final = 2.0


def refresh_metadata(client: Any) -> None:
    """Have a client (of any kind) ask again who leads what; where nobody answers, the next question says so."""
    with suppress(KafkaException):
        client.list_topics(timeout=REFRESH_SECONDS)
