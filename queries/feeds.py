"""Feeds, by what their publishers said (``heartbeats``) and what arrived (``feed_events``), below one position.

A number is missing where a greater one of the same recorder arrived and it did not, and that was long enough ago that
it is not on its way (rule F3): admitted, repeated and rejected events all bring theirs. Of two that are too far apart
nothing between is missing: the numbers jump there (rule F5). Lists are bounded, counts not.
At a past instant are what had arrived by then and the alerts that stood; heartbeats of then are not kept.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from ledger.instants import LATEST, count_millis, find_uk_day, format_instant, format_millis, make_date
from ledger.organisations import ORGANISATIONS, Organisation, find_region
from ledger.vocabulary import AlertKind, AlertState
from methodology.feeds import (
    FeedState,
    count_unarrived,
    find_due,
    find_feed_rules,
    find_run,
    judge_feed,
    judge_past_feed,
)
from queries.answer import read_clock
from queries.feed_answers import FeedAnswer, FeedRow
from queries.feed_queries import FeedQuery
from queries.plain import key_by_text
from queries.question import INSTANT, bind_bound
from queries.snapshot import Snapshot
from sinks.store import Row

LISTED_MOST: Final = 20
BELOW: Final = "offset < {position:Array(Int64)}[partition + 1]"  # past the array's end: 0
LEARNT: Final = f"ledger_time <= {INSTANT % 'known_at'}"
ONE_RECORDER: Final = "({org:String} = '' OR organisation = {org:String})"


def select_numbers(inner: str = "", outer: str = "") -> str:
    """Select each number that arrived beside the one before it, and whether numbers between them are missing or jumped.

    They are once any later number came long enough ago: the nearest may have come just now, itself overtaken. Windows
    go from the greatest number down, since a frame that only grows is summed once.
    ``inner`` and ``outer`` are more columns: of all events of a number, and of a number beside the one before.
    """
    inner, outer = (f"{one}, " if one else "" for one in (inner, outer))
    return f"""
    SELECT organisation, found, ids, {outer}leadInFrame(found, 1, found) OVER earlier AS before,
        found - before > 1 AS holed, found - before > {{jump:Int64}} AS far,
        min(learnt) OVER later <= {INSTANT % "settled"} AS settled_by,
        holed AND NOT far AND settled_by AS overtaken, far AND settled_by AS jumped
    FROM (
        SELECT organisation, source_sequence AS found, uniqExact(event_id) AS ids, {inner}min(ledger_time) AS learnt
        FROM feed_events FINAL
        WHERE {BELOW} AND {LEARNT} AND {ONE_RECORDER} AND organisation != '' AND source_sequence >= 1
        GROUP BY organisation, source_sequence
    )
    WINDOW
        earlier AS (PARTITION BY organisation ORDER BY found DESC ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING),
        later AS (PARTITION BY organisation ORDER BY found DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    """  # noqa: S608  (names of ours alone; values are parameters)


_SEQUENCES: Final = f"""
SELECT organisation, min(found) AS first, max(found) AS last,
    sumIf(toInt128(found) - before - 1, overtaken) AS missing,
    groupArraySortedIf({LISTED_MOST})(before + 1, overtaken) AS firsts,
    groupArraySortedIf({LISTED_MOST})(found - 1, overtaken) AS lasts,
    groupArraySortedIf({LISTED_MOST})((before, found), jumped) AS jumps,
    countIf(ids > 1) AS repeated, groupArraySortedIf({LISTED_MOST})(found, ids > 1) AS repeats
FROM ({select_numbers()})
GROUP BY organisation
"""  # noqa: S608  (as above)
ENDED: Final = (  # what was refused may name any day: toUnixTimestamp has 32 bits, and raises outside of 1970 to 2106
    "intDiv(toUnixTimestamp64Milli(toDateTime64(assumeNotNull(event_date) + 1, 3, 'Europe/London')), 1000)"
)
_FIRST_ENTRY: Final = "asked AND verdict = 'ADMITTED' AND record = 'DisruptionEvent' AND version = 1"
_FIGURES: Final = f"""
SELECT organisation, max(ledger_time) AS last_event_at,
    countIf(asked) AS events, countIf(asked AND verdict = 'ADMITTED') AS admitted,
    countIf(asked AND verdict = 'REFUSED') AS refused, countIf({_FIRST_ENTRY}) AS measured,
    quantilesExactInclusiveIf(0.5, 0.9)(entry_delay, {_FIRST_ENTRY}) AS entry_delays,
    quantilesExactInclusiveIf(0.5, 0.9)(transit, {_FIRST_ENTRY}) AS transits
FROM (
    SELECT organisation, ledger_time, verdict, record, version,
        ifNull(event_date BETWEEN {{start:Date32}} AND {{end:Date32}}, false) AS asked,
        greatest(0, intDiv(toUnixTimestamp64Milli(ifNull(entered_at, ledger_time)), 1000) - {ENDED}) AS entry_delay,
        greatest(0, intDiv(toUnixTimestamp64Milli(ledger_time)
            - toUnixTimestamp64Milli(ifNull(entered_at, ledger_time)), 1000)) AS transit
    FROM feed_events FINAL WHERE {BELOW} AND {LEARNT} AND {ONE_RECORDER} AND organisation != ''
) GROUP BY organisation
"""  # noqa: S608  (as above)
_HEARTBEATS: Final = f"""
SELECT organisation, last_sequence, interval_seconds, sent_at, written_at AS heard_at
FROM heartbeats FINAL WHERE {ONE_RECORDER}
"""  # noqa: S608  (as above)
_SILENT: Final = f"""
SELECT subject AS organisation, argMax(alerts.at, offset) AS silent_since FROM alerts FINAL
WHERE kind = '{AlertKind.FEED_SILENT}' AND alerts.at <= {INSTANT % "known_at"}
GROUP BY subject HAVING argMax(state, offset) = '{AlertState.RAISED}'
"""  # noqa: S608  (as above)
_FOLLOWED: Final = "SELECT partition, max(offset) + 1 AS next FROM feed_events GROUP BY partition"


def answer_feeds(snapshot: Snapshot, query: FeedQuery) -> FeedAnswer:
    """Answer with every recorder's feed."""
    instant = query.known_at or read_clock()
    known = bind_position(snapshot) | bind_known(query.known_at)
    parameters = known | {"org": query.org or "", **_bind_period(query), **bind_settled(instant)}
    sequences = _index_rows(snapshot.store.query(_SEQUENCES, parameters))
    figures = _index_rows(snapshot.store.query(_FIGURES, parameters))
    is_past = query.known_at is not None
    heard = _index_rows(snapshot.store.query(_SILENT if is_past else _HEARTBEATS, parameters))
    build = build_past_row if is_past else build_row
    asked = [one for one in ORGANISATIONS if query.org in (None, one.code)]
    rows = [
        build(one, sequences.get(one.code, {}), figures.get(one.code, {}), heard.get(one.code, {}), instant)
        for one in asked
    ]
    bounds = {"from": query.start, "to": query.end}
    behind = count_behind(snapshot)
    return {
        "rows": sorted(rows, key=lambda row: (row["region"], row["name"])),
        "judged_at": format_instant(instant),
        "known_at": format_instant(instant) if is_past else None,
        "complete": is_past and not behind and _is_complete(snapshot, instant),
        "behind": behind,
        "filters": {name: day.isoformat() for name, day in bounds.items() if day},
        "position": key_by_text(snapshot.position),
    }


def build_past_row(one: Organisation, sequence: Row, figures: Row, silent: Row, instant: datetime) -> FeedRow:
    """Build the row of one recorder as at a past instant, by what had arrived and whether an alert stood."""
    row = build_row(one, sequence, figures, {}, instant)
    row["verdict"] = judge_past_feed(bool(silent)).value
    row["unarrived"] = None
    row["silent_since"] = _spell_instant(silent.get("silent_since"))
    return row


def build_row(one: Organisation, sequence: Row, figures: Row, heard: Row, now: datetime) -> FeedRow:
    """Build the row of one recorder, and judge it."""
    state = read_state(sequence, figures, heard)
    due = find_due(state, count_millis(now))
    entry, transit = _take_quantiles(figures, "entry_delays"), _take_quantiles(figures, "transits")
    gaps = zip(sequence.get("firsts", ()), sequence.get("lasts", ()), strict=True)
    return {
        "org": one.code,
        "region": find_region(one.code, find_uk_day(count_millis(now))),
        "name": one.name,
        "verdict": judge_feed(state, count_millis(now)).value,
        "last_event_at": _spell_instant(figures.get("last_event_at")),
        "events": figures.get("events", 0),
        "admitted": figures.get("admitted", 0),
        "refused": figures.get("refused", 0),
        "entry_delay_median_seconds": entry[0],
        "entry_delay_p90_seconds": entry[1],
        "transit_median_seconds": transit[0],
        "transit_p90_seconds": transit[1],
        "heard_at": _spell_instant(heard.get("heard_at")),
        "sent_at": _spell_instant(heard.get("sent_at")),
        "interval_seconds": heard.get("interval_seconds"),
        "due_at": None if due is None else format_millis(due),
        "silent_since": None,
        "claimed_sequence": heard.get("last_sequence"),
        "first_sequence": sequence.get("first"),
        "last_sequence": sequence.get("last"),
        "unarrived": count_unarrived(state),
        "missing": state.missing,
        "jumps": [{"last": last, "next": following} for last, following in sequence.get("jumps", ())],
        "gaps": [{"first": first, "last": last} for first, last in gaps],
        "repeated": sequence.get("repeated", 0),
        "repeats": list(sequence.get("repeats", ())),
    }


def read_state(sequence: Row, figures: Row, heard: Row) -> FeedState:
    """Read what was heard of a feed from the rows that there are of it."""
    jumps = sequence.get("jumps", ())
    firsts = [sequence.get("first", 0), *(following for _, following in jumps)]
    lasts = [*(last for last, _ in jumps), sequence.get("last", 0)]
    return FeedState(
        heard_at=_count_millis(heard.get("heard_at")),
        interval_seconds=heard.get("interval_seconds"),
        claimed=heard.get("last_sequence"),
        arrived=lasts[find_run(firsts, heard.get("last_sequence"))],
        missing=int(sequence.get("missing", 0)),
        event_at=_count_millis(figures.get("last_event_at")),
    )


def bind_position(snapshot: Snapshot) -> dict[str, Any]:
    """Bind a moment's position, as ``BELOW`` takes it."""
    return {"position": snapshot.list_offsets()}


def bind_known(instant: datetime | None) -> dict[str, int]:
    """Bind by when the ledger must have learnt of an event, as ``LEARNT`` takes it; None: whenever."""
    return {"known_at": bind_bound(instant)}


def count_behind(snapshot: Snapshot) -> int:
    """Count the stored positions that the feeds have not read yet."""
    followed = {row["partition"]: row["next"] for row in snapshot.store.query(_FOLLOWED)}
    return sum(max(0, end - followed.get(number, 0)) for number, end in snapshot.position.items())


def _is_complete(snapshot: Snapshot, instant: datetime) -> bool:
    through = snapshot.find_complete_through()
    return through is not None and instant <= through


def _bind_period(query: FeedQuery) -> dict[str, Any]:
    start = query.start or make_date(0)
    return {"start": start, "end": query.end or LATEST}


def bind_settled(now: datetime) -> dict[str, int]:
    """Bind when a number must have been overtaken so that it is missing, and how far apart two are a jump."""
    rules = find_feed_rules(count_millis(now))
    return {"settled": count_millis(now - timedelta(seconds=rules.transit_seconds)), "jump": rules.jump_numbers}


def _index_rows(rows: list[Row]) -> Mapping[str, Row]:
    return {row["organisation"]: row for row in rows}


def _take_quantiles(figures: Row, name: str) -> tuple[int | None, int | None]:
    if not figures.get("measured"):
        return None, None
    median, most = figures[name]
    return round(median), round(most)


def _count_millis(found: datetime | None) -> int | None:
    return None if found is None else count_millis(found)


def _spell_instant(found: datetime | None) -> str | None:
    return None if found is None else format_instant(found)
