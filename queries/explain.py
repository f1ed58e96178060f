"""One disruption's story: what was published of it, what that posted, where it stands, and what was rejected."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final, cast

from queries.answers import AccountRow
from queries.plain import make_plain
from queries.record_answers import AssessmentRow
from queries.record_queries import AssessmentsQuery, DisruptionQuery
from queries.snapshot import Snapshot
from sinks.store import Row, Store

_ENTRIES: Final = """
SELECT threat_id, version, verdict, event_id, organisation, entered_at, ledger_time, partition, offset,
    rules_version, rules_digest, software
FROM entries FINAL WHERE disruption_id = {disruption_id:String} AND part = 0
    AND offset < {position:Array(Int64)}[partition + 1]
ORDER BY threat_id, partition, offset
"""
_POSTINGS: Final = """
SELECT threat_id, sign, organisation, type, pillar, kind, crime_type, category, event_date, standing,
    entered_at, ledger_time, partition, offset, leg, event_id
FROM postings FINAL WHERE disruption_id = {disruption_id:String} AND offset < {position:Array(Int64)}[partition + 1]
ORDER BY threat_id, partition, offset, leg
"""
_REJECTIONS: Final = """
SELECT event_id, code, message, partition, offset, ledger_time, threat_id, original_size, original_digest
FROM rejected FINAL WHERE disruption_id IN ({disruption_id:String}, {as_written:String})
    AND offset < {position:Array(Int64)}[partition + 1]
ORDER BY partition, offset
"""
_ASSESSMENTS: Final = """
SELECT partition, offset, version, verdict, entered_at, ledger_time
FROM entries FINAL WHERE threat_id = {threat_id:String} AND record = 'ThreatEvent' AND part = 0
    AND offset < {position:Array(Int64)}[partition + 1]
ORDER BY partition, offset
"""
_ACCOUNT: Final = tuple(AccountRow.__annotations__)


def tell_story(store: Store, query: DisruptionQuery, position: list[int]) -> dict[str, Any]:
    """Tell the story, per threat that the reference lives under (the same one under two threats is two disruptions).

    ``threats`` is a list of ``threat_id``, ``entries`` (the versions, resends included), ``postings`` (each leg with
    the position of the event behind it) and ``stands_in`` (the account whose legs do not cancel; none once withdrawn).
    ``refusals`` are those that name the reference, or name it as the asker wrote it.
    """
    asked = {"disruption_id": query.reference, "as_written": query.as_written, "position": position}
    entries, postings, rejections = (_query_plain(store, sql, asked) for sql in (_ENTRIES, _POSTINGS, _REJECTIONS))
    threats = sorted({row["threat_id"] for row in entries} | {row["threat_id"] for row in postings})
    return {
        "disruption_id": query.reference,
        "threats": [_tell_threat(threat_id, entries, postings) for threat_id in threats],
        "refusals": rejections,
    }


def list_assessments(snapshot: Snapshot, query: AssessmentsQuery) -> list[AssessmentRow]:
    """List the entries of a threat's own events."""
    asked = {"threat_id": query.threat_id, "position": snapshot.list_offsets()}
    return cast(list[AssessmentRow], _query_plain(snapshot.store, _ASSESSMENTS, asked))


def _query_plain(store: Store, sql: str, asked: dict[str, Any]) -> list[Row]:
    found: list[Row] = make_plain(store.query(sql, asked))
    return found


def _tell_threat(threat_id: str, entries: list[Row], postings: list[Row]) -> dict[str, Any]:
    legs = [row for row in postings if row["threat_id"] == threat_id]
    return {
        "threat_id": threat_id,
        "entries": [row for row in entries if row["threat_id"] == threat_id],
        "postings": legs,
        "stands_in": list_accounts(legs),
    }


def list_accounts(legs: Sequence[Mapping[str, Any]]) -> list[Row]:
    """List the accounts that the legs leave it in."""

    def find_account(leg: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(str(leg[name]) for name in _ACCOUNT)

    left = []
    for _, group in groupby(sorted(legs, key=find_account), key=find_account):
        same = list(group)
        if sum(leg["sign"] for leg in same):
            left.append({name: same[0][name] for name in _ACCOUNT})
    return left
