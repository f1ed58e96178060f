"""What there is, at one moment of the store: the days that it is of, and what came last."""

from datetime import date, datetime
from typing import Any, Final, cast

from methodology.measures import DIMENSIONS, Dimension
from queries.answers import RecentAnswer, SpanAnswer
from queries.arrival_queries import RecentQuery, SpanQuery
from queries.balances import hold_disruptions
from queries.basis import Basis
from queries.choices import choose_dimensions
from queries.plain import key_by_text, make_plain
from queries.question import Question, bind_bound
from queries.rejections import add_zone
from queries.snapshot import Snapshot

WINDOW: Final = 256  # positions of each partition in which everybody's newest are looked for
_DAY: Final = Dimension("day", "event_date")

_RECENT: Final = """
SELECT record, disruption_id, threat_id, version, verdict, organisation AS org, entered_at, ledger_time, partition,
    offset
FROM entries
PREWHERE offset >= {begun:Array(Int64)}[partition + 1] AND offset < {position:Array(Int64)}[partition + 1]
    AND part = 0 AND (empty({orgs:Array(String)}) OR has({orgs:Array(String)}, organisation))
    AND entered_at <= fromUnixTimestamp64Milli({as_at:Int64}, 'UTC')
    AND ledger_time <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC')
ORDER BY ledger_time DESC, partition, offset DESC LIMIT 1 BY partition, offset LIMIT {most:UInt64}
"""


def answer_span(snapshot: Snapshot, query: SpanQuery) -> SpanAnswer:
    """Answer with the first and the last event date that counts, by the dimensions asked for."""
    question = Question("postings", [*choose_dimensions(query.by, DIMENSIONS), _DAY], _DAY.field)
    hold_disruptions(question, query)
    Basis(snapshot, query.as_at, query.known_at).bound_rows(question)
    days: dict[tuple[Any, ...], list[date]] = {}
    for row in question.ask_store(snapshot.store):
        days.setdefault(tuple(row[name] for name in query.by), []).append(cast(date, row["day"]))
    rows = [
        dict(zip(query.by, named, strict=True)) | {"first": min(found).isoformat(), "last": max(found).isoformat()}
        for named, found in days.items()
    ]
    return {"rows": rows, "position": key_by_text(snapshot.position), "filters": question.filters}


def answer_recent(snapshot: Snapshot, query: RecentQuery) -> RecentAnswer:
    """Answer with the newest entries: of everybody, of those that lie in the last positions of each partition."""
    asked = _bind_basis(snapshot, query.as_at, query.known_at)
    bounded = not query.orgs and query.as_at is None and query.known_at is None
    begun = [max(0, offset - WINDOW) if bounded else 0 for offset in asked["position"]]
    rows = snapshot.store.query(_RECENT, asked | {"orgs": list(query.orgs), "most": query.limit, "begun": begun})
    plain = [{name: make_plain(add_zone(value)) for name, value in row.items()} for row in rows]
    return {"rows": plain, "position": key_by_text(snapshot.position)}


def _bind_basis(snapshot: Snapshot, as_at: datetime | None, known_at: datetime | None) -> dict[str, Any]:
    position = snapshot.position
    return {
        "position": [position.get(number, 0) for number in range(max(position, default=-1) + 1)],
        "as_at": bind_bound(as_at),
        "known_at": bind_bound(known_at),
    }
