"""What a recorder sent on some days, and what of it arrived (``feed_events``, below one position).

The day of a number that never arrived is not known. It is counted to the days that were asked for where it may be of
them: where the entries of its two neighbours in the sequence lie on them, or one before and one after.
"""

from datetime import date, timedelta
from typing import Any, Final

from ledger.instants import count_millis, find_end_of_day, format_instant
from methodology.feeds import find_run
from queries.answer import read_clock
from queries.feed_events import find_standings
from queries.feeds import BELOW, bind_known, bind_position, bind_settled, count_behind, select_numbers
from queries.plain import key_by_text, make_plain
from queries.reconcile_answers import EventFate, EventFatesAnswer, ReconcileAnswer
from queries.reconcile_queries import DayFatesQuery, EventFatesQuery, ReconcileQuery
from queries.snapshot import Snapshot
from sinks.store import Row

LISTED_MOST: Final = 100
JUMPS_MOST: Final = 20
_ENTERED: Final = "toUnixTimestamp64Milli(ifNull(entered_at, ledger_time))"
_OF_DAYS: Final = f"{_ENTERED} BETWEEN {{first:Int64}} AND {{last:Int64}}"
_IS_NEAR: Final = (
    "least(entered, entered_before) <= {last:Int64} AND greatest(entered, entered_before) >= {first:Int64}"
)
_MISSING: Final = f"""
SELECT sumIf(toInt128(found) - before - 1, overtaken AND near) AS missing,
    sumIf(toInt128(found) - before - 1, holed AND NOT far AND NOT overtaken AND near) AS recent,
    groupArraySortedIf({LISTED_MOST})(before + 1, overtaken AND near) AS firsts,
    groupArraySortedIf({LISTED_MOST})(found - 1, overtaken AND near) AS lasts,
    groupArraySortedIf({JUMPS_MOST})((before, found, entered_before, near), jumped) AS jumps,
    min(found) AS first, max(found) AS last, argMax(entered, found) AS entered_last
FROM (
    SELECT *, {_IS_NEAR} AS near
    FROM ({select_numbers(f"min({_ENTERED}) AS entered", "entered, leadInFrame(entered, 1, entered) OVER earlier AS entered_before")})
)
"""  # noqa: S608, E501  (names of ours alone; values are parameters)
_ARRIVED: Final = f"""
SELECT count() AS arrived, countIf(admitted) AS admitted, sum(resent) AS resent FROM (
    SELECT countIf(verdict = 'ADMITTED') > 0 AS admitted, countIf(verdict = 'DUPLICATE') AS resent
    FROM feed_events FINAL WHERE organisation = {{org:String}} AND {BELOW} AND {_OF_DAYS} AND event_id != ''
    GROUP BY lower(event_id)
)
"""  # noqa: S608  (as above)
_UNREAD: Final = f"""
SELECT count() AS unread FROM feed_events FINAL
WHERE organisation = '' AND {BELOW} AND toUnixTimestamp64Milli(ledger_time) BETWEEN {{first:Int64}} AND {{last:Int64}}
"""  # noqa: S608  (as above)
_CLAIMED: Final = "SELECT max(last_sequence) AS claimed FROM heartbeats FINAL WHERE organisation = {org:String}"
_FATES: Final = f"""
SELECT lower(event_id) AS id, organisation, partition, offset, ledger_time, source_sequence, record, verdict, code,
    threat_id, disruption_id, version, entered_at, resent
FROM (
    SELECT *, countIf(verdict = 'DUPLICATE') OVER (PARTITION BY lower(event_id)) AS resent
    FROM feed_events FINAL WHERE {BELOW} AND event_id != '' AND {{where}}
)
ORDER BY id, verdict = 'ADMITTED' DESC, ledger_time DESC, partition, offset DESC
LIMIT 1 BY id LIMIT {{most:UInt64}}
"""  # noqa: S608  (as above; what was admitted once is admitted for ever)


def answer_reconcile(snapshot: Snapshot, query: ReconcileQuery) -> ReconcileAnswer:
    """Answer with what arrived of a recorder's days, and which numbers did not."""
    parameters = bind_position(snapshot) | _bind_days(query.start, query.end) | {"org": query.org}
    parameters |= bind_settled(read_clock()) | bind_known(None)
    (arrived,) = snapshot.store.query(_ARRIVED, parameters)
    (unread,) = snapshot.store.query(_UNREAD, parameters)
    numbers, unarrived = _find_numbers(snapshot, parameters)
    through, behind = snapshot.find_complete_through(), count_behind(snapshot)
    gaps = zip(numbers["firsts"], numbers["lasts"], strict=True)
    return {
        "org": query.org,
        "start": query.start.isoformat(),
        "end": query.end.isoformat(),
        "sent": arrived["arrived"] + int(numbers["missing"]),
        "arrived": arrived["arrived"],
        "admitted": arrived["admitted"],
        "refused": arrived["arrived"] - arrived["admitted"],
        "resent": int(arrived["resent"]),
        "missing": int(numbers["missing"]),
        "recent": int(numbers["recent"]),
        "unarrived": unarrived,
        "gaps": [{"first": first, "last": last} for first, last in gaps],
        "jumps": [{"last": last, "next": following} for last, following, _, near in numbers["jumps"] if near],
        "unread": unread["unread"],
        "behind": behind,
        "complete": through is not None and through >= find_end_of_day(query.end) and not behind,
        "complete_through": None if through is None else format_instant(through),
        "position": key_by_text(snapshot.position),
    }


def _find_numbers(snapshot: Snapshot, parameters: dict[str, Any]) -> tuple[Row, int]:
    """Find which numbers are missing, and how many are claimed beyond the last that arrived, if those may be of it."""
    (numbers,) = snapshot.store.query(_MISSING, parameters)
    (heard,) = snapshot.store.query(_CLAIMED, parameters)
    claimed, jumps = heard["claimed"], numbers["jumps"]
    run = find_run([numbers["first"], *(one[1] for one in jumps)], claimed)
    last, entered = [*((one[0], one[2]) for one in jumps), (numbers["last"], numbers["entered_last"])][run]
    return numbers, max(0, (claimed or 0) - last) if entered <= parameters["last"] else 0


def answer_day_fates(snapshot: Snapshot, query: DayFatesQuery) -> EventFatesAnswer:
    """Answer with what became of the events of a recorder's days, in the order of their ids."""
    where = f"organisation = {{org:String}} AND {_OF_DAYS} AND lower(event_id) > {{after:String}}"
    asked = _bind_days(query.start, query.end) | {"org": query.org, "after": query.after or "", "most": query.limit}
    rows = _find_fates(snapshot, where, asked)
    following = rows[-1]["event_id"] if len(rows) == query.limit else None
    return {"rows": rows, "next": following, "position": key_by_text(snapshot.position)}


def answer_event_fates(snapshot: Snapshot, query: EventFatesQuery) -> EventFatesAnswer:
    """Answer with what became of these events; those of which nothing is known have no row."""
    ids = list(dict.fromkeys(query.ids))
    rows = _find_fates(snapshot, "lower(event_id) IN {ids:Array(String)}", {"ids": ids, "most": len(ids)})
    return {"rows": rows, "next": None, "position": key_by_text(snapshot.position)}


def _find_fates(snapshot: Snapshot, where: str, asked: dict[str, Any]) -> list[EventFate]:
    found = snapshot.store.query(_FATES.replace("{where}", where), bind_position(snapshot) | asked)
    standings = find_standings(snapshot, found)
    return [_tell_fate(row, standings.get((row["threat_id"], row["disruption_id"]))) for row in found]


def _tell_fate(row: Row, standing: str | None) -> EventFate:
    told: Row = {"event_id": row["id"]} | {name: value for name, value in row.items() if name != "id"}
    found: EventFate = make_plain(told | {"standing": standing})
    return found


def _bind_days(start: date, end: date) -> dict[str, int]:
    first = count_millis(find_end_of_day(start - timedelta(days=1))) + 1
    return {"first": first, "last": count_millis(find_end_of_day(end))}
