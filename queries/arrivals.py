"""What there is, at one moment of the store: the days that it is of, and what came last."""

from datetime import date
from typing import Any, Final, cast

from methodology.dimensions import DIMENSIONS, Dimension
from queries.answers import SpanAnswer
from queries.arrival_queries import RecentQuery, SpanQuery
from queries.balances import hold_disruptions
from queries.basis import Basis
from queries.choices import choose_dimensions
from queries.feeds import BELOW, bind_position
from queries.plain import key_by_text, make_plain
from queries.question import KNOWN, Question, bind_instants
from queries.record_answers import RecentAnswer
from queries.snapshot import Snapshot

WINDOW: Final = 256  # positions of each partition in which everybody's newest are looked for
_DAY: Final = Dimension("day", "event_date")

_RECENT: Final = f"""
SELECT record, disruption_id, threat_id, version, verdict, organisation AS org, entered_at, ledger_time, partition,
    offset
FROM entries
PREWHERE offset >= {{begun:Array(Int64)}}[partition + 1] AND {BELOW}
    AND part = 0 AND (empty({{orgs:Array(String)}}) OR has({{orgs:Array(String)}}, organisation)) AND {KNOWN}
ORDER BY ledger_time DESC, partition, offset DESC LIMIT 1 BY partition, offset LIMIT {{most:UInt64}}
"""  # noqa: S608  (names of ours alone; values are parameters)


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
    asked = bind_position(snapshot) | bind_instants(query.as_at, query.known_at)
    bounded = not query.orgs and query.as_at is None and query.known_at is None
    begun = [max(0, offset - WINDOW) if bounded else 0 for offset in asked["position"]]
    rows = snapshot.store.query(_RECENT, asked | {"orgs": list(query.orgs), "most": query.limit, "begun": begun})
    return {"rows": make_plain(rows), "position": key_by_text(snapshot.position)}
