"""What is asked of a rebuild while its broker hangs: a socket that takes every connection and says nothing."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.settings import Settings, load_settings
from ledger.errors import Unavailable
from queries.store_answers import StoreAnswers
from services.loading import LoadingParts
from services.rebuild import Rebuild
from sinks.generations import read_state
from tests.stores import open_migrated

SECONDS_MOST = 7.0  # three for the broker, and some for this machine; it was ten and more
ENDS = r"the ends of the output topics \(soc\.entries, soc\.rejected\) cannot be read: the broker did not answer"


def fail_process() -> None:
    """Nothing fails that would end the process."""
    pytest.fail("the process would have ended")


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Settings that name such a broker."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        yield load_settings(tmp_path).model_copy(update={"kafka_bootstrap_servers": address})


def test_a_rebuild_is_begun_in_seconds_while_the_broker_hangs(settings: Settings) -> None:
    """It says that its progress cannot be read, and is begun; who asks next is told at once."""
    with open_migrated(settings) as store:
        rebuild = Rebuild(
            settings, store, LoadingParts(settings, store, StoreAnswers(settings, store), fail_process), fail_process
        )
        try:
            began = time.monotonic()
            with pytest.raises(Unavailable, match=ENDS):
                rebuild.begin_rebuild(0)
            told = time.monotonic()
            assert read_state(store).building == 2
            with pytest.raises(Unavailable, match=ENDS):
                rebuild.read_state()
            assert (told - began < SECONDS_MOST, time.monotonic() - told < SECONDS_MOST / 5) == (True, True)
        finally:
            rebuild.close()
