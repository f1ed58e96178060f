"""How far the store has come: per partition of ``soc.published``, the end of the unbroken chain of stored outputs.

Every entry and every rejection covers ``(previous_offset, offset]``. The chain begins at -1, and the next output is the
one that begins exactly where the last one ended; a position that was written twice counts once, and an entry in parts
only when all of them are there. Where an output begins earlier than the last one ended, the two contradict each other,
and the chain ends before it: what is not proved is not claimed (docs/decisions/0010).

1. Where nothing is written twice, the chain is told by two sums: every output's beginning is another one's end, so the
   hashes of the ends and those of the beginnings differ by the chain's own two ends. (Chance: once in 2^64.)
2. Otherwise it is followed row by row.

What is proved stays proved, so each open store looks only at what came after, until ``Store.forget_coverage``; and only
where more may be stored than is proved: a loader in process tells what it has written (``sinks.coverage``).
"""

from collections.abc import Iterable, Mapping

from sinks.frontier import BEGINNING, Frontier
from sinks.store import Row, Store

_OUTPUTS = """
SELECT partition, offset, part, parts, previous_offset, ledger_time, toNullable(entered_at) AS entered_at
FROM entries{where}
UNION ALL
SELECT partition, offset, 0 AS part, 1 AS parts, previous_offset, ledger_time, NULL AS entered_at
FROM rejected{where}
"""

_REACH = """
max(offset) + 1 AS position, toUnixTimestamp64Milli(max(ledger_time)) AS ledger_time,
toUnixTimestamp64Milli(max(entered_at)) AS entered_at
"""

_SUMMED = """
SELECT partition, min(previous_offset) + 1 AS start, {reach},
    max(parts) <= 1 AND sum(cityHash64(outputs.offset)) + cityHash64(min(previous_offset))
        = sum(cityHash64(previous_offset)) + cityHash64(max(outputs.offset)) AS unbroken
FROM ({outputs}) AS outputs GROUP BY partition
"""

_FOLLOWED = """
SELECT {reach} FROM (
    SELECT offset, ledger_time, entered_at, max(previous_offset != before) OVER earlier AS broken
    FROM (
        SELECT offset, previous_offset, ledger_time, entered_at,
            lagInFrame(offset, 1, {start:Int64} - 1) OVER earlier AS before
        FROM (
            SELECT offset, max(previous_offset) AS previous_offset, max(ledger_time) AS ledger_time,
                max(entered_at) AS entered_at
            FROM ({outputs}) WHERE partition = {partition:Int32}
            GROUP BY offset HAVING uniqExact(part) >= max(parts)
        )
        WINDOW earlier AS (ORDER BY offset ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )
    WINDOW earlier AS (ORDER BY offset ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
WHERE NOT broken HAVING count() > 0
"""

_CUT = "SELECT {reach} FROM ({outputs}) HAVING count() > 0"


def find_frontiers(store: Store) -> dict[int, Frontier]:
    """Find, per partition with an unbroken chain of outputs, how far it reaches. Raises Unavailable.

    Read it before the rows that it is to bound: what lies below a frontier never changes, and its legs are there. Where
    ``sinks.integrity`` has found rows missing, it reaches no further than to them.
    """
    store = store.pin_generation()
    found = {n: _cut_at(store, n, one, store.damaged.get(n)) for n, one in _find_chains(store).items()}
    return {number: one for number, one in sorted(found.items()) if one is not None}


def find_stored(store: Store) -> dict[int, int]:
    """Find, per partition with any output, the first source offset not covered, or damaged."""
    return {partition: frontier.position for partition, frontier in find_frontiers(store).items()}


def find_covered(store: Store) -> dict[int, int]:
    """Find the same by the outputs alone, whatever is known of their postings."""
    return {partition: frontier.position for partition, frontier in _find_chains(store).items()}


def _find_chains(store: Store) -> dict[int, Frontier]:
    coverage = store.coverage  # this very one: one that is forgotten meanwhile learns for nobody any more
    before = coverage.read_proved()
    if before.doubt is not None and not before.doubt:
        return before.frontiers
    known, unproved = before.frontiers, set()
    outputs = _OUTPUTS.replace("{where}", select_after(known, before.doubt))
    for row in store.query(_fill_template(_SUMMED, outputs)):
        partition = row["partition"]
        began = known.get(partition, BEGINNING)
        reached = _find_reached(store, row, began, outputs)
        if reached is not None:
            known[partition] = began.extend_to(_build_frontier(reached))
        if reached is None or reached["position"] != row["position"]:
            unproved.add(partition)
    return coverage.learn_asked(before, known, unproved)


def _find_reached(store: Store, row: Row, began: Frontier, outputs: str) -> Row | None:
    """Find how far the chain goes on from ``began``; ``row`` sums what is stored from there on."""
    if row["start"] > began.position:  # nothing begins where the chain ends: a hole, however much lies past it
        return None
    chained = row["unbroken"] and row["start"] == began.position
    return row if chained else _follow_chain(store, row["partition"], began.position, outputs)


def _cut_at(store: Store, partition: int, frontier: Frontier, damaged: int | None) -> Frontier | None:
    """Cut the chain before ``damaged``, the first output whose rows are missing; None where nothing is left."""
    if damaged is None or damaged >= frontier.position:
        return frontier
    where = f" WHERE partition = {int(partition)} AND offset < {int(damaged)}"
    found = store.query(_fill_template(_CUT, _OUTPUTS.replace("{where}", where)))
    return _build_frontier(found[0]) if found else None


def _follow_chain(store: Store, partition: int, start: int, outputs: str) -> Row | None:
    found = store.query(_fill_template(_FOLLOWED, outputs), {"partition": partition, "start": start})
    return found[0] if found else None


def _fill_template(sql: str, outputs: str) -> str:
    return sql.replace("{reach}", _REACH).replace("{outputs}", outputs)


def _build_frontier(row: Row) -> Frontier:
    return Frontier(row["position"], row["ledger_time"], row["entered_at"])


def select_after(known: Mapping[int, Frontier], only: Iterable[int] | None = None) -> str:
    """Select outputs past what is known to be covered, of all partitions or of some.

    Numbers of our own; the primary key finds them.
    """
    named = known if only is None else only
    arms = [
        f"(partition = {int(one)} AND offset >= {int(known.get(one, BEGINNING).position)})" for one in sorted(named)
    ]
    if only is None and known:
        arms.append(f"partition NOT IN ({', '.join(str(int(partition)) for partition in known)})")
    return f" WHERE {' OR '.join(arms)}" if arms else ""
