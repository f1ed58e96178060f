"""A balance in the form that its asker wants (JSON, CSV for a spreadsheet, Parquet), with the tag by which it is told.

As CSV and Parquet a balance says its position and the instants that were given, and nothing that the clock alone moves:
one position, one file, byte for byte, so its tag is strong. JSON says, as ever, through when it is complete, which
grows while nothing happens: its tag is of all the rest, and so a weak one. Either way, who holds it is told so: 304.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, Final

import msgspec
from fastapi import Request
from fastapi.responses import JSONResponse, Response

from dashboard.entity_tag import tag_page, tag_response
from dashboard.rendering import MARKING
from dashboard.spreadsheet import MEDIA_TYPE, write_spreadsheet
from queries.answers import BalanceAnswer
from queries.balance_queries import CountQuery, ExtractQuery, ThreatQuery
from queries.cursor import format_cursor
from queries.errors import choose_field

PARQUET: Final = "application/vnd.apache.parquet"
TABLES: Final[Mapping[str, str]] = {"csv": MEDIA_TYPE}
EXTRACTIONS: Final[Mapping[str, str]] = {**TABLES, "parquet": PARQUET}
FORMAT_FIELD: Final = "format"

BalanceQuery = CountQuery | ExtractQuery | ThreatQuery


def send_balance(
    request: Request,
    query: BalanceQuery,
    answer: BalanceAnswer,
    asked: str | None,
    offered: Mapping[str, str] = TABLES,
) -> Response:
    """Send a balance as it was asked for. Raises WrongField: by a format that there is not."""
    form, held = choose_form(asked, request.headers.get("accept", ""), offered), request.headers.get("if-none-match")
    if form == "json":
        same = msgspec.json.encode(leave_clock_out(query, answer))
        found = tag_response(JSONResponse(answer), held, same, weak=True)
    else:
        found = tag_page((write_csv if form == "csv" else write_parquet)(query, answer), held)
    found.headers["Vary"] = "Accept"
    return found


def choose_form(asked: str | None, accepted: str, offered: Mapping[str, str]) -> str:
    """Choose by the format asked for, or by the first media type accepted that is offered; JSON otherwise."""
    if asked is not None:
        return choose_field(FORMAT_FIELD, asked.lower(), dict.fromkeys(("json", *offered), ""))
    for accepts in accepted.lower().split(","):
        media = accepts.partition(";")[0].strip()
        for form, name in (("json", "application/json"), *offered.items()):
            if media == name:
                return form
    return "json"


def describe_forms(offered: Mapping[str, str]) -> dict[int | str, dict[str, Any]]:
    """Describe the other forms of an answer, and the one that says that its asker has it already."""
    files = {media: {"schema": {"type": "string", "format": "binary"}} for media in offered.values()}
    return {200: {"content": files}, 304: {"description": "The asker holds this very answer (`If-None-Match`)."}}


def leave_clock_out(query: BalanceQuery, answer: BalanceAnswer) -> dict[str, Any]:
    """Leave out of an answer what the clock alone moves."""
    given = {name for name in ("as_at", "known_at") if getattr(query, name, None) is not None}
    moving = {"as_at", "known_at", "complete_through"} - given
    return {name: value for name, value in answer.items() if name not in moving}


def describe_basis(query: BalanceQuery, answer: BalanceAnswer) -> dict[str, Any]:
    """Describe, a text each, what was asked and on what the answer stands."""
    filters = {name: value for name, value in answer["filters"].items() if name != "literal"}
    position = format_cursor({int(number): offset for number, offset in answer["position"].items()})
    kept = leave_clock_out(query, answer)
    instants = {name: kept.get(name, "live") for name in ("as_at", "known_at")}
    said = {**filters, **instants, "complete": answer["complete"], "measure": answer["measure"], "position": position}
    return {name: str(value) for name, value in said.items()}


def list_columns(query: BalanceQuery) -> Sequence[str]:
    """List the dimensions that were asked for, once each, and the count."""
    return (*dict.fromkeys(query.by), "n")


def write_csv(query: BalanceQuery, answer: BalanceAnswer) -> Response:
    """Write a balance for a spreadsheet, the question above its rows."""
    return write_spreadsheet(query.PATH, describe_basis(query, answer), list_columns(query), answer["rows"])


def write_parquet(query: BalanceQuery, answer: BalanceAnswer) -> Response:
    """Write a balance as Parquet: a column for each dimension and the count; the question is in the file's metadata."""
    import pyarrow  # noqa: PLC0415  (60 MB that most services are never asked for)
    from pyarrow import parquet  # noqa: PLC0415  (as above)

    said = {"marking": MARKING, **describe_basis(query, answer)}
    fields = [(name, pyarrow.int64() if name == "n" else pyarrow.string()) for name in list_columns(query)]
    table = pyarrow.Table.from_pylist(answer["rows"], schema=pyarrow.schema(fields, metadata=said))
    written = BytesIO()
    parquet.write_table(table, written)
    disposition = f'attachment; filename="{MARKING} {query.PATH}.parquet"'
    return Response(written.getvalue(), media_type=PARQUET, headers={"Content-Disposition": disposition})
