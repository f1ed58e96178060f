"""What intake rejected, as it is stored."""

from typing import Any, Final

from queries.question import INSTANT, bind_bound
from queries.record_queries import RejectionQuery, RejectionSearch
from sinks.store import Row, Store

_LISTING = """
SELECT event_id, code, message, partition, offset, ledger_time, threat_id, disruption_id,
    original_size, original_digest
FROM rejected FINAL
WHERE {wanted} AND (partition, offset) > ({{after_partition:Int32}}, {{after_offset:Int64}})
ORDER BY partition, offset
LIMIT {{most:UInt64}}
"""
_COUNTS = """
SELECT code, count() AS n FROM rejected FINAL WHERE {wanted}
GROUP BY code ORDER BY n DESC, code
"""
SOURCE: Final = "ifNull(header_values[indexOf(header_names, 'ce_source')], '')"
RECORDER: Final = f"decodeURLComponent(splitByChar('/', {SOURCE})[2])"
"""Who recorded a rejected event, as its CloudEvents source says; empty where it does not."""
WANTED: Final = f"""({{code:String}} = '' OR code = {{code:String}})
    AND ({{org:String}} = '' OR {RECORDER} = {{org:String}})
    AND ({{event_id:String}} = '' OR event_id = {{event_id:String}})
    AND ({{reference:String}} = '' OR disruption_id = {{reference:String}} OR threat_id = {{reference:String}})
    AND ledger_time <= {INSTANT % "known_at"}"""
"""Which rejections are asked for; its parameters are of ``bind_wanted``."""


def bind_wanted(query: RejectionSearch[Any]) -> dict[str, Any]:
    """Bind what rejections are asked for by."""
    written = {name: getattr(query, name) or "" for name in ("code", "org", "event_id", "reference")}
    return {**written, "known_at": bind_bound(query.known_at)}


def find_rejections(store: Store, query: RejectionQuery) -> tuple[list[Row], dict[str, int], bool]:
    """Find the first rejections in the order of positions, how many there are of each code, and whether more follow."""
    partition, offset = query.after or (-1, -1)
    asked = bind_wanted(query)
    page = {"after_partition": partition, "after_offset": offset, "most": query.limit + 1}
    rows = store.query(_LISTING.format(wanted=WANTED), asked | page)
    numbers = store.query(_COUNTS.format(wanted=WANTED), asked)  # after the rows: whatever is cut off is in them
    return rows[: query.limit], {row["code"]: row["n"] for row in numbers}, len(rows) > query.limit
