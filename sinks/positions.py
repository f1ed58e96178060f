"""How far the store has come: per partition of ``soc.published``, the first offset that no stored output covers.

Every entry and every refusal covers ``(previous_offset, offset]``. Where nothing is missing or written twice, what is
covered adds up to the highest offset plus one, which a sum tells; otherwise the first hole is looked for.
"""

from sinks.store import Store

_OUTPUTS = """
SELECT partition, offset, previous_offset FROM entries
UNION ALL
SELECT partition, offset, previous_offset FROM rejected
"""

_COVERED = f"""
SELECT partition, sum(offset - previous_offset) AS covered, max(offset) + 1 AS reached
FROM ({_OUTPUTS}) GROUP BY partition ORDER BY partition
"""  # noqa: S608  (a constant of this module; nothing of a reader's is in it)

_FIRST_HOLE = f"""
SELECT partition, if(countIf(hole) = 0, max(offset) + 1, minIf(before + 1, hole)) AS stored
FROM (
    SELECT partition, offset, lagInFrame(offset, 1, -1) OVER earlier AS before, previous_offset > before AS hole
    FROM ({_OUTPUTS}) WHERE partition IN {{partitions:Array(Int32)}}
    WINDOW earlier AS (PARTITION BY partition ORDER BY offset ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
GROUP BY partition
"""  # noqa: S608  (as above)


def stored(store: Store) -> dict[int, int]:
    """Per partition that has any output, the first source offset not covered by what is stored."""
    sums = store.query(_COVERED)
    found = {row["partition"]: row["reached"] for row in sums if row["covered"] == row["reached"]}
    doubtful = [row["partition"] for row in sums if row["partition"] not in found]
    if doubtful:
        found |= {row["partition"]: row["stored"] for row in store.query(_FIRST_HOLE, {"partitions": doubtful})}
    return dict(sorted(found.items()))
