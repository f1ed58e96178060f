"""The rejections desk: rejected events for who mends them, and as lines to mend and send again.

What is sent in place of a rejected event names the position of the rejection in a header, so that each rejection knows
what answered it.
"""

import base64
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import msgspec

from queries.feeds import BELOW
from queries.originals import ORIGINAL, OriginalReader, take_bytes, take_headers
from queries.plain import key_by_text, make_plain
from queries.record_answers import RejectionDeskAnswer
from queries.record_queries import RejectionDeskQuery
from queries.rejections import RECORDER, WANTED, bind_wanted
from queries.snapshot import Snapshot
from schemas.answered import ANSWERS, make_mended_id
from sinks.store import Row

MENDED_MOST: Final = 10_000
_LISTING: Final = f"""
SELECT partition, offset, ledger_time, code, message, event_id, {RECORDER} AS recorder, original_size, original_digest
FROM rejected FINAL
WHERE {WANTED} AND {BELOW} AND ({{after_partition:Int32}} < 0 OR (ledger_time, partition, offset) < (
    SELECT ledger_time, partition, offset FROM rejected FINAL
    WHERE partition = {{after_partition:Int32}} AND offset = {{after_offset:Int64}}
))
ORDER BY ledger_time DESC, partition DESC, offset DESC LIMIT {{most:UInt64}}
"""  # noqa: S608  (names of ours alone; values are parameters)
_GROUPS: Final = f"""
SELECT code, {RECORDER} AS recorder, count() AS n FROM rejected FINAL WHERE {WANTED} AND {BELOW}
GROUP BY code, recorder ORDER BY n DESC, code, recorder
"""  # noqa: S608  (as above: names of ours alone)
_ANSWERING: Final = f"""
SELECT answered, partition, offset, refused FROM (
    SELECT header_values[indexOf(header_names, '{ANSWERS}')] AS answered, partition, offset, 0 AS refused
    FROM entries FINAL WHERE has(header_names, '{ANSWERS}') AND part = 0 AND {BELOW}
    UNION ALL
    SELECT header_values[indexOf(header_names, '{ANSWERS}')] AS answered, partition, offset, 1 AS refused
    FROM rejected FINAL WHERE has(header_names, '{ANSWERS}') AND {BELOW}
) WHERE answered IN {{places:Array(String)}} ORDER BY partition, offset
"""  # noqa: S608  (as above: names of ours alone)
_MENDED: Final = f"""
SELECT {ORIGINAL}, code, message FROM rejected FINAL
WHERE {WANTED} AND {BELOW} ORDER BY partition, offset LIMIT {{most:UInt64}}
"""  # noqa: S608  (as above: names of ours alone)


def answer_rejection_desk(snapshot: Snapshot, query: RejectionDeskQuery) -> RejectionDeskAnswer:
    """Answer with a page of rejections."""
    asked = bind_wanted(query) | {"position": snapshot.list_offsets()}
    partition, offset = query.after or (-1, 0)
    page = {"after_partition": partition, "after_offset": offset, "most": query.limit + 1}
    found = [make_plain(row) for row in snapshot.store.query(_LISTING, asked | page)]
    rows, groups = found[: query.limit], snapshot.store.query(_GROUPS, asked)
    answers = _find_answers(snapshot, [spell_place(row) for row in rows])
    return {
        "rows": [row | {"answered_by": answers.get(spell_place(row), [])} for row in rows],
        "total": sum(row["n"] for row in groups),
        "groups": make_plain(groups),
        "next": spell_place(rows[-1]) if len(found) > query.limit else None,
        "position": key_by_text(snapshot.position),
    }


def spell_place(row: Row) -> str:
    """Spell a position as the header of an answer and ``after`` have it."""
    return f"{row['partition']}:{row['offset']}"


def read_mended(snapshot: Snapshot, query: RejectionDeskQuery, reader: OriginalReader) -> Iterator[bytes]:
    """Read rejected events as lines to mend, in the order of positions: as ``publish`` takes them."""
    asked = bind_wanted(query) | {"position": snapshot.list_offsets(), "most": MENDED_MOST}
    return map(partial(_write_line, reader), snapshot.store.query(_MENDED, asked))


def _find_answers(snapshot: Snapshot, places: list[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    if places:
        for row in snapshot.store.query(_ANSWERING, {"places": places, "position": snapshot.list_offsets()}):
            answer = {"partition": row["partition"], "offset": row["offset"], "refused": bool(row["refused"])}
            found.setdefault(row["answered"], []).append(answer)
    return found


def _write_line(reader: OriginalReader, row: Row) -> bytes:
    fields, unreadable = reader.read_fields(row)
    line: dict[str, Any] = {"answers": spell_place(row), "refused": f"{row['code']}: {row['message']}"}
    if fields is not None:
        rejected = str(fields["event_id"])
        line = fields | line | {"event_id": make_mended_id(line["answers"], rejected), "rejected_event_id": rejected}
    else:
        key, value = take_bytes(row, "key"), take_bytes(row, "value")
        headers = [[name, _write_base64(found)] for name, found in take_headers(row)]
        note = f"It cannot be read as an event: send it anew from its source. {unreadable}"
        line |= {"note": note, "key": _write_base64(key), "value": _write_base64(value), "headers": headers}
    return msgspec.json.encode(line) + b"\n"


def _write_base64(found: bytes | None) -> str | None:
    return None if found is None else base64.b64encode(found).decode()
