"""A balance in the form that its asker wants (JSON, CSV for a spreadsheet, Parquet), with the tag by which it is told.

As CSV and Parquet a balance says its position and the instants that were given, and nothing that the clock alone moves:
one position, one file, byte for byte. JSON says, as ever, through when it is complete, which grows while nothing
happens; its tag tells that apart (``dashboard.entity_tag``). Either way the tag is strong, and who holds it is told so:
304. However many ask for a form at one moment, it is written once; what is written already waits for no thread.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from io import BytesIO
from typing import Any, Final, NamedTuple

import msgspec
from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from dashboard.entity_tag import answer_held, write_tag
from dashboard.rendering import MARKING
from dashboard.spreadsheet import MEDIA_TYPE, write_spreadsheet
from queries.answers import BalanceAnswer
from queries.balance_queries import CountQuery, ExtractQuery, ThreatQuery
from queries.cursor import format_position
from queries.errors import choose_field
from queries.store_answers import StoreAnswers

PARQUET: Final = "application/vnd.apache.parquet"
TABLES: Final[Mapping[str, str]] = {"csv": MEDIA_TYPE}
EXTRACTIONS: Final[Mapping[str, str]] = {**TABLES, "parquet": PARQUET}
FORMAT_FIELD: Final = "format"

BalanceQuery = CountQuery | ExtractQuery | ThreatQuery


async def send_balance(
    request: Request,
    answers: StoreAnswers,
    query: BalanceQuery,
    asked: str | None,
    offered: Mapping[str, str] = TABLES,
) -> Response:
    """Send a balance as it was asked for. Raises WrongField: by a format that there is not; Misuse, Unavailable."""
    form, held = choose_form(asked, request.headers.get("accept", ""), offered), request.headers.get("if-none-match")
    written: WrittenForm | None = answers.find_encoded(query, form)
    if written is None:
        written = await run_in_threadpool(answers.encode_once, query, form, partial(write_form, form, query))
    found = answer_held(written.make_response(), written.tag, held)
    found.headers["Vary"] = "Accept"
    return found


class WrittenForm(NamedTuple):
    """A balance as it goes out, and its tag."""

    body: bytes
    tag: str
    headers: Mapping[str, str]

    def make_response(self) -> Response:
        """Make the response for one who asks."""
        return Response(self.body, headers=dict(self.headers))


def write_form(form: str, query: BalanceQuery, answer: BalanceAnswer) -> WrittenForm:
    """Write a balance in one of the forms."""
    if form == "json":
        body = msgspec.json.encode(answer)
        tag = write_tag(msgspec.json.encode(leave_clock_out(query, answer)), body)
        return WrittenForm(body, tag, {"Content-Type": "application/json"})
    file = (write_csv if form == "csv" else write_parquet)(query, answer)
    headers = {name: value for name, value in file.headers.items() if name != "content-length"}
    return WrittenForm(bytes(file.body), write_tag(bytes(file.body)), headers)


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
    position = format_position({int(number): offset for number, offset in answer["position"].items()})
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
