"""Steps of a rebuild taken out on purpose, one at a time, in the processes of a whole; see ``tests/chaos/breaks.py``.

Each break says where its harm can be done by a step of its own, at which it waits to be struck.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.chaos.breaks import load_modules

SERVICE, COMMAND = "services.store", "rebuild"
SWITCH_BEFORE_EQUALITY: Final = "switch before equality"
DROPPED_EARLY: Final = "old dropped early"
NOTED_BEFORE_WRITTEN: Final = "progress noted before written"
TWO_ROWS: Final = "switched by two rows"
SLOW_RATE: Final = 20  # records a second: a build that is whole before anybody asks for it shows no break

Reach = Callable[[str], None]


def break_rebuild(name: str, program: str, reach_step: Reach) -> None:
    """Take out one step, where this program has it; nothing without a name."""
    if take_out := BREAKS[name].get(program) if name else None:
        take_out(reach_step)


def switch_at_once(_: Reach) -> None:
    """Switch to what is being built, however far it has come, and whatever was compared; it has not come far."""
    rebuild, build = load_modules("services.rebuild", "services.table_build")
    build_aside = rebuild.build_aside
    rebuild.build_aside = lambda generation, _: build_aside(generation, SLOW_RATE)
    rebuild.Rebuild._hold_build = lambda self, *_: self._build
    build.TableBuild.await_cover = lambda *_: None
    build.TableBuild.finish_feeds = lambda *_: None


def ask_at_once(_: Reach) -> None:
    """Ask for the switch without waiting, and without a comparison."""
    command, findings = load_modules("cli.audit_rebuild", "audit.findings")
    command.await_following = lambda *_: None
    command.compare_next = lambda *_: findings.ReplayReport(limit=0, known_at="")


def drop_early(reach_step: Reach) -> None:
    """Drop the tables that are shown before the row names others."""
    rebuild, generations = load_modules("services.rebuild", "sinks.generations")
    sound = rebuild.show_built

    def show_built(store: Any, *given: Any) -> Any:
        there = {row["name"] for row in store.query(generations._DATABASES)}
        generations._drop_generation(store, store.generation, there)
        reach_step(DROPPED_EARLY)
        return sound(store, *given)

    rebuild.show_built = show_built


def note_early(reach_step: Reach) -> None:
    """Write down, and commit, that a batch of a build is stored before it is, wherever the store reaches."""
    progress, session = load_modules("sinks.progress", "sinks.session")
    sound = session.LoaderSession._begin_write

    def begin_write(self: Any, batch: Any) -> None:
        if self._role.is_aside and batch.records:
            come = {place: read.offset for place, read in batch.read.items()}
            progress.write_progress(self._store, come, {place: (at, 0) for place, at in come.items()})
            offsets = [session._place_at(place, at) for place, at in come.items()]
            self._consumer.commit(offsets=offsets, asynchronous=False)
            reach_step(NOTED_BEFORE_WRITTEN)
        sound(self, batch)

    session.LoaderSession._begin_write = begin_write


def write_two_rows(reach_step: Reach) -> None:
    """Name what is shown by one row, and what is kept by the next."""
    rebuild, generations = load_modules("services.rebuild", "sinks.generations")

    def show_built(store: Any, approved: str, approved_by: str) -> Any:
        state = generations.read_state(store)
        said = {"approved": approved, "approved_by": approved_by}
        half = generations._write_state(store, state.take_step(live=state.building, building=0, rate=0, **said))
        reach_step(TWO_ROWS)
        return generations._write_state(store, half.take_step(previous=state.live))

    rebuild.show_built = show_built


BREAKS: Final[Mapping[str, Mapping[str, Callable[[Reach], None]]]] = {
    SWITCH_BEFORE_EQUALITY: {SERVICE: switch_at_once, COMMAND: ask_at_once},
    DROPPED_EARLY: {SERVICE: drop_early},
    NOTED_BEFORE_WRITTEN: {SERVICE: note_early},
    TWO_ROWS: {SERVICE: write_two_rows},
}
