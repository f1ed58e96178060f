"""The machine on which a simulation runs: one clock, one seed, and a choice of who takes the next step.

Nothing here runs by itself. A *process* is a name under which things live and die together: an event loop, and fibers
in the place of its threads. In every step the kernel chooses one that can go on, and lets it run to its next wait: an
iteration of an event loop, or a fiber up to where it asks the broker, the store or the clock. The same seed gives the
same steps, so a seed is a whole run.

Fibers are greenlets: the code of a thread stops in the middle of a call, as a thread does, and nothing runs beside it.
"""

import random
from collections.abc import Callable
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from ledger.errors import LedgerError

STEP_SECONDS = 0.000_5
BEGINNING = 1_000.0


class Killed(GreenletExit):
    """What is thrown into the fibers of a process that dies; no handler of the code under test takes it."""


class Defect(AssertionError):
    """A law that does not hold."""


class Process:
    """What dies together. ``stopped_until``: SIGSTOP; it neither runs nor hears meanwhile."""

    def __init__(self, kernel: "Kernel", name: str) -> None:
        self.kernel = kernel
        self.name = name
        self.alive = True
        self.doomed = ""
        self.stopped_at = self.stopped_until = 0.0
        self.runnables: list[Any] = []  # its event loop, and its fibers
        self.at_death: list[Callable[[], None]] = []

    def is_running(self) -> bool:
        """Tell whether it may take a step."""
        return self.alive and not self.doomed and self.stopped_until <= self.kernel.now

    def spawn_fiber(self, name: str, work: Callable[[], Any]) -> "Fiber":
        """Begin a thread of it."""
        fiber = Fiber(self, f"{self.name}/{name}", work)
        self.runnables.append(fiber)
        return fiber

    def stop(self, seconds: float) -> None:
        """Stop it for so long."""
        self.stopped_at, self.stopped_until = self.kernel.now, self.kernel.now + seconds
        self.kernel.note_line(f"{self.name} is stopped for {seconds} s")

    def end_now(self, why: str) -> None:
        """End at once, like ``os._exit``: whoever of it runs now goes no further."""
        self.doomed = self.doomed or why
        self.kernel.dying = True
        if self.kernel.fiber is not None and self.kernel.current is self:
            raise Killed

    def kill(self) -> None:
        """Let it vanish: nothing of it runs any more, and only what lies in the log, the store and on disks is left."""
        self.kernel.note_line(f"{self.name} dies: {self.doomed}")
        self.alive = False
        self.kernel.current = self  # what its own clauses do on the way out is done by nobody else
        for one in self.runnables:
            one.drop_work()
        self.runnables.clear()
        for tell in self.at_death:
            tell()


class Fiber:
    """The code of one thread."""

    def __init__(self, process: Process, name: str, work: Callable[[], Any]) -> None:
        self.process = process
        self.name = name
        self.wake_at = 0.0
        self.until: Callable[[], bool] | None = None
        self.error: BaseException | None = None
        self._thread = greenlet(self._run, process.kernel.hub)
        self._work = work

    def _run(self) -> None:
        try:
            self._work()
        except Killed:
            raise
        except BaseException as error:  # its own affair, as in a thread; who waits for it is told
            self.error = error

    @property
    def done(self) -> bool:
        """Whether it has come to its end."""
        return self._thread.dead

    def can_go_on(self, now: float) -> bool:
        """Tell whether what it waits for is there."""
        return self.wake_at <= now or (self.until is not None and self.until())

    def find_next_wake(self) -> float:
        """Say when it goes on at the latest."""
        return self.wake_at

    def take_step(self) -> None:
        """Run to the next wait."""
        self.until = None
        self._thread.switch()

    def drop_work(self) -> None:
        """Throw it away, wherever it is."""
        if self._thread and not self._thread.dead:
            self._thread.throw(Killed)


class Kernel:
    """See the module. ``trace`` is what happened, step by step."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.now = BEGINNING
        self.steps = 0
        self.calm = self.dying = False
        self._defect = ""
        self.trace: list[str] = []
        self.processes: list[Process] = []
        self.hub = getcurrent()
        self.current: Process = None  # set in every step
        self.fiber: Any = None  # or the event loop, whichever takes the step

    def begin_process(self, name: str) -> Process:
        """Begin a process."""
        process = Process(self, name)
        self.processes.append(process)
        return process

    def note_line(self, what: str) -> None:
        """Write a line of the trace."""
        self.trace.append(f"{self.steps:5} {self.now - BEGINNING:9.3f}  {what}")

    def report_defect(self, what: str) -> None:
        """Say that a law does not hold: the run ends with this step."""
        self._defect = self._defect or what

    def strikes_now(self, chance: float) -> bool:
        """Tell whether something goes wrong now."""
        return not self.calm and self.rng.random() < chance

    def take_step(self) -> None:
        """Choose who goes on, and let it."""
        self.steps += 1
        self.now += STEP_SECONDS
        if self.dying:
            self._drop_doomed()
        ready: list[Any] = []
        for process in self.processes:
            if process.stopped_until <= self.now:
                ready += [one for one in process.runnables if one.can_go_on(self.now)]
        if ready:
            self._run(self.rng.choice(ready))
        else:
            self.now = max(self.now, self._find_next_wake())

    def _find_next_wake(self) -> float:
        wakes = [max(of.stopped_until, one.find_next_wake()) for of in self.processes for one in of.runnables]
        found = min(wakes, default=float("inf"))
        if found == float("inf"):
            raise Defect("everybody waits for somebody else")
        return found

    def _run(self, chosen: Any) -> None:
        self.current, self.fiber = chosen.process, chosen
        try:
            chosen.take_step()
        except Killed:
            pass
        finally:
            self.fiber = None
        if self._defect:
            raise Defect(self._defect)
        if isinstance(chosen, Fiber) and chosen.done and chosen.process.alive:
            chosen.process.runnables.remove(chosen)
            if chosen.error is not None and not isinstance(chosen.error, LedgerError):
                raise chosen.error

    def _drop_doomed(self) -> None:
        for process in [one for one in self.processes if one.doomed and one.alive]:
            process.kill()
        self.processes = [one for one in self.processes if one.alive]
        self.dying = False

    def pause_fiber(self, seconds: float = 0.0) -> None:
        """Let others go first, for so long. In an event loop, which a call of a client does not stop: nothing."""
        self.wait_until(None, seconds)

    def pass_time(self, most: float) -> None:
        """Let some time pass, seldom much."""
        self.pause_fiber(0.0 if self.calm else most * self.rng.random() ** 3)

    def wait_until(self, true: Callable[[], Any] | None, seconds: float = float("inf")) -> bool:
        """Wait until it is true, or for so long; tell whether it is."""
        fiber = self.fiber
        if not isinstance(fiber, Fiber):
            return true is not None and bool(true())
        fiber.until, fiber.wake_at = true, self.now + seconds
        self.hub.switch()
        if fiber.process.doomed:
            raise Killed
        return true is not None and bool(true())


_running: list[Kernel] = []


def find_running() -> Kernel:
    """Give the kernel that runs."""
    return _running[-1]


def enter_kernel(kernel: Kernel) -> None:
    """Let this be the kernel that runs."""
    _running[:] = [kernel]
