"""Signs of weak recording, judged of all recorders on one moment of the store, and the records behind them."""

from collections.abc import Mapping
from typing import Final

from ledger.instants import count_days
from ledger.organisations import ORGANISATIONS, Organisation, find_region
from methodology.signals import Recording, SignalKind, SignalRules, find_signal_rules, find_signs
from queries.feed_answers import SignalAnswer, SignalRecordsAnswer, SignalRow
from queries.feeds import count_behind
from queries.plain import key_by_text, make_plain
from queries.recordings import read_recordings
from queries.signal_queries import SignalQuery, SignalRecordsQuery
from queries.signal_sources import RECORDED, REFUSED, bind_recorded
from queries.snapshot import Snapshot

_BEHIND: Final[Mapping[str, str]] = {
    SignalKind.LATE_ENTRY: f"SELECT * FROM ({RECORDED}) WHERE is_late",  # noqa: S608  (names of ours alone; values are parameters)
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
    behind = count_behind(snapshot)  # before what is read of the feeds, which may have come further by then
    now, before = read_recordings(snapshot, query, rules, behind)
    rows = [row for one in ORGANISATIONS for row in judge_recorder(one, now, before, query, rules)]
    order = list(SignalKind)
    rows.sort(key=lambda row: (order.index(SignalKind(row["signal"])), row["region"], row["name"]))
    filters = {"from": query.start.isoformat(), "to": query.end.isoformat()}
    return {
        "rows": [row for row in rows if query.org in (None, row["org"])],
        "bounds": {name: bound for name, bound in rules._asdict().items() if name != "since"},
        "judged": sum(1 for one in now.values() if one.recorded),
        "behind": behind,
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


def answer_signal_records(snapshot: Snapshot, query: SignalRecordsQuery) -> SignalRecordsAnswer:
    """Answer with the first records behind a sign."""
    late_days = find_signal_rules(count_days(query.end)).late_days
    bound = bind_recorded(query, snapshot.position, late_days) | {"recorders": [query.org]}
    sql = _LISTING.replace("{source}", _BEHIND[query.signal])
    found = snapshot.store.query(sql, bound | {"most": query.limit})
    rows = [{name: value for name, value in row.items() if name != "total"} for row in found]
    return {
        "rows": make_plain(rows),
        "total": found[0]["total"] if found else 0,
        "signal": query.signal,
        "org": query.org,
        "position": key_by_text(snapshot.position),
    }
