"""Event loops, pools, locks and clocks of a simulation: what threads are made of elsewhere is made of fibers here."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from tests.simulation.kernel import Fiber, Process, find_running


class SimulatedLoop(asyncio.BaseEventLoop):
    """asyncio's own loop, on the kernel's clock; what it would run in threads runs in fibers."""

    _ready: deque[asyncio.Handle]  # these three are its own, which its stubs do not have
    _scheduled: list[Any]
    _run_once: Callable[[], None]

    def __init__(self, process: Process) -> None:
        super().__init__()
        self.process = process
        self.name = f"{process.name}/loop"
        self._selector = self  # it has nothing to select
        process.runnables.append(self)
        self.set_exception_handler(lambda _loop, _context: None)
        self.set_task_factory(self._make_task)
        self._tasks: list[asyncio.Task[Any]] = []

    def select(self, _timeout: float | None) -> tuple[()]:
        """Return at once: who waits is not chosen."""
        return ()

    def _process_events(self, _events: Iterable[Any]) -> None:
        pass

    def time(self) -> float:
        """Read the kernel's clock."""
        return self.process.kernel.now

    def can_go_on(self, now: float) -> bool:
        """Tell whether anything is to be run."""
        return bool(self._ready) or (bool(self._scheduled) and self._scheduled[0]._when <= now)

    def find_next_wake(self) -> float:
        """Say when the next timer is due."""
        return self._scheduled[0]._when if self._scheduled else float("inf")

    def take_step(self) -> None:
        """Run one iteration."""
        asyncio._set_running_loop(self)
        try:
            self._run_once()
        finally:
            asyncio._set_running_loop(None)

    def run_in_executor(self, pool: Any, work: Callable[..., Any], *arguments: Any) -> asyncio.Future[Any]:  # type: ignore[override]  # any callable
        """Run it in a fiber."""
        promised: asyncio.Future[Any] = self.create_future()

        def tell_end(job: "Job") -> None:
            if promised.done() or not self.process.alive:
                return
            if job.error is None:
                promised.set_result(job.given)
            else:
                promised.set_exception(job.error)

        pool.submit(work, *arguments).call_at_end(tell_end)
        return promised

    def _make_task(self, loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(work, loop=loop, **options)
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # a process that is killed has many
        self._tasks = [one for one in self._tasks if not one.done()]
        self._tasks.append(task)
        return task

    def drop_work(self) -> None:
        """Forget all that was to be run; nothing of it runs when it is collected."""
        for task in self._tasks:
            with suppress(RuntimeError, ValueError):  # it would wait on its way out
                task.get_coro().close()
        self._ready.clear()
        self._scheduled.clear()
        self.close()


class Job:
    """In the place of a future of a pool."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work = work
        self._ended = False
        self.given: Any = None
        self.error: Exception | None = None
        self._tell: list[Callable[[Job], None]] = []

    def run(self) -> None:
        """Work; what comes of it is for who waits."""
        try:
            self.given = self._work()
        except Exception as error:
            self.error = error
        self._ended = True
        for tell in self._tell:
            tell(self)

    def call_at_end(self, tell: Callable[["Job"], None]) -> None:
        """Call ``tell`` when it is over."""
        self._tell.append(tell)

    def done(self) -> bool:
        """Tell whether it is over."""
        return self._ended

    def result(self) -> Any:
        """Wait for it, and give what it gave."""
        find_running().wait_until(self.done)
        if self.error is not None:
            raise self.error
        return self.given


class SimulatedPool:
    """In the place of ``ThreadPoolExecutor``."""

    def __init__(self, most: int, name: str) -> None:
        self._process = find_running().current
        self._most, self._name = most, name
        self._queued: deque[Job] = deque()
        self._at_work = 0

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Job:
        """Begin it as soon as a thread is free."""
        job = Job(lambda: work(*arguments))
        self._queued.append(job)
        self._begin_next()
        return job

    def map(self, work: Callable[..., Any], each: Iterable[Any]) -> list[Any]:
        """Do the work for each, and wait for all of it."""
        jobs = [self.submit(work, one) for one in each]
        return [job.result() for job in jobs]

    def _begin_next(self) -> None:
        while self._queued and self._at_work < self._most:
            self._at_work += 1
            job = self._queued.popleft()
            job.call_at_end(self._end_one)
            self._process.spawn_fiber(self._name, job.run)

    def _end_one(self, _job: Job) -> None:
        self._at_work -= 1
        self._begin_next()

    def shutdown(self, *, wait: bool = True) -> None:
        """Wait for what is at work, in a fiber; an event loop cannot."""
        if wait and isinstance(find_running().fiber, Fiber):
            find_running().wait_until(lambda: not self._at_work and not self._queued)


class StopEvent:
    """In the place of ``threading.Event``."""

    def __init__(self) -> None:
        self._is_set = False

    def is_set(self) -> bool:
        """Tell whether it is set."""
        return self._is_set

    def set(self) -> None:
        """Set it."""
        self._is_set = True

    def wait(self, seconds: float) -> bool:
        """Wait until it is set, or for so long."""
        return find_running().wait_until(self.is_set, seconds)


class SimulatedLock:
    """In the place of ``threading.Lock``, where it is held while others go on."""

    def __init__(self) -> None:
        self._held = False

    def __enter__(self) -> None:
        """Wait until nobody has it."""
        find_running().wait_until(lambda: not self._held)
        self._held = True

    def __exit__(self, *_: object) -> None:
        """Let another have it."""
        self._held = False


class SimulatedThread:
    """In the place of ``threading.Thread``."""

    def __init__(self, target: Callable[..., Any], args: tuple[Any, ...] = (), name: str = "thread") -> None:
        self._work = lambda: target(*args)
        self._name = name
        self._fiber: Fiber | None = None

    @property
    def ident(self) -> int | None:
        """A number once it was started."""
        return None if self._fiber is None else 1

    def start(self) -> None:
        """Begin it."""
        self._fiber = find_running().current.spawn_fiber(self._name, self._work)

    def join(self) -> None:
        """Wait for its end."""
        find_running().wait_until(lambda: self._fiber is None or self._fiber.done)


class SimulatedRLock:
    """In the place of ``threading.RLock``."""

    def __init__(self) -> None:
        self._holder: Any = None
        self._depth = 0

    def __enter__(self) -> None:
        """Wait until nobody else has it."""
        me = find_running().fiber
        find_running().wait_until(lambda: self._holder in (None, me))
        self._holder, self._depth = me, self._depth + 1

    def __exit__(self, *_: object) -> None:
        """Let another have it."""
        self._depth -= 1
        if not self._depth:
            self._holder = None


class SimulatedTime:
    """In the place of the module ``time``."""

    def monotonic(self) -> float:
        """Read the kernel's clock."""
        return find_running().now

    time = monotonic

    def sleep(self, seconds: float) -> None:
        """Let others go on meanwhile."""
        find_running().pause_fiber(seconds)
