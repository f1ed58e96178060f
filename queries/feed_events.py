"""The last events of a recorder, and what became of each: where its disruption stands now, or why it was rejected."""

from typing import Final

from queries.feed_answers import FeedEvent, FeedEventAnswer
from queries.feed_queries import FeedEventQuery
from queries.feeds import BELOW, bind_position
from queries.originals import PLACES, EntryPlace, bind_places, take_place
from queries.plain import key_by_text, make_plain
from queries.snapshot import Snapshot
from queries.threat_sums import OF_THREATS
from sinks.store import Row

_EVENTS: Final = f"""
SELECT partition, offset, ledger_time, source_sequence, record, verdict, code, event_id, threat_id, disruption_id,
    version, event_date, entered_at
FROM feed_events FINAL WHERE organisation = {{org:String}} AND {BELOW}
ORDER BY ledger_time DESC, source_sequence DESC, partition, offset DESC LIMIT {{most:UInt64}}
"""  # noqa: S608  (names of ours alone; values are parameters)
_STANDINGS: Final = f"""
SELECT threat_id, disruption_id, standing FROM postings FINAL
WHERE {OF_THREATS} AND disruption_id IN {{disruptions:Array(String)}} AND {BELOW}
GROUP BY threat_id, disruption_id, standing HAVING sum(sign) > 0
"""  # noqa: S608  (as above)
_SENTENCES: Final = f"SELECT partition, offset, message FROM rejected FINAL WHERE {PLACES}"  # noqa: S608  (as above)


def answer_feed_events(snapshot: Snapshot, query: FeedEventQuery) -> FeedEventAnswer:
    """Answer with the last events of a recorder, the newest first."""
    parameters = bind_position(snapshot) | {"org": query.org, "most": query.limit}
    found = snapshot.store.query(_EVENTS, parameters)
    standings = find_standings(snapshot, found)
    sentences = _find_sentences(snapshot, found)
    return {
        "rows": [_tell_fate(row, standings, sentences) for row in found],
        "org": query.org,
        "position": key_by_text(snapshot.position),
    }


def _tell_fate(row: Row, standings: dict[tuple[str, str], str], sentences: dict[EntryPlace, str]) -> FeedEvent:
    """Tell what became of an event; its disruption may stand nowhere, and a threat never stands."""
    fate = {
        "standing": standings.get((row["threat_id"], row["disruption_id"])),
        "message": sentences.get(take_place(row)),
    }
    found: FeedEvent = make_plain(row | fate)
    return found


def find_standings(snapshot: Snapshot, found: list[Row]) -> dict[tuple[str, str], str]:
    """Find where the disruptions of events stand now, whoever records them by now; some stand nowhere."""
    named = [row for row in found if row["disruption_id"]]
    threats, disruptions = ({row[name] for row in named} for name in ("threat_id", "disruption_id"))
    asked = {"threats": sorted(threats), "disruptions": sorted(disruptions)}
    rows = snapshot.store.query(_STANDINGS, bind_position(snapshot) | asked) if named else []
    return {(row["threat_id"], row["disruption_id"]): row["standing"] for row in rows}


def _find_sentences(snapshot: Snapshot, found: list[Row]) -> dict[EntryPlace, str]:
    refused = [take_place(row) for row in found if row["code"]]
    rows = snapshot.store.query(_SENTENCES, bind_places(refused)) if refused else []
    return {take_place(row): row["message"] for row in rows}
