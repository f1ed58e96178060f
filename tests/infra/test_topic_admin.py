"""A broker that takes connections and says nothing: every question about topics ends as the world's fault."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra import topic_admin
from infra.settings import Settings, load_settings
from infra.topics import PUBLISHED
from ledger.errors import Unavailable
from services.restore_mark import RestoreMark
from services.restored_topics import RestoredTopics


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[Settings]:
    """Settings that name it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        yield load_settings(tmp_path, recorded=False).model_copy(update={"kafka_bootstrap_servers": address})


@pytest.mark.parametrize(
    "ask",
    [
        lambda settings: topic_admin.delete_topics(settings, [PUBLISHED]),
        topic_admin.create_missing,
        topic_admin.await_answers,
        lambda settings: RestoredTopics(settings, RestoreMark(settings.state), (PUBLISHED,)).set_clocks(),
    ],
    ids=["delete", "count", "answers", "restore"],
)
def test_a_broker_that_says_nothing_is_unavailable(
    silent: Settings, ask: Callable[[Settings], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within the time that is given to it, whatever the client itself would wait."""
    monkeypatch.setattr(topic_admin, "CALL_TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(topic_admin, "SETTLE_TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(topic_admin, "POLL_SECONDS", 0.0)
    with pytest.raises(Unavailable):
        ask(silent)
