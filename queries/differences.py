"""Then beside now: the count of each, their difference, and the causes that sum to it in every cell.

All of it stands on one position. The counts are those that ``extract`` gives as at and as known at the same instants;
the causes come from the legs between them (``queries.moves``): two ways to the same difference.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from ledger.instants import format_instant
from methodology.causes import Cause
from methodology.dimensions import DIMENSIONS
from methodology.measures import MEASURE
from queries.answer import Answer
from queries.answers import CompareAnswer, CompareRow, StateAnswer
from queries.balance_queries import ExtractQuery
from queries.balances import answer_extract
from queries.compare_queries import CompareQuery, RecordState, hold_past
from queries.moves import list_causes, sum_moves
from queries.plain import key_by_text
from queries.question import Rows
from queries.snapshot import Snapshot

Cell = tuple[str, ...]
REGION: Final = "region"


def answer_compare(snapshot: Snapshot, query: CompareQuery) -> CompareAnswer:
    """Answer with the counts of then and now and what lies between. Raises WrongField: an instant is still to come."""
    hold_past(query.then, query.now)
    asked = query if query.region is None else replace(query, by=tuple(sorted({*query.by, REGION})))
    then, now = (answer_extract(snapshot, extract_state(asked, state)) for state in (query.then, query.now))
    names = [name for name in DIMENSIONS if name in asked.by]
    rows = join_cells(names, then.rows, now.rows, sum_moves(snapshot, asked))
    through = now.complete_through
    return {
        "rows": rows if query.region is None else hold_region(rows, query),
        "then": describe_state(then),
        "now": describe_state(now),
        "position": key_by_text(snapshot.position),
        "complete": then.complete and now.complete,
        "complete_through": None if through is None else format_instant(through),
        "filters": {name: value for name, value in now.filters.items() if name != "literal"}
        | ({} if query.region is None else {REGION: query.region}),
        "measure": MEASURE,
    }


def hold_region(rows: list[CompareRow], query: CompareQuery) -> list[CompareRow]:
    """Hold cells to the region of a question, which is in them only where it was asked for as a dimension."""
    held = [row for row in rows if row[REGION] == query.region]
    dropped = () if REGION in query.by else (REGION,)
    return [{name: value for name, value in row.items() if name not in dropped} for row in held]


def extract_state(query: CompareQuery, state: RecordState) -> ExtractQuery:
    """Make the extraction that counts a state."""
    return ExtractQuery(
        start=query.start,
        end=query.end,
        by=query.by,
        org=query.org,
        type=query.type,
        as_at=state.as_at,
        known_at=state.known_at,
    )


def join_cells(names: list[str], then: Rows, now: Rows, moved: Rows) -> list[CompareRow]:
    """Join counts and causes cell by cell; a cell that nothing is said of is left out."""
    counts = [_index_counts(names, rows) for rows in (then, now)]
    causes = sum_causes(names, moved)
    return [
        {
            **dict(zip(names, cell, strict=True)),
            "then": counts[0].get(cell, 0),
            "now": counts[1].get(cell, 0),
            "difference": counts[1].get(cell, 0) - counts[0].get(cell, 0),
            "causes": causes.get(cell, {}),
        }
        for cell in sorted({*counts[0], *counts[1], *causes})
    ]


def sum_causes(names: list[str], moved: Iterable[dict[str, Any]]) -> dict[Cell, dict[str, int]]:
    """Sum the net legs by cell and cause; a cause that comes to nothing in a cell is left out of it."""
    sums: dict[Cell, dict[str, int]] = defaultdict(dict)
    known = list_causes()
    for row in moved:
        cell, cause = find_cell(names, row), known[row["move"]].value
        sums[cell][cause] = sums[cell].get(cause, 0) + row["n"]
    found = {cell: {one.value: by[one] for one in Cause if by.get(one)} for cell, by in sums.items()}
    return {cell: by for cell, by in found.items() if by}


def sum_cells(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Sum cells of one type: their counts, and their causes one by one."""
    counts: Counter[str] = Counter({"then": 0, "now": 0, "difference": 0})
    causes: Counter[str] = Counter()
    for row in rows:
        counts.update({name: row[name] for name in counts})
        causes.update(row["causes"])
    return {**counts, "causes": {one.value: causes[one] for one in Cause if causes[one]}}


def find_cell(names: list[str], row: dict[str, Any]) -> Cell:
    """Find which cell a row is in."""
    return tuple(str(row[name]) for name in names)


def describe_state(answer: Answer) -> StateAnswer:
    """Describe a state as JSON has it."""
    return {
        "as_at": format_instant(answer.as_at),
        "known_at": format_instant(answer.known_at),
        "complete": answer.complete,
    }


def _index_counts(names: list[str], rows: Rows) -> dict[Cell, int]:
    return {find_cell(names, row): int(row["n"]) for row in rows}
