"""How far the store has come: per partition of ``soc.published``, the first offset that no stored output covers.

Every entry and every refusal covers ``(previous_offset, offset]``. Where nothing is missing or written twice, what is
covered adds up to the highest offset plus one, which a sum tells; otherwise the first hole is looked for. What is found
covered stays covered, so each open store looks only at what came after (``Store.covered``).
"""

from collections.abc import Mapping

from sinks.store import Store

_COVERED = """
SELECT partition, sum(offset - previous_offset) AS covered, max(offset) + 1 AS reached
FROM ({outputs}) GROUP BY partition
"""

_FIRST_HOLE = """
SELECT partition, if(countIf(hole) = 0, max(offset) + 1, minIf(before + 1, hole)) AS stored
FROM (
    SELECT partition, offset, lagInFrame(offset, 1, {start:Int64} - 1) OVER earlier AS before,
        previous_offset > before AS hole
    FROM ({outputs}) WHERE partition = {partition:Int32}
    WINDOW earlier AS (PARTITION BY partition ORDER BY offset ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
GROUP BY partition
"""


def stored(store: Store) -> dict[int, int]:
    """Per partition that has any output, the first source offset not covered by what is stored, and not damaged."""
    damaged = store.damaged
    return {partition: min(offset, damaged.get(partition, offset)) for partition, offset in find_covered(store).items()}


def find_covered(store: Store) -> dict[int, int]:
    """Find the same by the outputs alone, whatever is known of their postings."""
    known = dict(store.covered)
    outputs = _after(known)
    for row in store.query(_COVERED.replace("{outputs}", outputs)):
        partition, start = row["partition"], known.get(row["partition"], 0)
        if row["covered"] == row["reached"] - start:
            known[partition] = row["reached"]
        else:
            known[partition] = _first_hole(store, partition, start, outputs)
    store.covered.update(known)
    return dict(sorted((partition, offset) for partition, offset in known.items() if offset))


def _first_hole(store: Store, partition: int, start: int, outputs: str) -> int:
    sql = _FIRST_HOLE.replace("{outputs}", outputs)
    found: int = store.query(sql, {"partition": partition, "start": start})[0]["stored"]
    return found


def _after(known: Mapping[int, int]) -> str:
    """Outputs past what is known to be covered (whole numbers of our own; the primary key finds them)."""
    if known:
        others = ", ".join(str(int(partition)) for partition in known)
        arms = [f"(partition = {int(partition)} AND offset >= {int(offset)})" for partition, offset in known.items()]
        where = f" WHERE {' OR '.join(arms)} OR partition NOT IN ({others})"
    else:
        where = ""
    tables = ("entries", "rejected")
    return " UNION ALL ".join(f"SELECT partition, offset, previous_offset FROM {table}{where}" for table in tables)  # noqa: S608  (our own numbers and names)
