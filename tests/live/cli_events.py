"""A small ledger's worth of events, written by hand, for ``test_cli.py``; what they come to is said beside each."""

import json
from typing import Any

Record = dict[str, Any]


def make_event_id(number: int) -> str:
    """The event id with that number."""
    return f"00000000-0000-4000-8000-{number:012d}"


def make_threat(number: int, threat_id: str, owner: str, **changes: Any) -> Record:
    """An assessment of an OCG in drugs that rule 8 counts."""
    return {
        "record": "ThreatEvent",
        "event_id": make_event_id(number),
        "threat_id": threat_id,
        "version": 1,
        "owner": owner,
        "source_sequence": number,
        "kind": "OCG",
        "crime_type": "DRUGS",
        "assessment_type": "TACTICAL",
        "moderation_status": "MODERATED",
        "soc": True,
        "tier": 2,
        "phase": "Active",
        "assessed_on": "2021-01-10",
        "entered_at": "2021-01-10T09:00:00Z",
        "actor": "a-1",
    } | changes


def make_disruption(number: int, disruption_id: str, happened: str, entered: str, **changes: Any) -> Record:
    """A minor pursue disruption that the Metropolitan Police led against the OCG ``T-OCG``."""
    return {
        "record": "DisruptionEvent",
        "event_id": make_event_id(number),
        "change": "RECORDED",
        "disruption_id": disruption_id,
        "version": 1,
        "threat_id": "T-OCG",
        "recorded_by": "metropolitan",
        "source_sequence": number,
        "type": "LEAD",
        "pillar": "PURSUE",
        "category": "MINOR",
        "event_date": happened,
        "entered_at": f"{entered}T09:00:00Z",
        "actor": "a-1",
    } | changes


D1 = make_disruption(11, "D-1", "2022-03-01", "2022-03-02", category="MAJOR")

GOOD = [
    make_threat(1, "T-OCG", "metropolitan"),
    make_threat(2, "T-VUL", "metropolitan", kind="VULNERABILITY", crime_type="MSHT", moderation_status="UNMODERATED"),
    make_threat(3, "T-TARIAN", "rocu-tarian"),
    D1,  # counted
    D1,  # sent again: kept, counted once
    make_disruption(12, "D-2", "2022-03-05", "2022-08-01", pillar="PROTECT"),  # counted; entered late
    make_disruption(13, "D-3", "2022-04-01", "2022-04-02", category="UNASSESSED"),
    make_disruption(14, "D-3", "2022-04-01", "2022-05-01", category="MODERATE", version=2,
                    change="REASSESSED", reason="r"),
    make_disruption(15, "D-4", "2022-04-03", "2022-04-04"),
    make_disruption(16, "D-4", "2022-04-03", "2022-06-01", version=2, change="WITHDRAWN", reason="r"),  # nowhere
    make_disruption(17, "D-5", "2022-02-02", "2022-02-03", threat_id="T-VUL", pillar="PREVENT"),  # kind not permitted
    make_disruption(18, "D-6", "2022-04-20", "2022-04-21", threat_id="T-TARIAN", recorded_by="rocu-tarian",
                    type="SUPPORT", benefits="south-wales"),  # support, counted
    make_disruption(19, "D-7", "2022-04-22", "2022-04-23", threat_id="T-NONE", recorded_by="kent"),  # awaits its threat
    make_disruption(20, "D-8", "2022-02-10", "2022-02-11", pillar="PREVENT", activity_ref="A-1"),  # counted
    make_disruption(21, "D-9", "2022-02-10", "2022-02-12", activity_ref="A-1"),  # its activity is one of prevent
]  # fmt: skip

SPREADSHEET = f"""\
record,event_id,change,disruption_id,version,threat_id,recorded_by,source_sequence,type,pillar,category,event_date,entered_at,actor
DisruptionEvent,{make_event_id(31)},RECORDED,D-10,1,T-OCG,btp,1,LEAD,PURSUE,MINOR,2022-06-30,2022-07-01T09:00:00Z,a-2
DisruptionEvent,{make_event_id(32)},RECORDED,D-11,1,T-OCG,btp,2,LEAD,PURSUE,MINOR,31/06/2022,2022-07-01T09:00:00Z,a-2
"""  # the second row's date is none

# What `publish` sends and intake refuses, by the code that is to be given.
REFUSED = {
    "UNRECOGNISED_VALUE": make_disruption(81, "R-1", "2022-01-01", "2022-01-02", pillar="UNRECOGNISED"),
    "UNKNOWN_ORGANISATION": make_disruption(82, "R-2", "2022-01-01", "2022-01-02", recorded_by="atlantis"),
    "SUPPORT_BY_FORCE": make_disruption(83, "R-3", "2022-01-01", "2022-01-02", type="SUPPORT", benefits="kent"),
    "SUPPORT_WITHOUT_BENEFICIARY": make_disruption(
        84, "R-4", "2022-01-01", "2022-01-02", type="SUPPORT", recorded_by="rocu-tarian"
    ),
    "SUPPORT_OF_ITSELF": make_disruption(
        85, "R-5", "2022-01-01", "2022-01-02", type="SUPPORT", recorded_by="rocu-tarian", benefits="rocu-tarian"
    ),
    "EVENT_ID_REUSED": D1 | {"disruption_id": "R-6"},
    "VERSION_NOT_NEXT": make_disruption(86, "D-1", "2022-03-01", "2022-03-03", version=3, change="AMENDED", reason="r"),
    "CHANGE_NOT_LEGAL": make_disruption(87, "R-7", "2022-01-01", "2022-01-02", change="AMENDED", reason="r"),
    "ENTERED_BEFORE_PREVIOUS": make_disruption(
        88, "D-1", "2022-03-01", "2022-03-01", version=2, change="AMENDED", reason="r"
    ),
    "ENTERED_IN_FUTURE": make_disruption(89, "R-8", "2022-01-01", "2199-01-01"),
    "EVENT_AFTER_ENTRY": make_disruption(90, "R-9", "2022-01-03", "2022-01-02"),
}


def write_ndjson(records: list[Record]) -> str:
    """One record a line."""
    return "".join(f"{json.dumps(record)}\n" for record in records)
