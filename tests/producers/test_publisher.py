"""A publisher whose broker is not there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.settings import load_settings
from ledger.errors import Unavailable
from ledger.events import DisruptionEvent
from producers import Publisher


def test_who_closes_with_no_patience_waits_for_nothing(tmp_path: Path, event: Callable[..., DisruptionEvent]) -> None:
    """Nobody listens at the address, and none is the least of patience: it is not the usual one, which is endless."""
    settings = load_settings(tmp_path, recorded=False).model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:1"})
    publisher = Publisher(settings)
    publisher.publish(event(1, source_sequence=1))
    with pytest.raises(Unavailable, match="1 events were not acknowledged"):
        publisher.close(0)
