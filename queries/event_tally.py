"""How many events came to which end, of all that is stored: each sample counts only what came after the one before."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from sinks.frontier import Frontier
from sinks.integrity import list_offsets
from sinks.positions import select_after
from sinks.store import Store

Outcome = tuple[str, str]  # admitted, duplicate or rejected, and the code of a rejection
_BELOW: Final = "offset < {below:Array(Int64)}[partition + 1]"
_COUNT: Final = """
SELECT lower(verdict) AS outcome, '' AS code, count() AS n FROM (SELECT * FROM entries FINAL{after})
    WHERE part = 0 AND {below} GROUP BY outcome, code
UNION ALL
SELECT 'rejected' AS outcome, toString(code) AS code, count() AS n FROM (SELECT * FROM rejected FINAL{after})
    WHERE {below} GROUP BY outcome, code
"""


class EventTally:
    """Counts for one store. It never goes back: what is proved to be stored stays so."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._generation: int | None = None
        self._counted: dict[int, Frontier] = {}
        self._found: Counter[Outcome] = Counter()

    def count_events(self, frontiers: Mapping[int, Frontier]) -> Mapping[Outcome, int]:
        """Count what lies before the frontiers. Raises Unavailable."""
        if self._store.generation != self._generation:  # these are other tables: what was counted in those is forgotten
            self._generation, self._counted, self._found = self._store.generation, {}, Counter()
        grown = {n: one for n, one in frontiers.items() if n not in self._counted or one > self._counted[n]}
        if grown:
            below = {number: one.position for number, one in (self._counted | grown).items()}
            sql = _COUNT.replace("{after}", select_after(self._counted)).replace("{below}", _BELOW)
            rows = self._store.query(sql, {"below": list_offsets(below)}, {"max_threads": 1})
            self._counted |= grown
            for row in rows:
                self._found[row["outcome"], row["code"]] += row["n"]
        return dict(self._found)
