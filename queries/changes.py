"""What changed since a cursor: the cells whose count is another now, with what it is, and the cursor to go on from.

Both sums are of exactly one position, so whoever adds up what moved from ``none`` on has the live count.
"""

from typing import Any

from methodology.dimensions import DIMENSIONS
from methodology.measures import MEASURE
from queries.answers import BalanceRow, ChangeAnswer
from queries.balance_queries import ChangeQuery
from queries.balances import sum_disruptions
from queries.basis import Basis
from queries.cursor import PositionVector, format_cursor, hold_cursor
from queries.question import Question, Rows
from queries.snapshot import Snapshot


def answer_changes(snapshot: Snapshot, query: ChangeQuery) -> ChangeAnswer:
    """Answer which cells have changed. Raises WrongField: the cursor is ahead of the store, or another ledger's."""
    basis = Basis(snapshot)
    hold_cursor(query.since, snapshot.cursor.ledger, basis.position, "since")
    changed = sum_moved(snapshot, sum_disruptions(query), query.since.position)
    live = sum_disruptions(query)
    names = [name for name in DIMENSIONS if name in query.by]
    return {
        "rows": join_rows(changed, basis.sum_rows(live) if changed else [], names),
        "since": format_cursor(query.since),
        "cursor": format_cursor(snapshot.cursor),
        "filters": dict(live.filters),
        "measure": MEASURE,
    }


def sum_moved(snapshot: Snapshot, question: Question, since: PositionVector) -> Rows:
    """Sum what a question asks of what was stored from a position on: of the legs at hand, or as the store says."""
    told = snapshot.sums.coverage.list_told(since, snapshot.position)
    cells = None if told is None else question.add_legs({}, told)
    if cells is not None:
        return question.format_cells(cells)
    question.stand_at(snapshot.position)
    question.begin_at(since)
    return question.ask_store(snapshot.store)


def join_rows(changed: list[BalanceRow], live: list[BalanceRow], names: list[str]) -> list[BalanceRow]:
    """Join what moved with the counts that there are now: 0 where nothing is left."""

    def find_cell(row: BalanceRow) -> tuple[Any, ...]:
        return tuple(row[name] for name in names)

    counts = {find_cell(row): row["n"] for row in live}
    return [row | {"n": counts.get(find_cell(row), 0), "moved": row["n"]} for row in changed]
