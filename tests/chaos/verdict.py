"""What must hold when the storm is over: lost 0, doubled 0, planned outcomes, a naive judge's balances, seals, replay.

Nothing here asks the fold: outcomes were planned when the records were written, and balances are those of the naive
statement of the counting rules (``tests/laws/naive.py``).
"""

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.facts import DisruptionFact, Fact
from tests.chaos.history import ADMITTED, BEYOND_MILLIS, DUPLICATE, RECORDERS, PlannedRecord
from tests.chaos.world import ChaosWorld
from tests.laws import naive
from tests.live.audited import CODEC
from tests.live.intake_proof import read_all

STORED_SECONDS = 90
LOG_CHARACTERS = 4_000
DIMENSIONS = ("org", "type", "pillar", "kind", "crime_type", "category", "standing")
YEAR = ("--from", "2021-07-01", "--to", "2022-06-30")

OUTPUTS = {ENTRIES: CODEC.decode_entry, REJECTED: CODEC.decode_rejection}

Positions = dict[tuple[int, int], PlannedRecord]


def hold_laws(world: ChaosWorld, seconds: int = STORED_SECONDS) -> None:
    """All of it, of all that was ever published to this world."""
    await_stored(world, seconds)
    positions = find_positions(world, world.planned)
    hold_outcomes(world, positions)
    hold_balances(world, world.planned)
    hold_seals(world, len(positions), seconds)
    hold_replay(world)


def await_stored(world: ChaosWorld, seconds: int) -> None:
    """Everything that was published is judged and stored, within a while after the storm."""
    done = world.ledger.run_command("wait", "--timeout", str(seconds))
    health = world.ledger.run_command("health")
    assert done.returncode == 0, f"{done.stdout}{done.stderr}{health.stdout}{health.stderr}{quote_logs(world)}"


def quote_logs(world: ChaosWorld) -> str:
    """The last lines of every part's log: the disk that they are on goes with the test."""
    logs = sorted((world.ledger.state / "logs").glob("*.log"))
    return "\n".join(f"== {one.name}\n{one.read_text(errors='replace')[-LOG_CHARACTERS:]}" for one in logs)


def find_positions(world: ChaosWorld, planned: Sequence[PlannedRecord]) -> Positions:
    """Where each record was published: none is lost, and there is nothing else.

    A client may write one twice, idempotent as it is, where the leader that it wrote to is lost; it is said, and judged
    as any repetition.
    """
    published = [one for records in read_all(world.settings, PUBLISHED).values() for one in records]
    sent, found = (Counter((one.key, one.value) for one in planned), Counter((m.key(), m.value()) for m in published))
    lost, doubled = sent - found, found - sent
    assert not lost, f"lost {lost.total()} as sent"
    assert doubled.keys() <= sent.keys(), "somebody else published too"
    if doubled:
        sys.stdout.write(f"         {doubled.total()} written twice by the client\n")
    return plan_positions(published, planned)


def plan_positions(published: Sequence[Any], planned: Sequence[PlannedRecord]) -> Positions:
    """The plan by position: of equal records the first sent is the first published, as the rest are repetitions."""
    waiting: dict[tuple[bytes, bytes], list[PlannedRecord]] = defaultdict(list)
    for one in planned:
        waiting[one.key, one.value].append(one)
    return {(m.partition(), m.offset()): take_plan(waiting[m.key(), m.value()]) for m in published}


def take_plan(plans: list[PlannedRecord]) -> PlannedRecord:
    """The next plan of equal records; behind the last stays that of a repetition of it."""
    taken = plans.pop(0)
    if not plans:
        plans.append(taken._replace(outcome=DUPLICATE, fact=None) if taken.outcome == ADMITTED else taken)
    return taken


def find_holes(world: ChaosWorld, planned: Sequence[PlannedRecord]) -> list[tuple[int, int]]:
    """Positions without an output in the topics, though a later one of the partition has its own."""
    found = {place for topic, decode in OUTPUTS.items() for place in list_sources(world, topic, decode)}
    newest = {partition: max(at for one, at in found if one == partition) for partition, _ in found}
    return [
        place for place in find_positions(world, planned) if place not in found and place[1] < newest.get(place[0], -1)
    ]


def list_sources(world: ChaosWorld, topic: str, decode: Callable[[bytes], Any]) -> Iterator[tuple[int, int]]:
    """Of which positions the records of an output topic are."""
    for records in read_all(world.settings, topic).values():
        for one in records:
            source = decode(one.value()).source
            yield source.partition, source.offset


def list_stored(world: ChaosWorld, table: str) -> Iterator[dict[str, Any]]:
    """Every row of a table, as the read API gives it."""
    address = f"{world.ledger.addresses['read_api']}/v1/stored/{table}"
    with httpx.stream("GET", address, timeout=60, trust_env=False) as answer:
        answer.raise_for_status()
        yield from (json.loads(line) for line in answer.iter_lines())


def hold_outcomes(world: ChaosWorld, positions: Positions) -> None:
    """Every position has its one outcome, with all its parts, and it is the planned one."""
    entries, rejected = list(list_stored(world, "entries")), list(list_stored(world, "rejected"))
    rows = Counter((one["partition"], one["offset"], one.get("part", 0)) for one in (*entries, *rejected))
    doubled = [row for row, times in rows.items() if times > 1]
    found = Counter((partition, offset) for partition, offset, _ in rows)
    parts = {(one["partition"], one["offset"]): one["parts"] for one in entries}
    lost = [one for one in positions if found[one] != parts.get(one, 1)]
    assert (len(lost), len(doubled), len(found)) == (0, 0, len(positions)), f"lost {lost[:5]}, doubled {doubled[:5]}"
    outcomes = {(one["partition"], one["offset"]): one.get("verdict") or one["code"] for one in (*entries, *rejected)}
    other = {one: (outcomes[one], plan.outcome) for one, plan in positions.items() if outcomes[one] != plan.outcome}
    assert not other, f"{len(other)} are judged otherwise: {list(other.items())[:5]}"


def hold_balances(world: ChaosWorld, planned: Sequence[PlannedRecord]) -> None:
    """The figures of the history's recorders are those of the naive judge, asked threat by threat: it is slow."""
    later = datetime.now(UTC) + timedelta(milliseconds=BEYOND_MILLIS)
    wanted: Counter[tuple[str, ...]] = Counter()
    by_threat: dict[str, naive.Admitted] = defaultdict(list)
    for one in planned:
        if one.outcome == ADMITTED and one.fact is not None and find_recorder(one.fact) in RECORDERS:
            by_threat[one.fact.threat_id].append((one.fact, 0))
    for admitted in by_threat.values():
        stands = naive.find_accounts(admitted, round(later.timestamp() * 1000), 0)
        wanted.update((a[0], a[1], a[2], a[3], a[4], a[5], a[7]) for a in stands.values())
    options = ("--by", ",".join(DIMENSIONS), "--standing", "all", "--as-at", later.isoformat())
    rows = world.ledger.ask_json("extract", *YEAR, *options)["rows"]
    found = Counter(
        {tuple(row[name] for name in DIMENSIONS): row["n"] for row in rows if row["n"] and row["org"] in RECORDERS}
    )
    assert found == wanted, f"too many {found - wanted}, too few {wanted - found}"


def hold_seals(world: ChaosWorld, outputs: int, seconds: int) -> None:
    """The sealer goes on to the last output, each sealed once, and tiles and topics are what it sealed."""
    deadline = time.monotonic() + seconds
    while (body := world.ledger.ask_json("audit", "seals", "--full"))["size"] < outputs and time.monotonic() < deadline:
        time.sleep(0.5)
    assert (body["size"], body["faults"]) == (outputs, []), body


def find_recorder(fact: Fact) -> str:
    """Who entered it."""
    return fact.recorded_by if isinstance(fact, DisruptionFact) else fact.owner


def hold_replay(world: ChaosWorld) -> None:
    """The audit folds all of it again and finds no difference, and nothing that it could not compare."""
    deadline = time.monotonic() + STORED_SECONDS
    while (body := world.ledger.ask_json("audit", "replay"))["notes"] and time.monotonic() < deadline:
        time.sleep(0.5)
    assert (body["differences"], body["notes"]) == (0, []), body
    assert body["balances"] > 0
