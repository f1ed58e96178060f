"""What must hold after every run, and at every moment of it, judged by nothing that ran in it.

Outputs are judged by a plain fold of what was published, and the balances by the second, naive statement of the rules
(``tests/laws/naive.py``), which shares nothing with the first.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.entries import Leg, ThreatLeg
from ledger.facts import Fact
from ledger.vocabulary import Verdict
from schemas.parts import join_entry
from schemas.stored import StoredEntry, StoredOutput
from sinks.closings import list_closings
from sinks.grains import Grain
from sinks.positions import find_frontiers
from tests.laws import naive
from tests.live.intake_proof import fold_expected
from tests.simulation.answers import ACCOUNT, keep_date
from tests.simulation.kernel import Defect
from tests.simulation.log import CODEC, LandedOutput, LoggedRecord
from tests.simulation.tables import TableRow
from tests.simulation.workers import GROUP
from tests.simulation.world import PARTITIONS, World

ALWAYS = 10**15
DAMAGE = "says: stored rows are missing"
TABLES = {ENTRIES: "entries", REJECTED: "rejected"}
Wanted = dict[tuple[int, int], StoredOutput]


def hold_law(holds: bool, law: str) -> None:
    """Hold a law."""
    if not holds:
        raise Defect(law)


class PlainRecord:
    """A published record as the plain fold reads it."""

    def __init__(self, record: LoggedRecord) -> None:
        self._record = record

    def __getattr__(self, name: str) -> Callable[[], Any]:
        found = getattr(self._record, name)
        return lambda: (1, found) if name == "timestamp" else found


def watch_commits(world: World) -> None:
    """Have every commit looked at: nobody commits past what is written."""

    def hold_commit(group: str, topic: str, partition: int, offset: int) -> None:
        if group == GROUP:
            published = [one.offset for one in world.log.find_partition(PUBLISHED, partition).read_records(0)]
            lacking = [one for one in published if one < offset and not world.log.is_covered(partition, one)]
            law = "intake commits no position before its output is acknowledged"
        else:
            lacking = [
                one.offset
                for one in world.log.outputs[topic, partition]
                if one.offset < offset and _name_row(topic, partition, one.stored) not in world.find_written(group).held
            ]
            law = "the loader commits no output before it is stored"
        if lacking:
            world.kernel.report_defect(f"{law}: {topic}/{partition} at {offset}, lacking {lacking}")

    world.log.hold_commit.append(hold_commit)


def _name_row(topic: str, partition: int, stored: StoredOutput) -> tuple[str, int, int, int]:
    part = stored.part.part if isinstance(stored, StoredEntry) else 0
    return TABLES[topic], partition, stored.source.offset, part


def judge_world(world: World) -> None:
    """Hold everything that came of a run to what was published. Raises Defect."""
    wanted: Wanted = {}
    for partition in range(PARTITIONS):
        wanted |= judge_outputs(world, partition)
    judge_rows(world)
    judge_starts(world)
    judge_balances(world, wanted)
    judge_readings(world, wanted)
    judge_closings(world, wanted)


def judge_outputs(world: World, partition: int) -> Wanted:
    """Every published position has one output, which is the plain fold's, and repeats say the same."""
    records = world.log.find_partition(PUBLISHED, partition).read_records(0)
    plain = fold_expected(partition, [PlainRecord(one) for one in records], CODEC)
    wanted = {offset: decode_output(topic, value) for offset, (topic, value) in plain.items()}
    found: dict[int, dict[int, StoredOutput]] = defaultdict(dict)
    for topic in TABLES:
        for landed in world.log.outputs[topic, partition]:
            part, offset = _find_part(landed), landed.stored.source.offset
            hold_law(offset in wanted, f"{topic}/{partition}: an output of {offset}, which was never published")
            first = found[offset].setdefault(part, landed.stored)
            hold_law(forget_software(first) == forget_software(landed.stored), f"{partition}/{offset}: repeats differ")
    hold_law(found.keys() == wanted.keys(), f"{partition}: without output {sorted(wanted.keys() - found.keys())}")
    for offset, parts in found.items():
        joined = _join_parts(parts)
        hold_law(forget_software(joined) == forget_software(wanted[offset]), f"{partition}/{offset}: another output")
    return {(partition, offset): one for offset, one in wanted.items()}


def decode_output(topic: str, value: bytes) -> StoredOutput:
    """Decode an output."""
    return CODEC.decode_entry(value) if topic == ENTRIES else CODEC.decode_rejection(value)


def forget_software(stored: StoredOutput) -> StoredOutput:
    """Take the name of the software out: workers of two versions write the same but for it."""
    return stored._replace(judged=stored.judged._replace(software=""))


def _find_part(landed: LandedOutput) -> int:
    return landed.stored.part.part if isinstance(landed.stored, StoredEntry) else 0


def _join_parts(parts: dict[int, StoredOutput]) -> StoredOutput:
    first = parts[0]
    if not isinstance(first, StoredEntry):
        return first
    hold_law(sorted(parts) == list(range(first.part.parts)), f"parts {sorted(parts)} of {first.part.parts}")
    return join_entry([one for _, one in sorted(parts.items()) if isinstance(one, StoredEntry)])


def judge_rows(world: World) -> None:
    """The store has each output once, as it lies in its topic first, and of each entry its legs."""
    for topic, table in TABLES.items():
        rows = {(one["partition"], one["offset"], one.get("part", 0)): one for one in world.tables.list_final(table)}
        firsts: dict[tuple[int, int, int], StoredOutput] = {}
        for (of_topic, partition), landed in world.log.outputs.items():
            for one in landed if of_topic == topic else ():
                firsts.setdefault((partition, one.stored.source.offset, _find_part(one)), one.stored)
        hold_law(
            rows.keys() == firsts.keys(), f"{table}: other rows than outputs {sorted(rows.keys() ^ firsts.keys())}"
        )
        for place, stored in firsts.items():
            hold_law(_is_row_of(rows[place], stored), f"{table} {place}: the row is another than the first output")


def judge_starts(world: World) -> None:
    """A loader that was killed at a write goes on from there: nothing is taken for damage that no disk lost."""
    found = [one for one in world.kernel.trace if DAMAGE in one]
    hold_law(world.may_load_again or not found, f"a partition is loaded again, though nothing was lost: {found[:1]}")


def _is_row_of(row: TableRow, stored: StoredOutput) -> bool:
    said = [row["previous_offset"], row["ledger_time"], row["value"], row["software"]]
    source = stored.source
    alike = said == [source.previous_offset, source.ledger_time, source.value, stored.judged.software]
    if not isinstance(stored, StoredEntry):
        return alike and row["code"] == stored.code
    return alike and (row["verdict"], row["leg_count"]) == (stored.verdict, len(stored.legs))


def list_legs(wanted: Wanted, *, of_threats: bool) -> Counter[tuple[Any, ...]]:
    """List the legs of all entries as rows have them."""
    found: Counter[tuple[Any, ...]] = Counter()
    for (partition, offset), stored in wanted.items():
        if isinstance(stored, StoredEntry):
            moved: Sequence[Leg | ThreatLeg] = stored.threat_legs if of_threats else stored.legs
            named = ("" if of_threats else one.disruption_id for one in moved)
            for number, (name, leg) in enumerate(zip(named, moved, strict=True)):
                found[partition, offset, number, name, leg.account, leg.sign, leg.entered_at] += 1
    return found


def read_legs(rows: list[TableRow], wanted: Wanted, *, of_threats: bool) -> Counter[tuple[Any, ...]]:
    """Read legs out of rows, in the same shape."""
    kind = next(
        (type(leg.account) for one in wanted.values() if isinstance(one, StoredEntry)
         for leg in (one.threat_legs if of_threats else one.legs)), None
    )  # fmt: skip
    found: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        account = kind(**{name: row[name] for name in kind._fields}) if kind else None
        name = "" if of_threats else row["disruption_id"]
        found[row["partition"], row["offset"], row["leg"], name, account, row["sign"], row["entered_at"]] += 1
    return found


def judge_balances(world: World, wanted: Wanted) -> None:
    """The stored legs are those of the entries, and their sums are the naive judge's."""
    for table, of_threats in (("postings", False), ("threat_postings", True)):
        stored = read_legs(world.tables.list_final(table), wanted, of_threats=of_threats)
        hold_law(stored == list_legs(wanted, of_threats=of_threats), f"{table}: other legs than the entries'")
    admitted: list[tuple[Fact, int]] = []
    for stored_one in wanted.values():
        if isinstance(stored_one, StoredEntry) and stored_one.verdict == Verdict.ADMITTED:
            fact = CODEC.decode(stored_one.source.value, stored_one.source.headers)
            admitted.append((fact, stored_one.source.ledger_time))
    sums: Counter[tuple[Any, ...]] = Counter()
    for row in world.tables.list_final("postings"):
        account = tuple(row[name] for name in ("organisation", "type", "pillar", "kind", "crime_type", "category"))
        sums[row["threat_id"], row["disruption_id"], (*account, row["event_date"], row["standing"])] += row["sign"]
    held = {(threat, disruption): account for (threat, disruption, account), n in sums.items() if n}
    hold_law(all(n in (0, 1) for n in sums.values()), "a disruption stands twice in an account")
    hold_law(held == naive.find_accounts(admitted, ALWAYS, ALWAYS), "balances are not the naive judge's")


def judge_readings(world: World, wanted: Wanted) -> None:
    """Whoever read the store, at any moment, found all legs of what it said to reach to, and no others."""
    shown: dict[int, int] = {}
    for reading in world.readings:
        back = {number for number, at in shown.items() if reading.positions.get(number, 0) < at}
        hold_law(reading.is_cut or not back, f"what is shown goes back, from {shown} to {reading.positions}")
        shown |= {} if reading.is_cut else reading.positions
        below = {place: one for place, one in wanted.items() if place[1] < reading.positions.get(place[0], 0)}
        for rows, of_threats in ((reading.legs, False), (reading.threat_legs, True)):
            found = read_legs(rows, wanted, of_threats=of_threats)
            hold_law(found == list_legs(below, of_threats=of_threats), f"a reader at {reading.positions} lacked legs")


def judge_closings(world: World, wanted: Wanted) -> None:
    """The store reaches to the end; each closing is the sum of all that lies before its position."""
    store = world.loader.store
    assert store is not None
    ends = {
        partition: published[-1].offset + 1
        for partition in range(PARTITIONS)
        if (published := world.log.find_partition(PUBLISHED, partition).read_records(0))
    }
    reached = {partition: one.position for partition, one in find_frontiers(store).items()}
    hold_law(reached == ends, f"the store reaches to {reached} of {ends}")
    hold_law(not store.damaged, "the store is said to be damaged")
    for closing in list_closings(store, *Grain):
        sums: Counter[tuple[Any, ...]] = Counter()
        for (partition, offset), stored in wanted.items():
            if isinstance(stored, StoredEntry) and offset < closing.position.get(partition, 0):
                for leg in stored.legs:
                    kept = keep_date(leg.account.event_date, by_month=closing.grain is Grain.MONTH)
                    sums[_name_account(leg.account._replace(event_date=kept)._asdict())] += leg.sign
        rows = [one for one in world.tables.list_rows("closing_balances") if one["closing"] == closing.closing]
        found = Counter({_name_account(one): one["n"] for one in rows})
        hold_law(len(rows) == closing.accounts == len(found), f"a closing at {closing.position} lacks rows")
        hold_law(
            found == Counter({account: n for account, n in sums.items() if n}), f"closing {closing.position} differs"
        )


def _name_account(row: TableRow) -> tuple[Any, ...]:
    return tuple(row[name] for name in ACCOUNT)
