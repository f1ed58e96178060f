"""Running seeds: one run each, its trace when it fails, and the environment of them all."""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.simulation.judgement import judge_world, watch_commits
from tests.simulation.kernel import Defect
from tests.simulation.seal_judgement import judge_seals, watch_seals
from tests.simulation.stand_ins import stand_in
from tests.simulation.world import World

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "1000"))
FIRST = int(os.environ.get("SIMULATION_FIRST", "0"))
TRACED_LINES = 120
MEMORY_DISK = Path("/dev/shm")  # noqa: S108  # snapshots are many small files; where there is none, the usual place
_worlds: list[World] = []


@contextmanager
def prepare_runs() -> Iterator[None]:
    """Put the stand-ins in place, for as long as the block lasts."""
    gc.collect()
    gc.freeze()  # every run leaves many cycles behind; what was imported is in none
    with stand_in(lambda: _worlds[-1]):
        try:
            yield
        finally:
            _worlds.clear()
            gc.unfreeze()


def run_seed(
    seed: int,
    around: Callable[[World], AbstractContextManager[Any]] = nullcontext,
    make: Callable[[int, Path], World] = World,
) -> World:
    """Run one seed, and judge what came of it. Raises Defect, which says the seed and what happened.

    ``around`` is entered before anything happens in the world that ``make`` makes, and left once it is judged.
    """
    directory = Path(tempfile.mkdtemp(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None))
    world = make(seed, directory)
    _worlds[:] = [world]
    watch_commits(world)
    watch_seals(world)
    try:
        with around(world), world.habits():
            world.run()
            judge_world(world)
            judge_seals(world)
    except Exception as error:
        trace = "\n".join(world.kernel.trace[-TRACED_LINES:])
        again = f"make simulate FIRST={seed} SEEDS=1" if make is World else f"run_seed({seed}, make={make.__name__})"
        raise Defect(f"seed {seed}: {error}\n{trace}\n{again} runs it again") from error
    finally:
        world.close()
        shutil.rmtree(directory)
    return world


def digest_trace(world: World) -> str:
    """Digest all that happened in a run, wherever its directory was."""
    trace = "\n".join(world.kernel.trace).replace(str(world.settings.state), "")
    return sha256(trace.encode()).hexdigest()
