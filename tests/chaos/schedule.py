"""What goes wrong and when: a list of timed faults that follows from a seed, a length and what there is to strike.

Nothing here does anything: ``tests/chaos/driver.py`` does what a schedule says. The same seed gives the same schedule.
"""

import random
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple


class FaultKind(StrEnum):
    """A way in which the world fails. What lasts is undone at its end; a process is started again by its supervisor."""

    KILL = "kill"  # SIGKILL
    HALT = "halt"  # SIGSTOP, for longer than a session, then SIGCONT: a worker that others took for dead
    HANG = "hang"  # SIGSTOP for ever: nobody but its supervisor helps
    RESTART = "restart"  # SIGTERM
    STALL = "stall"  # what a part sends and is sent stays on the way, for longer than a session, and then arrives
    DELAY = "delay"  # everything takes its time
    LOSE = "lose"  # a part's connections are half-open: what it sends goes nowhere, and nobody tells it
    RESET = "reset"  # a part's connections are reset
    FILL = "fill"  # the disk of everything is full


PROCESS = (FaultKind.KILL, FaultKind.HALT, FaultKind.HANG, FaultKind.RESTART)
NETWORK = (FaultKind.STALL, FaultKind.DELAY, FaultKind.LOSE, FaultKind.RESET)
AT_ONCE = frozenset({FaultKind.KILL, FaultKind.HANG, FaultKind.RESTART, FaultKind.LOSE, FaultKind.RESET})
DISK, EVERYTHING = "disk", "everything"
SESSION_SECONDS = 2.0
SILENCE_SECONDS = 6.0  # after which a part is taken to hang: longer than any halt
LARGEST_GAP_SECONDS = 1.5
LASTS_SESSIONS = {
    FaultKind.HALT: (1.5, 2.5),
    FaultKind.STALL: (1.5, 2.5),
    FaultKind.DELAY: (0.5, 1.5),
    FaultKind.FILL: (1.0, 2.0),
}


class Fault(NamedTuple):
    """One fault: when it begins (seconds from the storm's beginning), what, where, and for how long."""

    at: float
    kind: FaultKind
    target: str
    seconds: float = 0.0

    def __str__(self) -> str:
        """Say it in a line."""
        lasts = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.at:6.2f} s  {self.kind} {self.target}{lasts}"


class Step(NamedTuple):
    """The beginning or the end of a fault, at an instant."""

    at: float
    begins: bool
    fault: Fault


def make_schedule(
    seed: int, seconds: float, parts: Sequence[str], brokers: Sequence[str], kinds: Collection[FaultKind]
) -> list[Fault]:
    """Make the faults of a storm: every kind before any comes again, and every target of a kind likewise.

    Args:
        seed: of everything.
        seconds: within which all of it begins, but for what a full disk puts off.
        parts: names of the ledger's processes.
        brokers: names of the brokers; one of several is struck at a time, which the driver sees to.
        kinds: what may go wrong.
    """
    rng = random.Random(seed)
    struck = [(kind, target) for kind in FaultKind if kind in kinds for target in list_targets(kind, parts, brokers)]
    deck = deal_fairly(rng, struck)
    pace = min(LARGEST_GAP_SECONDS, seconds / len(kinds))
    moments = [pace * (number + rng.random() * 0.8) for number in range(round(seconds / pace))]
    return put_off(draw_fault(rng, at, *deck[number % len(deck)]) for number, at in enumerate(moments))


def put_off(faults: Iterable[Fault]) -> list[Fault]:
    """Let whatever comes after a full disk begin when there is room again: nothing comes up while it is full."""
    late, kept = 0.0, []
    for fault in faults:
        kept.append(fault._replace(at=fault.at + late))
        late += fault.seconds if fault.kind == FaultKind.FILL else 0.0
    return kept


def list_targets(kind: FaultKind, parts: Sequence[str], brokers: Sequence[str]) -> list[str]:
    """What a kind of fault can strike."""
    if kind == FaultKind.FILL:
        return [DISK]
    if kind in NETWORK:
        return [*parts, EVERYTHING] if kind == FaultKind.DELAY else list(parts)
    return [*parts, *brokers]


def deal_fairly(rng: random.Random, struck: Sequence[tuple[FaultKind, str]]) -> list[tuple[FaultKind, str]]:
    """All pairs in rounds: each has every kind once, a full disk last, with targets that had no fault for longest."""
    left = {kind: [target for one, target in struck if one == kind] for kind, _ in struck}
    heard = {target: 0 for _, target in struck}
    dealt: list[tuple[FaultKind, str]] = []
    while left:
        for kind in sorted(rng.sample(sorted(left), len(left)), key=lambda one: one == FaultKind.FILL):
            target = min(left[kind], key=lambda one: (heard[one], rng.random()))
            left[kind].remove(target)
            heard[target] = len(dealt) + 1
            dealt.append((kind, target))
        left = {kind: targets for kind, targets in left.items() if targets}
    return dealt


def draw_fault(rng: random.Random, at: float, kind: FaultKind, target: str) -> Fault:
    """One fault, with how long it lasts."""
    if kind in AT_ONCE:
        return Fault(at, kind, target)
    return Fault(at, kind, target, rng.uniform(*LASTS_SESSIONS[kind]) * SESSION_SECONDS)


def list_steps(schedule: Sequence[Fault]) -> list[Step]:
    """What is to be done, in order."""
    begun = [Step(fault.at, True, fault) for fault in schedule]
    ended = [Step(fault.at + fault.seconds, False, fault) for fault in schedule if fault.seconds]
    return sorted(begun + ended, key=lambda step: (step.at, step.begins))
