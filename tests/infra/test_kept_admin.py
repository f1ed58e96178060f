"""A client that is kept from question to question, until one is not answered."""

from pathlib import Path

import pytest
from confluent_kafka import KafkaException

from infra.kept_admin import KeptAdmin
from infra.settings import Settings
from infra.topic_admin import build_admin_client
from infra.topic_identity import find_highs
from infra.topics import PUBLISHED
from ledger.errors import Misuse, Unavailable


@pytest.fixture
def kept(tmp_path: Path) -> KeptAdmin:
    """Clients of a port where nobody listens."""
    settings = Settings(state=tmp_path, kafka_bootstrap_servers="127.0.0.1:1")
    return KeptAdmin(lambda: build_admin_client(settings))


def test_a_client_is_kept_while_it_is_answered(kept: KeptAdmin) -> None:
    """Also where the answer is that somebody has to do something."""
    first = kept.ask_broker(lambda client: client)

    def refuse_client(client: object) -> None:
        raise Misuse(f"{client is first}")

    with pytest.raises(Misuse, match="True"):
        kept.ask_broker(refuse_client)
    assert kept.ask_broker(lambda client: client) is first


def test_a_client_that_was_not_answered_is_given_up(kept: KeptAdmin) -> None:
    """By the library's error, and by ours; and so is one that is left."""
    seen = [kept.ask_broker(lambda client: client)]
    with pytest.raises(KafkaException):
        kept.ask_broker(lambda client: client.list_topics(timeout=0.2))
    seen.append(kept.ask_broker(lambda client: client))
    with pytest.raises(Unavailable):
        kept.ask_broker(lambda client: find_highs(client, [(PUBLISHED, 0)], 0.2))
    seen.append(kept.ask_broker(lambda client: client))
    kept.leave_broker()
    seen.append(kept.ask_broker(lambda client: client))
    assert len({id(one) for one in seen}) == 4
