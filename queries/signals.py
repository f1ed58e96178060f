"""Signs of weak recording, judged of all recorders on one moment of the store: in a handful of reads."""

from collections.abc import Mapping
from typing import Any, Final

from ledger.instants import count_days, find_end_of_day, find_period_before
from ledger.organisations import ORGANISATIONS, Organisation, find_region
from ledger.vocabulary import ThreatKind
from methodology.assessed import UNKNOWN
from methodology.signals import Recording, SignalKind, SignalRules, find_signal_rules, find_signs
from queries.balance_queries import ThreatQuery
from queries.balances import answer_threats
from queries.feed_answers import SignalAnswer, SignalRecordsAnswer, SignalRow
from queries.feeds import count_behind
from queries.plain import key_by_text, make_plain
from queries.rejections import add_zone
from queries.signal_queries import SignalQuery, SignalRecordsQuery
from queries.signal_sources import BEFORE, NOW, PERIODS, RECORDED, REFUSED, bind_recorded
from queries.snapshot import Snapshot

KINDS: Final = (*(one.value for one in ThreatKind), UNKNOWN)
_SUMMED: Final = f"""
SELECT period, organisation, count() AS recorded, countIf(standing = 'COUNTED') AS counted,
    countIf(standing = 'COUNTED' AND pillar = 'PURSUE') AS pursue,
    countIf(standing = 'COUNTED' AND pillar = 'PREVENT') AS prevent,
    countIf(standing = 'COUNTED' AND pillar = 'PROTECT') AS protect,
    countIf(standing = 'AWAITING_THREAT') AS awaiting, countIf(standing = 'SECOND_PILLAR') AS second_pillar,
    [{", ".join(f"countIf(kind = '{one}')" for one in KINDS)}] AS kinds,
    countIf(is_active) AS active, countIf(is_measured) AS measured, countIf(is_late) AS late,
    if(measured = 0, 0, quantileExactInclusiveIf(0.5)(delay, is_measured)) / 86400 AS delay_days,
    countIf(is_closed) AS closed, countIf(is_unmoderated) AS unmoderated
FROM ({RECORDED}) ARRAY JOIN {PERIODS} AS period GROUP BY period, organisation
"""  # noqa: S608  (names of ours alone; values are parameters)
_REJECTIONS: Final = f"SELECT organisation, count() AS support_refused FROM ({REFUSED}) GROUP BY organisation"  # noqa: S608  (as above)
_BEHIND: Final[Mapping[str, str]] = {
    SignalKind.LATE_ENTRY: f"SELECT * FROM ({RECORDED}) WHERE is_late",  # noqa: S608  (as above)
    SignalKind.UNFIT_THREATS: f"SELECT * FROM ({RECORDED}) WHERE is_closed OR is_unmoderated",  # noqa: S608  (as above)
    SignalKind.SUPPORT_BY_FORCE: REFUSED,
}
_LISTING: Final = """
SELECT threat_id, disruption_id, event_date, entered, partition, offset, count() OVER () AS total
FROM ({source}) ORDER BY event_date, disruption_id, threat_id LIMIT {most:UInt64}
"""


def answer_signals(snapshot: Snapshot, query: SignalQuery) -> SignalAnswer:
    """Answer with the signs that recorders show, by sign, region and name."""
    rules = find_signal_rules(count_days(query.end))
    now, before = read_recordings(snapshot, query, rules)
    rows = [row for one in ORGANISATIONS for row in judge_recorder(one, now, before, query, rules)]
    order = list(SignalKind)
    rows.sort(key=lambda row: (order.index(SignalKind(row["signal"])), row["region"], row["name"]))
    filters = {"from": query.start.isoformat(), "to": query.end.isoformat()}
    return {
        "rows": [row for row in rows if query.org in (None, row["org"])],
        "bounds": {name: bound for name, bound in rules._asdict().items() if name != "since"},
        "judged": sum(1 for one in now.values() if one.recorded),
        "behind": count_behind(snapshot),
        "filters": filters | ({"org": query.org} if query.org else {}),
        "position": key_by_text(snapshot.position),
    }


def judge_recorder(
    one: Organisation,
    now: Mapping[str, Recording],
    before: Mapping[str, Recording],
    query: SignalQuery,
    rules: SignalRules,
) -> list[SignalRow]:
    """Judge one recorder, beside those of its kind."""
    peers = [now[other.code] for other in ORGANISATIONS if other.kind == one.kind and other.code in now]
    signs = find_signs(now.get(one.code, Recording()), before.get(one.code, Recording()), peers, rules)
    region = find_region(one.code, count_days(query.end))
    return [
        {
            "signal": sign.kind.value,
            "org": one.code,
            "region": region,
            "name": one.name,
            "n": sign.n,
            "out_of": sign.out_of,
            "beside": sign.beside,
            "moved": [each.value for each in sign.moved],
        }
        for sign in signs
    ]


def read_recordings(
    snapshot: Snapshot, query: SignalQuery, rules: SignalRules
) -> tuple[dict[str, Recording], dict[str, Recording]]:
    """Read how each recorder's disruptions of a period are recorded, and those of the period before it, at once.

    Of the period before there is what a change is judged by: neither threats nor what was refused.
    """
    bound = bind_recorded(snapshot, query, rules.late_days, find_period_before(query.start, query.end))
    summed: dict[str, dict[str, dict[str, Any]]] = {NOW: {}, BEFORE: {}}
    for row in snapshot.store.query(_SUMMED, bound):
        period, organisation, kinds = row.pop("period"), row.pop("organisation"), tuple(row.pop("kinds"))
        summed[period][organisation] = row | {"kinds": kinds}
    refused = {row["organisation"]: row["support_refused"] for row in snapshot.store.query(_REJECTIONS, bound)}
    threats = _count_threats(snapshot, query)
    now = {
        code: Recording(
            **{"kinds": (0,) * len(KINDS)} | summed[NOW].get(code, {}),
            threats=sum(threats.get(code, {}).values()),
            vulnerabilities=threats.get(code, {}).get(ThreatKind.VULNERABILITY, 0),
            support_refused=refused.get(code, 0),
        )
        for code in {*summed[NOW], *refused, *threats}
    }
    return now, {code: Recording(**found) for code, found in summed[BEFORE].items()}


def answer_signal_records(snapshot: Snapshot, query: SignalRecordsQuery) -> SignalRecordsAnswer:
    """Answer with the first records behind a sign."""
    bound = bind_recorded(snapshot, query, find_signal_rules(count_days(query.end)).late_days) | {"org": query.org}
    sql = _LISTING.replace("{source}", _BEHIND[query.signal])
    found = snapshot.store.query(sql, bound | {"most": query.limit})
    rows = [{name: add_zone(value) for name, value in row.items() if name != "total"} for row in found]
    return {
        "rows": make_plain(rows),
        "total": found[0]["total"] if found else 0,
        "signal": query.signal,
        "org": query.org,
        "position": key_by_text(snapshot.position),
    }


def _count_threats(snapshot: Snapshot, query: SignalQuery) -> dict[str, dict[str, int]]:
    """Count each owner's threats that were active at the period's end, or as at an instant before that, by kind."""
    found: dict[str, dict[str, int]] = {}
    end = find_end_of_day(query.end)
    as_at = end if query.as_at is None else min(end, query.as_at)
    for row in answer_threats(snapshot, ThreatQuery(by=("org", "kind"), as_at=as_at, known_at=query.known_at)).rows:
        found.setdefault(str(row["org"]), {})[str(row["kind"])] = int(row["n"])
    return found
