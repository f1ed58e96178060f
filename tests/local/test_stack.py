"""What the local whole does before and beside its processes: the lock, stale state, addresses, ports."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from infra.settings import ADDRESSES, Settings
from ledger.errors import Misuse
from local import ports, stack


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty state directory."""
    (tmp_path / "run").mkdir()
    return Settings(state=tmp_path)


def test_one_whole_at_a_time(settings: Settings) -> None:
    """The lock is the kernel's: it goes with its holder, so nothing stale can bar the way."""
    with (
        stack.lock_state(settings.state),
        pytest.raises(Misuse, match=rf"in use by another .* \(process {os.getpid()}\)"),
        stack.lock_state(settings.state),
    ):
        pass
    with stack.lock_state(settings.state):
        pass


def test_a_killed_holders_lock_is_free(settings: Settings) -> None:
    """kill -9 lets it go at once."""
    hold = "import sys,time,pathlib\nfrom local.stack import lock_state\n"
    hold += "with lock_state(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", hold, str(settings.state)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    with stack.lock_state(settings.state):
        assert (settings.state / stack.LOCK).read_text() == f"{os.getpid()}\n"


def test_the_read_apis_port_is_kept_for_the_next_time(settings: Settings) -> None:
    """Bookmarks stay good; a port that another took meanwhile is not insisted on."""
    first = stack._choose_api_port(settings)
    assert stack._choose_api_port(settings) == first
    with socket.create_server((ports.LOOPBACK, first)):
        assert stack._choose_api_port(settings) != first


def test_a_port_asked_for_and_taken_is_named_with_its_setting(settings: Settings) -> None:
    with socket.create_server((ports.LOOPBACK, port := ports.find_free_port())):
        asked = settings.model_copy(update={"read_api_port": port})
        with pytest.raises(Misuse, match=f"port {port} is taken: set DISRUPTIONS_READ_API_PORT"):
            stack._choose_api_port(asked)


def test_a_reader_never_sees_half_a_file(settings: Settings) -> None:
    """Written beside, then renamed."""
    file = settings.state / ADDRESSES
    stack._write_json(file, {"a": 1})
    before = file.stat().st_ino
    stack._write_json(file, {"a": 2})
    assert file.stat().st_ino != before
    assert json.loads(file.read_text()) == {"a": 2}
    assert list(settings.state.glob("*.new")) == []
