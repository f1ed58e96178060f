"""A service that builds its tables anew while it storms, and somebody who compares them and asks for the switch.

The real ``services.rebuild`` and all below it; of what fills tables beside the loader (feeds, alerts) nothing is done.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from audit.certificate import DIGEST, KIND, digest_certificate
from audit.packed import PACKED_COLUMNS
from infra.groups import REBUILD_GROUP
from ledger.errors import LedgerError, Misuse
from queries.rebuild_answer import RebuildAnswer
from services.loading import LoadingParts
from services.rebuild import Rebuild
from sinks.connections import FIRST_DATABASE
from sinks.generation import name_database
from sinks.generations import TABLE, enter_live
from sinks.positions import find_stored
from sinks.store import Store
from tests.simulation.kernel import Defect, find_running
from tests.simulation.loaders import LoaderProcess, MemoryClient, Reading
from tests.simulation.tables import MemoryTables, TableRow
from tests.simulation.world import PARTITIONS, World

ASK_SECONDS = 0.3
MAY_BE_SHOWN = ("FOLLOWING",)
LOST = 0.3


def digest_rows(store: Store, table: str, partition: int, end: int) -> str:
    """Digest the rows of a partition before an offset, each once, in the place of what the engine packs."""
    with store._held.readers.lend_connection() as client:
        final: list[TableRow] = client.tables.list_final(table)  # a stand-in
    rows = [
        sorted(
            (name, value) for name, value in one.items() if name != "software"
        )  # outputs that came twice differ in it
        for one in final
        if one["partition"] == partition and one["offset"] < end
    ]
    return sha256("".join(sorted(map(repr, rows))).encode()).hexdigest()


def certify_tables(store: Store, built: Store) -> dict[str, Any]:
    """Certify what is built as a replay does that found it to be what is shown, which no disk of a storm touches."""
    ends = find_stored(store)
    partitions = [
        {
            "partition": number,
            "covered_end": ends.get(number, 0),
            "digests": {table: digest_rows(store, table, number, ends.get(number, 0)) for table in PACKED_COLUMNS},
        }
        for number in range(PARTITIONS)
    ]
    nothing: dict[str, Any] = {"until": {}, "shown": [], "notes": [], "acknowledged": [], "differences": 0}
    of = {"kind": KIND, "generation": built.generation, "topics": {}, "partitions": partitions, "agrees": True}
    return nothing | of | {DIGEST: digest_certificate(nothing | of)}


class QuietPart:
    """In the place of what fills tables beside the loader, and of what answers: it has always caught up."""

    def __init__(self, *_: Any) -> None:
        pass

    def run(self, stop: Any) -> None:
        """Do nothing until it is stopped."""
        find_running().wait_until(stop.is_set)

    def catch_up(self, seconds: float) -> int:
        """Find nothing new."""
        find_running().pause_fiber(seconds)
        return 0

    def take_some(self, seconds: float) -> int:
        """Find nothing new."""
        return self.catch_up(seconds)

    def has_read_all(self) -> bool:
        """Tell that it has."""
        return True

    def close(self) -> None:
        """Close nothing."""


class Databases:
    """All generations of the tables, and the rows that say which is shown."""

    def __init__(self, first: MemoryTables) -> None:
        self.tables = {FIRST_DATABASE: first}
        self.steps: list[TableRow] = []

    def find_named(self, which: str) -> MemoryTables | None:
        """Find the tables that the newest row names as live, or as being built."""
        number = max(self.steps, key=lambda one: one["sequence"])[which] if self.steps else 1
        return self.tables.get(FIRST_DATABASE if number == 1 else name_database(number))


class GenerationClient(MemoryClient):
    """A client of one generation, which speaks of all of them too."""

    def __init__(self, databases: Databases, name: str) -> None:
        super().__init__(databases.tables[name])
        self._databases = databases
        self._speaks_of: dict[str, Callable[[], list[TableRow]]] = {
            "FROM system.databases": lambda: [{"name": one} for one in databases.tables],
            "FROM system.tables": lambda: [{"name": one} for one in databases.tables[FIRST_DATABASE].list_names()],
            "max(greatest(": self._find_highest,
            f"FROM {TABLE} ORDER BY sequence DESC": self._find_newest,
        }

    def answer_question(self, sql: str, parameters: Mapping[str, Any], settings: Mapping[str, Any]) -> list[TableRow]:
        """Answer what ``sinks.generations`` asks, or what is asked of any tables."""
        text = " ".join(sql.split())
        if text.startswith(("CREATE", "DROP")):
            self._change_tables(text.split(), text.split("`")[1:2])
            return []
        for sign, answer in self._speaks_of.items():
            if sign in text:
                return answer()
        return super().answer_question(sql, parameters, settings)

    def _change_tables(self, words: list[str], table: list[str]) -> None:
        """Make or drop the database that is named, or drop a table of the first."""
        tables = self._databases.tables
        if words[:2] == ["CREATE", "DATABASE"]:
            tables.setdefault(words[5], MemoryTables())
        elif words[:2] == ["DROP", "DATABASE"]:
            tables.pop(words[4], None)
        elif words[0] == "DROP":
            tables[FIRST_DATABASE].clear_table(table[0])

    def _find_newest(self) -> list[TableRow]:
        newest = sorted(self._databases.steps, key=lambda one: one["sequence"])[-1:]
        return [{name: value for name, value in one.items() if name != "written_at"} for one in newest]

    def _find_highest(self) -> list[TableRow]:
        numbers = (one[name] for one in self._databases.steps for name in ("live", "building", "previous"))
        return [{"n": max(numbers, default=0)}]

    def keep_rows(self, table: str, rows: Any, names: Any) -> None:
        """Keep a few rows."""
        if table == TABLE:
            step = dict(zip(names, rows[0], strict=True))
            find_running().note_line(
                f"generations: live {step['live']}, building {step['building']}, kept {step['previous']}"
            )
            self._databases.steps.append(step)
        else:
            super().keep_rows(table, rows, names)


class RebuiltWorld(World):
    """A world whose tables are built anew, again and again: of each switch its readers are given time to look away."""

    rest_steps = 80_000

    def __init__(self, seed: int, directory: Path) -> None:
        self.databases: Databases | None = None
        super().__init__(seed, directory)
        self.switches = self.refusals = 0

    def _list_databases(self) -> Databases:
        if self.databases is None:
            self.databases = Databases(self.tables)
        return self.databases

    def find_client(self, database: str | None) -> MemoryClient:
        """Find the client of a generation."""
        return GenerationClient(self._list_databases(), database or FIRST_DATABASE)

    def find_written(self, group: str) -> MemoryTables:
        """Find the tables that the loader of a group writes."""
        databases = self._list_databases()
        if group.startswith(REBUILD_GROUP):  # it is built until it has stopped, whatever is named meanwhile
            number = int(group.removeprefix(f"{REBUILD_GROUP}-"))
            return databases.tables.get(name_database(number)) or MemoryTables()
        return databases.find_named("live") or MemoryTables()

    def note_shown(self) -> None:
        """Note which tables are shown now: laws are held of them."""
        self.tables = self.find_written("") or self.tables

    def is_at_rest(self) -> bool:
        """Tell whether everything is in the tables that are shown, and nothing is being built or kept."""
        self.note_shown()
        steps = self._list_databases().steps
        newest = max(steps, key=lambda one: one["sequence"], default={"building": 0, "previous": 0})
        return not newest["building"] and not newest["previous"] and super().is_at_rest()

    def _start_loader(self) -> LoaderProcess:
        return RebuildingProcess(self)


class RebuildingProcess(LoaderProcess):
    """A service: it loads into the tables that are shown, and builds others beside them."""

    def __init__(self, world: RebuiltWorld) -> None:
        self._world = world
        self._rebuild: Rebuild | None = None
        self._opened: Store | None = None
        super().__init__(world.kernel, world.settings, world.tables, world.readings)
        self.process.spawn_fiber("auditor", self._keep_asking)

    def _load(self) -> None:
        store = self._opened = Store(self._settings)
        try:
            enter_live(store)
        except LedgerError as error:
            self.process.end_now(str(error))
        self.store = store
        parts = LoadingParts(self._settings, store, None, lambda: self.process.end_now("loader"))  # nobody asks
        rebuild = Rebuild(self._settings, store, parts, lambda: self.process.end_now("which tables are shown"))
        parts.start()
        try:
            rebuild.start()
        except LedgerError as error:
            self.process.end_now(str(error))
        self._rebuild = rebuild

    def _let_go(self) -> None:
        if self._opened is not None and self._opened._lock is not None:
            self._opened._lock.release()

    def _keep_asking(self) -> None:
        """Do what ``disruptions audit rebuild`` does, again and again; whatever is refused is asked again."""
        while True:
            find_running().pause_fiber(ASK_SECONDS)
            if self._rebuild is not None:
                try:
                    self._ask_step(self._rebuild, self._rebuild.read_state())
                except LedgerError as error:
                    find_running().note_line(f"rebuild refused: {error}")

    def _ask_step(self, rebuild: Rebuild, state: RebuildAnswer) -> None:
        if state["previous"] is not None:
            rebuild.drop_previous()
        elif state["state"] == "NONE" and (state["building"] is not None or self._world.switches < 2):
            rebuild.begin_rebuild(find_running().rng.choice((0, 50)))
        elif state["state"] in MAY_BE_SHOWN and rebuild._build is not None:
            self._ask_switch(rebuild, rebuild._build.store)

    def _ask_switch(self, rebuild: Rebuild, built: Store) -> None:
        """Ask for the switch; now and then the disk loses a row of what was compared just before, until it is seen."""
        certificate = certify_tables(self._opened or built, built)
        ends = {one["partition"]: one["covered_end"] for one in certificate["partitions"]}
        reached = find_stored(built)
        if all(reached.get(number, 0) >= end for number, end in ends.items()) and not self._world.refusals:
            self._lose_row(built, ends)
        try:
            rebuild.switch_tables(certificate, "", "somebody")
        except Misuse as error:
            if "are not those that were compared" in str(error):
                self._world.refusals += 1
                rebuild.cancel_rebuild()
            raise
        self._world.switches += 1

    def _lose_row(self, built: Store, ends: Mapping[int, int]) -> None:
        with built._held.writers.lend_connection() as client:
            tables: MemoryTables = client.tables  # a stand-in
            rows = [one for one in tables.list_rows("postings") if one["offset"] < ends[one["partition"]]]
            if rows and find_running().rng.random() < LOST:
                lost = find_running().rng.choice(rows)
                find_running().note_line(f"a disk loses the leg {lost['leg']} at {lost['partition']}:{lost['offset']}")
                place = tuple(lost[name] for name in ("partition", "offset", "leg"))
                tables.delete_rows(
                    "postings",
                    [one for one in rows if tuple(one[name] for name in ("partition", "offset", "leg")) == place],
                )

    def take_reading(self, store: Store) -> Reading:
        """Read what is shown, all of it from one generation."""
        pinned = store.pin_generation()
        name = FIRST_DATABASE if pinned.generation == 1 else name_database(pinned.generation)
        tables = self._world._list_databases().tables
        if name not in tables:
            raise Defect(f"generation {pinned.generation} is shown, and its tables are gone")
        return Reading(pinned, tables[name])
