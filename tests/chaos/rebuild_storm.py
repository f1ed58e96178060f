"""Whoever strikes a rebuild at the steps that a seed names, while events arrive and figures are read.

Nothing here asks the product what is right: which moves of the generations are legal, and what a reader may be shown,
is said by hand.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, NamedTuple

import httpx
import psutil

from tests.chaos.rebuild_steps import ASKING, DROPPING, LOADING, SWITCHING, Held, StepFiles, Trap
from tests.chaos.schedule import LASTS_SESSIONS, SESSION_SECONDS, FaultKind
from tests.chaos.verdict import list_stored
from tests.chaos.world import ChaosWorld
from tests.live.adversary.running import DISRUPTIONS, await_true
from tests.patience import PATIENCE_SECONDS, PATIENT

LOOK_SECONDS: Final = 0.01
READ_SECONDS: Final = 0.03
ROWS_MOST: Final = 300  # of a build, after which it is struck while it loads
RATES: Final = (0, 0, 2_000)
DIMENSIONS: Final = ("org", "pillar")
SERVICE: Final = "service"


class Blow(StrEnum):
    """How a rebuild is struck."""

    KILL_SERVICE = "kill the service"
    HALT_SERVICE = "halt the service past its session"
    KILL_COMMAND = "kill the command"
    KILL_WORKER = "kill a worker"
    HALT_WORKER = "halt a worker past its session"
    CANCEL = "cancel"


BLOWS: Final = {
    LOADING: (Blow.KILL_SERVICE, Blow.HALT_SERVICE, Blow.KILL_COMMAND, Blow.KILL_WORKER, Blow.CANCEL),
    SWITCHING: (Blow.KILL_SERVICE, Blow.KILL_SERVICE, Blow.HALT_SERVICE, Blow.KILL_COMMAND),
    ASKING: (Blow.KILL_SERVICE, Blow.KILL_COMMAND, Blow.HALT_WORKER, Blow.CANCEL),
    DROPPING: (Blow.KILL_SERVICE, Blow.HALT_SERVICE, Blow.KILL_COMMAND),
}


class StepStrike(NamedTuple):
    """At which step, after how many rows, and how."""

    step: str
    blow: Blow
    rows: int = 0


class Generations(NamedTuple):
    """Which generation is shown, built and kept."""

    live: int = 1
    building: int | None = None
    previous: int | None = None


def draw_strikes(seed: int, count: int) -> Iterator[StepStrike]:
    """Draw so many: every phase in turn, and every step of a phase before any comes again."""
    rng = random.Random(seed)
    left: dict[tuple[str, ...], list[str]] = {phase: [] for phase in BLOWS}
    for number in range(count):
        phase = list(BLOWS)[number % len(BLOWS)]
        left[phase] = left[phase] or rng.sample(phase, len(phase))
        yield StepStrike(
            left[phase].pop(), rng.choice(BLOWS[phase]), rng.randrange(ROWS_MOST) if phase is LOADING else 0
        )


class Onlooker:
    """Reads one figure again and again, whoever is struck meanwhile."""

    def __init__(self, world: ChaosWorld) -> None:
        self._world = world
        self._over = threading.Event()
        self._seen: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._look_on, name="onlooker")
        self._thread.start()

    def _look_on(self) -> None:
        asked = {"by": ",".join(DIMENSIONS)}
        with httpx.Client(**PATIENT) as client:
            while not self._over.wait(READ_SECONDS):
                with suppress(httpx.HTTPError, OSError, ValueError):  # the service is away
                    address = self._world.ledger.addresses["read_api"]
                    answer = client.get(f"{address}/v1/counts", params=asked)
                    if answer.status_code == httpx.codes.OK:
                        self._seen.append(answer.json())

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def hold_seen(self) -> None:
        """No position was before an earlier one, and every figure was the sum of the legs before its position."""
        positions = [{int(number): at for number, at in one["position"].items()} for one in self._seen]
        for before, after in pairwise(positions):
            back = {number for number, at in before.items() if after.get(number, 0) < at}
            assert not back, f"a reader was shown less of partitions {back} than before"
        legs = {
            (row["partition"], row["offset"], row["leg"]): (row["organisation"], row["pillar"], row["sign"])
            for row in list_stored(self._world, "postings")
            if (row["type"], row["standing"]) == ("LEAD", "COUNTED")
        }
        for answer, position in zip(self._seen, positions, strict=True):
            wanted: Counter[tuple[str, str]] = Counter()
            for (partition, offset, _), (organisation, pillar, sign) in legs.items():
                wanted[organisation, pillar] += sign if offset < position.get(partition, 0) else 0
            found = {(row["org"], row["pillar"]): row["n"] for row in answer["rows"]}
            assert found == {cell: n for cell, n in wanted.items() if n}, f"at {position}"
        assert len(self._seen) > 1, "nobody looked"


class RebuildStorm:
    """One storm.

    Attributes:
        switches: how often another generation was shown.
        missed: the strikes whose step was not reached.
    """

    def __init__(self, world: ChaosWorld, files: StepFiles, seed: int, ends_seconds: float = PATIENCE_SECONDS) -> None:
        self._world, self._files = world, files
        self._ends_seconds = ends_seconds
        self._rng, self._asked = random.Random(seed), Generations()
        self._commands: list[subprocess.Popen[str]] = []
        self.switches, self.missed = 0, list[StepStrike]()

    def run_strikes(self, strikes: Sequence[StepStrike]) -> None:
        """StepStrike one rebuild after the other; in the end one is made that nobody disturbs."""
        try:
            for strike in strikes:
                self._prepare_strike(strike)
                self._strike_rebuild(strike)
            self.finish_rebuild()
        finally:
            self._files.clear_trap()
            for one in self._commands:
                one.kill()
                one.communicate()

    def finish_rebuild(self) -> None:
        """Build, compare and switch, undisturbed; what was kept is dropped before."""
        self._drop_kept()
        before = self.read_generations()
        code, said = self._run_command(*self._choose_rate())
        assert code == 0, f"the rebuild does not come to its end: {said}"
        after = self.read_generations()
        assert (after.previous, after.building) == (before.live, None)
        self._note_move(before, after)
        assert self.switches > 0

    def _drop_kept(self) -> None:
        if self.read_generations().previous is not None:
            code, said = self._run_command("--drop-old")
            assert code == 0, said
        assert self.read_generations().previous is None

    def _prepare_strike(self, strike: StepStrike) -> None:
        """See that there is something to drop, or room to build."""
        is_kept = self.read_generations().previous is not None
        if strike.step not in DROPPING:
            self._drop_kept()
        elif not is_kept:
            self.finish_rebuild()

    def _strike_rebuild(self, strike: StepStrike) -> None:
        before = self.read_generations()
        self._files.set_trap(Trap(strike.step, strike.rows))
        command = self._begin_command(*(["--drop-old"] if strike.step in DROPPING else self._choose_rate()))
        held = self._await_held(command)
        sys.stdout.write(f"{strike.step} ({strike.rows} rows): {strike.blow}{'' if held else ' (not reached)'}\n")
        if held is None:
            self.missed.append(strike)
        else:
            self._strike_held(strike.blow, held, command)
        self._files.clear_trap()
        said = self._await_command(command)[1]
        assert "Traceback" not in said, said
        if held is not None and strike.blow == Blow.KILL_COMMAND and strike.step in SWITCHING:  # the service goes on
            await_true(lambda: self.read_generations().live > before.live, PATIENCE_SECONDS, self._world.ledger.log)
        self._note_move(before, self.read_generations())

    def _strike_held(self, blow: Blow, held: Held, command: subprocess.Popen[str]) -> None:
        if blow == Blow.CANCEL:
            cancelling = self._begin_command("--cancel")
            time.sleep(self._rng.random())
            self._files.clear_trap()
            self._await_command(cancelling)
            return
        if blow == Blow.KILL_COMMAND:
            command.kill()
            return
        process = self._find_struck(blow, held)
        if blow in {Blow.KILL_SERVICE, Blow.KILL_WORKER}:
            process.kill()
            process.wait()
            return
        process.send_signal(signal.SIGSTOP)
        self._files.clear_trap()
        time.sleep(self._rng.uniform(*LASTS_SESSIONS[FaultKind.HALT]) * SESSION_SECONDS)
        process.send_signal(signal.SIGCONT)

    def _find_struck(self, blow: Blow, held: Held) -> psutil.Process:
        if blow in {Blow.KILL_WORKER, Blow.HALT_WORKER}:
            workers = [one for one in self._world.list_parts() if one.startswith("worker")]
            return self._world.find_process(self._rng.choice(workers))
        found = self._world.find_process(SERVICE)
        assert held.pid in {found.pid, *(one.pid for one in self._commands if one.poll() is None)}
        return found

    def _await_held(self, command: subprocess.Popen[str]) -> Held | None:
        """Return who waits at the trap; None where the command came to its end without."""
        deadline = time.monotonic() + self._ends_seconds
        while (found := self._files.read_held()) is None and command.poll() is None:
            assert time.monotonic() < deadline, "the rebuild stands"
            time.sleep(LOOK_SECONDS)
        return found

    def _choose_rate(self) -> list[str]:
        return ["--rate", str(self._rng.choice(RATES))]

    def _begin_command(self, *options: str) -> subprocess.Popen[str]:
        command = [DISRUPTIONS, "audit", "rebuild", "--json", *options]
        environment = os.environ | self._world.ledger.environment
        pipe = subprocess.PIPE
        self._commands.append(subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True))
        return self._commands[-1]

    def _run_command(self, *options: str) -> tuple[int, str]:
        """Run one to its end; it may come while a service is not there yet."""
        self.read_generations()
        return self._await_command(self._begin_command(*options))

    def _await_command(self, command: subprocess.Popen[str]) -> tuple[int, str]:
        try:
            out, error = command.communicate(timeout=self._ends_seconds)
        except subprocess.TimeoutExpired:
            body = self._world.ledger.get_api("rebuild").json()
            where = f"it has read {body['done']} of {body['total']} records, and is {body['state']}"
            raise AssertionError(f"the rebuild does not come to its end: {where}") from None
        return command.returncode, f"{out}{error}"

    def read_generations(self) -> Generations:
        """Where they are, once somebody answers."""
        await_true(lambda: self._ask_generations() is not None, PATIENCE_SECONDS, self._world.ledger.log)
        return self._asked

    def _ask_generations(self) -> Generations | None:
        with suppress(httpx.HTTPError, OSError, ValueError):
            answer = self._world.ledger.get_api("rebuild")
            if answer.status_code == httpx.codes.OK:
                self._asked = Generations(**{name: answer.json()[name] for name in Generations._fields})
                return self._asked
        return None

    def _note_move(self, before: Generations, after: Generations) -> None:
        """Nothing was shown but what had been built, and then what was shown before is kept, until it is dropped."""
        if after.live == before.live:
            assert after.previous in (before.previous, None), (before, after)
            return
        self.switches += 1
        assert after.live > before.live, (before, after)
        assert (after.previous, after.building) == (before.live, None), (before, after)
        assert before.building in (after.live, None), (before, after)


def hold_steps(rows: Sequence[Generations], switches: int) -> None:
    """Every row that was ever written follows from the one before by one legal step; so often it was switched."""
    known, highest, switched = Generations(), 1, 0
    for row in rows:
        begins = known == row._replace(building=None) and known.previous is None and (row.building or 0) > highest
        legal = {
            "go on": known,
            "cancel": known._replace(building=None),
            "switch": Generations(known.building or 0, None, known.live),
            "forget": known._replace(previous=None),
        }
        assert begins or row in legal.values(), (known, row)
        switched += row == legal["switch"]
        known, highest = row, max(highest, row.building or 0)
    assert switched == switches, f"switched {switched} times, and seen to be {switches} times"
