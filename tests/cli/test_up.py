"""Signals end a block quietly, and only once."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from cli.up import print_addresses
from infra.settings import Settings
from local.signals import stop_on_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_breaks_off_whatever_the_block_does(number: signal.Signals) -> None:
    """The event is set, nothing is raised, the handlers of before are back."""
    before = signal.getsignal(number)
    with stop_on_signals() as stopped:
        os.kill(os.getpid(), number)
        time.sleep(10)
        pytest.fail("the block went on")
    assert stopped.is_set()
    assert signal.getsignal(number) is before


def test_a_second_signal_does_not_disturb_the_stop() -> None:
    """An impatient second Ctrl-C leaves no process behind."""
    done = False
    with stop_on_signals():
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(10)
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)
            done = True
    assert done


def test_an_error_of_the_block_is_not_swallowed() -> None:
    with pytest.raises(ValueError, match="its own"), stop_on_signals():
        raise ValueError("its own")


def test_an_output_that_cannot_be_written_stops_no_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not now, and not when the interpreter flushes at the end: as with ``up | head -1`` and a full disk."""
    settings = Settings(state=tmp_path, kafka_bootstrap_servers="127.0.0.1:1", read_api="http://127.0.0.1:2")
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        print_addresses(settings)
        full.flush()
