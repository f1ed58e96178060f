"""Answers that are more than one table, each with the table that a spreadsheet has of it.

As a file each says its question, its position and the instants that were given, and nothing that the clock moves (the
list of records alone says when it was drawn).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from dashboard.entity_tag import tag_page
from dashboard.representations import TABLES, choose_form
from dashboard.spreadsheet import order_columns, write_spreadsheet
from ledger.instants import format_instant
from methodology.causes import CAUSE_SENTENCES
from queries.answers import CompareAnswer, MoveAnswer, MoveRow
from queries.compare_queries import CompareQuery, MoveQuery, RecordState
from queries.cursor import format_position
from queries.figure_answers import PublishedFigureAnswer
from queries.rate_answers import RateAnswer, RateWeek
from queries.rate_query import RateQuery
from queries.record_answers import ListedThreat, RecordRow, RecordsAnswer, ThreatListAnswer
from queries.threat_lists import ThreatListQuery

LIVE: Final = "live"
_COUNTS: Final = ("then", "now", "difference")
_MOVE: Final = order_columns(MoveRow, "cause", "net", "moved_at", "threat_id", "disruption_id")
_RECORD: Final = order_columns(RecordRow, "event_date", "disruption_id", "threat_id")


class TableFile(NamedTuple):
    """A table for a spreadsheet.

    Attributes:
        name: of the file.
        said: what was asked, and on what the answer stands.
    """

    name: str
    said: Mapping[str, Any]
    columns: tuple[str, ...]
    rows: Iterable[Mapping[str, Any]]


def send_table(request: Request, answer: Any, asked: str | None, table: Callable[[], TableFile]) -> Response:
    """Send an answer as JSON, or its table as CSV. Raises WrongField: by a format that there is not."""
    if choose_form(asked, request.headers.get("accept", ""), TABLES) == "json":
        found: Response = JSONResponse(answer)
    else:
        found = tag_page(write_spreadsheet(*table()), request.headers.get("if-none-match"))
    found.headers["Vary"] = "Accept"
    return found


def tabulate_comparison(query: CompareQuery, answer: CompareAnswer) -> TableFile:
    """Tabulate a comparison: a row for each cell, a column for each cause."""
    causes = {one.value: 0 for one in CAUSE_SENTENCES}
    cells: list[Any] = answer["rows"]
    said = {**answer["filters"], **_describe_states(query.then, query.now), **_describe_basis(answer)}
    rows = [{**causes, **cell, **cell["causes"]} for cell in cells]
    return TableFile(query.PATH, said, (*query.by, *_COUNTS, *causes), rows)


def tabulate_moves(query: MoveQuery, answer: MoveAnswer) -> TableFile:
    """Tabulate the disruptions that a difference is made of."""
    totals = {"total": answer["total"], "difference": answer["difference"]}
    states = _describe_states(query.then, query.now)
    said = {**answer["filters"], **states, **totals, "position": write_position(answer["position"])}
    return TableFile("compare moves", said, _MOVE, answer["rows"])


def tabulate_rates(query: RateQuery, answer: RateAnswer) -> TableFile:
    """Tabulate rates: a row for each week."""
    instants = {name: answer[name] if getattr(query, name) else LIVE for name in ("as_at", "known_at")}
    filters, threats = answer["numerator"]["filters"], answer["denominator"]
    said = {**filters, **instants, "threats": threats["n"], "per_threats": threats["per"], **_describe_basis(answer)}
    return TableFile(query.PATH, said, order_columns(RateWeek), answer["weeks"])


def tabulate_records(answer: RecordsAnswer) -> TableFile:
    """Tabulate the disruptions that a figure is made of; the file says the instants of live ones too."""
    filters = {name: value for name, value in answer["filters"].items() if name != "literal"}
    totals = {"total": answer["total"], "listed": len(answer["rows"]), "next": answer["next"] or ""}
    said = totals | filters | {name: answer[name] for name in ("as_at", "known_at")} | _describe_basis(answer)
    return TableFile(f"disruption records {filters['from']} to {filters['to']}", said, _RECORD, answer["rows"])


def tabulate_threats(query: ThreatListQuery, answer: ThreatListAnswer) -> TableFile:
    """Tabulate the threats that a threat count is made of."""
    instants = {name: answer[name] if getattr(query, name) else LIVE for name in ("as_at", "known_at")}
    totals = {"total": answer["total"], "listed": len(answer["rows"]), "next": answer["next"] or ""}
    said = {**answer["filters"], **instants, **totals, **_describe_basis(answer)}
    return TableFile("threats", said, order_columns(ListedThreat), answer["rows"])


def tabulate_figure(answer: PublishedFigureAnswer) -> TableFile:
    """Tabulate a published figure: what it says, and a row for each cell beside what the store says."""
    figure = answer["figure"]
    said = {name: value for name, value in figure.items() if name not in {"by", "positions"}}
    said |= {"by": ", ".join(figure["by"]), "positions": write_position(figure["positions"])}
    proofs = {"id_holds": answer["id_holds"], "agrees": answer["agrees"], "proved_at": answer["proved_at"] or ""}
    columns = (*figure["by"], "n", "then", "now")
    return TableFile(
        f"published figure {figure['partition']}-{figure['offset']}", said | proofs, columns, answer["cells"]
    )


def write_position(position: Mapping[str, int]) -> str:
    """Write a position as cursors write it."""
    return format_position({int(number): offset for number, offset in position.items()})


def _describe_basis(answer: CompareAnswer | RateAnswer | RecordsAnswer | ThreatListAnswer) -> dict[str, Any]:
    position = write_position(answer["position"])
    return {"complete": answer["complete"], "measure": answer["measure"], "position": position}


def _describe_states(then: RecordState, now: RecordState) -> dict[str, str]:
    """Describe the instants of both, as their fields are named."""
    states = (("then", then), ("now", now))
    fields = {f"{name}_{clock}": getattr(state, clock) for name, state in states for clock in ("as_at", "known_at")}
    return {name: LIVE if one is None else format_instant(one) for name, one in fields.items()}
