"""Does what a schedule says, at its times, to a running whole; and says what it did."""

import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from tests.chaos.disk import FILLER, fill_disk
from tests.chaos.schedule import EVERYTHING, Fault, FaultKind, list_steps
from tests.chaos.world import ChaosWorld

PIECE_DELAY_SECONDS = 0.15
FIND_SECONDS = 30.0
FOLLOW_SECONDS = 0.05


class ChaosDriver:
    """One storm.

    Args:
        world: what is struck.
        disk: what is filled; none where no disk could be mounted.
        at_work: whether parts are signalled at work alone, and not while they start.
    """

    def __init__(self, world: ChaosWorld, disk: Path | None, *, at_work: bool = False) -> None:
        self._world = world
        self._at_work = at_work
        self._disk = disk
        self._brokers = {one.name for one in world.brokers}
        self._halted: dict[Fault, psutil.Process] = {}
        self._stalled: dict[Fault, int] = {}  # and what had been held back when it began
        self.struck: Counter[FaultKind] = Counter()

    def run_schedule(self, schedule: Sequence[Fault]) -> None:
        """Return when the last fault has ended."""
        began = time.monotonic()
        try:
            for step in list_steps(schedule):
                self._await_moment(began + step.at)
                (self._begin_fault if step.begins else self._end_fault)(step.fault)
        finally:
            self._calm_down()

    def _await_moment(self, moment: float) -> None:
        """Sleep; whoever is stalled stays so, with the connections that it makes meanwhile."""
        while (left := moment - time.monotonic()) > 0:
            self._follow_stalls()
            time.sleep(min(left, FOLLOW_SECONDS))

    def _begin_fault(self, fault: Fault) -> None:
        beginners: dict[FaultKind, Callable[[Fault], bool]] = {
            FaultKind.KILL: lambda one: self._send_signal(one, signal.SIGKILL),
            FaultKind.RESTART: lambda one: self._send_signal(one, signal.SIGTERM),
            FaultKind.HANG: lambda one: self._send_signal(one, signal.SIGSTOP),
            FaultKind.HALT: self._halt_process,
            FaultKind.STALL: self._stall_network,
            FaultKind.DELAY: self._delay_network,
            FaultKind.LOSE: self._lose_links,
            FaultKind.RESET: lambda one: self._world.network.reset_links(self._find_ports(one.target)) > 0,
            FaultKind.FILL: self._fill_disk,
        }
        if fault.target in self._brokers and len(self._brokers) > 1:
            self._world.await_in_sync()
        struck = beginners[fault.kind](fault)
        self.struck[fault.kind] += struck
        sys.stdout.write(f"{fault}{'' if struck else ' (it was not there)'}\n")

    def _end_fault(self, fault: Fault) -> None:
        enders: dict[FaultKind, Callable[[Fault], None]] = {
            FaultKind.HALT: self._resume,
            FaultKind.STALL: self._end_stall,
            FaultKind.DELAY: lambda _: self._world.network.delay_links((), 0.0),
            FaultKind.FILL: lambda _: self._free_disk(),
        }
        enders[fault.kind](fault)

    def _send_signal(self, fault: Fault, number: signal.Signals) -> bool:
        process = self._find_process(fault.target)
        if process is None:
            return False
        with suppress(psutil.Error):
            process.send_signal(number)
            if fault.kind == FaultKind.HALT:
                self._halted[fault] = process
        return True

    def _halt_process(self, fault: Fault) -> bool:
        return self._send_signal(fault, signal.SIGSTOP)

    def _resume(self, fault: Fault) -> None:
        process = self._halted.pop(fault, None)
        if process is not None:
            with suppress(psutil.Error):
                process.resume()

    def _find_process(self, name: str) -> psutil.Process | None:
        """Find a process, within the time that one takes to be started again."""
        deadline = time.monotonic() + FIND_SECONDS
        while time.monotonic() < deadline:
            with suppress(LookupError, psutil.Error):
                found = self._world.find_process(name)
                halted = found.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_STOPPED)
                if not halted and (not self._at_work or self._world.is_at_work(name, found.pid)):
                    return found
            time.sleep(FOLLOW_SECONDS)
        return None

    def _find_ports(self, name: str) -> set[int]:
        """Find whence a part speaks through the network, within the time that one takes to be started again."""
        deadline = time.monotonic() + FIND_SECONDS
        while not (found := self._world.list_clients(name)) and time.monotonic() < deadline:
            time.sleep(FOLLOW_SECONDS)
        return found

    def _stall_network(self, fault: Fault) -> bool:
        if not self._find_ports(fault.target):
            return False
        self._stalled[fault] = self._world.network.held_back
        self._follow_stalls()
        return True

    def _end_stall(self, fault: Fault) -> None:
        """Let go what was held back; a stall that held nothing back struck nothing."""
        if fault in self._stalled:
            held = self._world.network.held_back - self._stalled.pop(fault)
            self.struck[fault.kind] -= not held
            sys.stdout.write(f"         {held:,} bytes of {fault.target} were held back\n")
            self._follow_stalls()

    def _follow_stalls(self) -> None:
        ports = {port for fault in self._stalled for port in self._world.list_ports(fault.target)}
        self._world.network.stall_links(ports)

    def _lose_links(self, fault: Fault) -> bool:
        lost = self._world.network.lose_links(self._find_ports(fault.target))
        sys.stdout.write(f"         {lost} connections of {fault.target} are half-open\n")
        return lost > 0

    def _delay_network(self, fault: Fault) -> bool:
        ports = None if fault.target == EVERYTHING else self._find_ports(fault.target)
        self._world.network.delay_links(ports, PIECE_DELAY_SECONDS)
        return ports is None or bool(ports)

    def _fill_disk(self, _: Fault) -> bool:
        if self._disk is not None:
            fill_disk(self._disk)
        return self._disk is not None

    def _free_disk(self) -> None:
        if self._disk is not None:
            (self._disk / FILLER).unlink(missing_ok=True)

    def _calm_down(self) -> None:
        for fault in tuple(self._halted):
            self._resume(fault)
        self._stalled.clear()
        self._follow_stalls()
        self._world.network.delay_links((), 0.0)
        self._free_disk()
        sys.stdout.write(f"         {self._world.network.swallowed:,} bytes went into half-open connections\n")
        if not self._world.network.swallowed:  # whoever had them was idle, or gone: they struck nothing
            self.struck.pop(FaultKind.LOSE, None)
