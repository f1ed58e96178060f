"""What signs are judged by: every lead disruption that stands in a period, beside its first entry and its threat then.

- *Stands*: its legs, on the question's basis, do not cancel. Support is in none of it.
- *First entry*: when its first version was entered, by the recorder of whom it stands now.
- *Its threat then*: closed and moderated or not, as the threat was last known to its owner at that entry; a threat that
  was entered later is neither.

Legs and first entries are grouped in one pass, by one text: no reference holds the character between its names. Of
what is stored twice only legs would be counted twice, so only they are read with FINAL. Of threats those are looked up
that were ever unfit.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from queries.feeds import BELOW, ENDED
from queries.period_query import PeriodQuery
from queries.question import INSTANT, KNOWN, bind_instants
from sinks.integrity import list_offsets

_IN_PERIOD: Final = "event_date BETWEEN {start:Date32} AND {end:Date32}"
_IN_BEFORE: Final = "event_date BETWEEN {before_start:Date32} AND {before_end:Date32}"
NOW: Final = "now"
BEFORE: Final = "before"
PERIODS: Final = f"arrayFilter(one -> if(one = '{NOW}', {_IN_PERIOD}, {_IN_BEFORE}), ['{NOW}', '{BEFORE}'])"
"""The periods that a disruption stands in: that which is asked for, and that before it; long ones overlap."""

_RECORDERS: Final = "(empty({recorders:Array(String)}) OR organisation IN {recorders:Array(String)})"
_THREATS: Final = "(empty({threats:Array(String)}) OR threat_id IN {threats:Array(String)})"
_NEVER: Final = "toDateTime64(0, 3, 'UTC')"
_PLACED: Final = f"""
SELECT any(recorder) AS organisation, any(threat) AS threat_id, any(disruption) AS disruption_id,
    addDays(toDate32('1970-01-01'), sum(day)) AS event_date, max(is_entry) AS is_measured, max(entry_at) AS entered,
    max(entry_partition) AS partition, max(entry_offset) AS offset,
    if(is_measured, greatest(0, toUnixTimestamp(entered) - {ENDED}), 0) AS delay,
    delay > {{late_days:UInt32}} * 86400 AS is_late
FROM (
    SELECT organisation AS recorder, threat_id AS threat, disruption_id AS disruption, toInt64(sign) AS stands,
        sign * toInt64(toInt32(event_date)) AS day, false AS is_entry, {_NEVER} AS entry_at,
        toInt32(0) AS entry_partition, toInt64(0) AS entry_offset
    FROM postings FINAL
    PREWHERE type = 'LEAD' AND ({_IN_PERIOD} OR {_IN_BEFORE}) AND {_RECORDERS} AND {_THREATS} AND {BELOW} AND {KNOWN}
    UNION ALL
    SELECT organisation, threat_id, assumeNotNull(disruption_id), 0, 0, true, entered_at, partition, offset
    FROM entries
    PREWHERE verdict = 'ADMITTED' AND record = 'DisruptionEvent' AND version = 1 AND {_RECORDERS} AND {_THREATS}
        AND {BELOW} AND {KNOWN}
) GROUP BY concat(recorder, '\\0', threat, '\\0', disruption) HAVING sum(stands) > 0
"""  # noqa: S608  (names of ours alone; values are parameters)
_UNFIT: Final = f"""
SELECT threat_id FROM threat_postings
WHERE sign = 1 AND (closed OR moderation_status != 'MODERATED') AND {_THREATS} AND {BELOW} AND {KNOWN}
"""  # noqa: S608  (as above)
_STATES: Final = f"""
SELECT threat_id, entered_at AS since, max(closed) AS closed, max(moderation_status) AS moderation
FROM threat_postings
WHERE sign = 1 AND {_THREATS} AND {BELOW} AND {KNOWN} AND threat_id IN ({_UNFIT}) GROUP BY threat_id, since
"""  # noqa: S608  (as above)
RECORDED: Final = f"""
SELECT placed.*, states.since > {_NEVER} AS is_known, is_known AND states.closed AS is_closed,
    is_known AND NOT states.closed AND states.moderation != 'MODERATED' AS is_unmoderated
FROM ({_PLACED}) AS placed ASOF LEFT JOIN ({_STATES}) AS states
    ON placed.threat_id = states.threat_id AND placed.entered >= states.since
"""  # noqa: S608  (as above)
UNFIT_COUNTS: Final = f"""
SELECT period, organisation, countIf(is_measured) AS measured, countIf(is_late) AS late, countIf(is_closed) AS closed,
    countIf(is_unmoderated) AS unmoderated
FROM ({RECORDED}) ARRAY JOIN {PERIODS} AS period GROUP BY period, organisation
"""  # noqa: S608  (as above)
JUMPED: Final = f"""
SELECT period, organisation,
    countIf(is_measured AND (partition, offset) IN (
        SELECT partition, offset FROM feed_events WHERE version = 1 AND has_activity AND {_RECORDERS})) AS active,
    if(countIf(is_measured) = 0, 0, toInt64(2 * quantileExactInclusiveIf(0.5)(delay, is_measured))) AS half_seconds
FROM ({_PLACED}) ARRAY JOIN {PERIODS} AS period GROUP BY period, organisation
"""  # noqa: S608  (as above)
REFUSED: Final = f"""
SELECT organisation, threat_id, disruption_id, event_date, entered_at AS entered, partition, offset, code
FROM feed_events
WHERE code = 'SUPPORT_BY_FORCE' AND ifNull({_IN_PERIOD}, false) AND {_RECORDERS} AND organisation != '' AND {BELOW}
    AND ledger_time <= {INSTANT % "known_at"} AND ifNull(entered_at <= {INSTANT % "as_at"}, true)
LIMIT 1 BY partition, offset
"""  # noqa: S608  (as above)


def bind_recorded(
    query: PeriodQuery[Any], position: Mapping[int, int], late_days: int, before: tuple[date, date] | None = None
) -> dict[str, Any]:
    """Bind what the sources take, of all: ``recorders`` and ``threats`` hold them to some.

    Args:
        query: the period, and the two instants.
        position: where it stands.
        late_days: entered so long after the event is late.
        before: the period before it, where disruptions of that are asked for too.
    """
    start, end = query.start, query.end
    first, last = before or (start, end)
    periods = {"start": start, "end": end, "before_start": first, "before_end": last}
    held = {"recorders": [], "threats": [], "position": list_offsets(position), "late_days": late_days}
    return bind_instants(query.as_at, query.known_at) | periods | held
