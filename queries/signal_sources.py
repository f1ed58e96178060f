"""What signs are judged by: every lead disruption that stands in a period, beside its first entry and its threat then.

- *Stands*: its legs, on the question's basis, do not cancel. Support is in none of it.
- *First entry*: when its first version was entered, of ``feed_events``.
- *Its threat then*: closed and moderated or not, as the threat was last known to its owner at that entry; a threat that
  was entered later is neither.
"""

from datetime import date
from typing import Any, Final

from queries.feeds import BELOW, ENDED, ONE_RECORDER, bind_position
from queries.period_query import PeriodQuery
from queries.question import INSTANT, KNOWN, bind_instants
from queries.snapshot import Snapshot

_IN_PERIOD: Final = "event_date BETWEEN {start:Date32} AND {end:Date32}"
_IN_BEFORE: Final = "event_date BETWEEN {before_start:Date32} AND {before_end:Date32}"
NOW: Final = "now"
BEFORE: Final = "before"
PERIODS: Final = f"arrayFilter(one -> if(one = '{NOW}', {_IN_PERIOD}, {_IN_BEFORE}), ['{NOW}', '{BEFORE}'])"
"""The periods that a disruption stands in: that which is asked for, and that before it; long ones overlap."""

STANDING: Final = f"""
SELECT organisation, threat_id, disruption_id, pillar, kind, standing, event_date
FROM postings FINAL
PREWHERE type = 'LEAD' AND ({_IN_PERIOD} OR {_IN_BEFORE}) AND {ONE_RECORDER} AND {BELOW} AND {KNOWN}
GROUP BY organisation, threat_id, disruption_id, pillar, kind, standing, event_date HAVING sum(sign) > 0
"""  # noqa: S608  (names of ours alone; values are parameters)
_FIRSTS: Final = f"""
SELECT organisation, threat_id, disruption_id, min(entered_at) AS entered_first, max(has_activity) AS active,
    true AS known, argMin(partition, entered_at) AS at_partition, argMin(offset, entered_at) AS at_offset
FROM feed_events FINAL
WHERE verdict = 'ADMITTED' AND record = 'DisruptionEvent' AND version = 1 AND {ONE_RECORDER} AND {BELOW} AND {KNOWN}
GROUP BY organisation, threat_id, disruption_id
"""  # noqa: S608  (as above)
_STATES: Final = f"""
SELECT threat_id, entered_at AS since, max(closed) AS closed, any(moderation_status) AS moderation
FROM threat_postings FINAL WHERE sign = 1 AND {BELOW} AND {KNOWN} GROUP BY threat_id, since
"""  # noqa: S608  (as above)
RECORDED: Final = f"""
SELECT *, threat_since > toDateTime64(0, 3, 'UTC') AS is_known, is_known AND threat_closed AS is_closed,
    is_known AND NOT threat_closed AND moderation != 'MODERATED' AS is_unmoderated
FROM (
    SELECT placed.*, states.since AS threat_since, states.closed AS threat_closed, states.moderation AS moderation
    FROM (
        SELECT stands.*, firsts.active AS is_active, firsts.at_partition AS partition, firsts.at_offset AS offset,
            firsts.known AS is_measured, ifNull(firsts.entered_first, toDateTime64(0, 3, 'UTC')) AS entered,
            if(is_measured, greatest(0, toUnixTimestamp(entered) - {ENDED}), 0) AS delay,
            delay > {{late_days:UInt32}} * 86400 AS is_late
        FROM ({STANDING}) AS stands LEFT JOIN ({_FIRSTS}) AS firsts USING (organisation, threat_id, disruption_id)
    ) AS placed ASOF LEFT JOIN ({_STATES}) AS states
        ON placed.threat_id = states.threat_id AND placed.entered >= states.since
)
"""  # noqa: S608  (as above)
REFUSED: Final = f"""
SELECT organisation, threat_id, disruption_id, event_date, entered_at AS entered, partition, offset, code
FROM feed_events FINAL
WHERE code = 'SUPPORT_BY_FORCE' AND ifNull({_IN_PERIOD}, false) AND {ONE_RECORDER} AND organisation != '' AND {BELOW}
    AND ledger_time <= {INSTANT % "known_at"} AND ifNull(entered_at <= {INSTANT % "as_at"}, true)
"""  # noqa: S608  (as above)


def bind_recorded(
    snapshot: Snapshot, query: PeriodQuery[Any], late_days: int, before: tuple[date, date] | None = None
) -> dict[str, Any]:
    """Bind what the sources take, for all recorders: ``org`` holds them to one.

    Args:
        query: the period, and the two instants.
        late_days: entered so long after the event is late.
        before: the period before it, where disruptions of that are asked for too.
    """
    bound = bind_instants(query.as_at, query.known_at)
    start, end = query.start, query.end
    first, last = before or (start, end)
    periods = {"start": start, "end": end, "before_start": first, "before_end": last}
    return bind_position(snapshot) | bound | periods | {"org": "", "late_days": late_days}
