"""A force's own list of events beside what the ledger has of its days: what stands where, what is in one alone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from queries.client import Client
from queries.reconcile_answers import EventFate
from queries.reconcile_queries import IDS_MOST, DayFatesQuery, EventFatesQuery

NEVER_SEEN: Final = "NEVER_SEEN"


def compare_list(client: Client, ids: Sequence[str], org: str, days: dict[str, str | None]) -> dict[str, Any]:
    """Compare a list of event ids with the ledger.

    ``events`` has the fate of each id of the list, ``unlisted`` of each event of the days that the list does not name.
    """
    of_days = {row["event_id"]: row for row in _read_days(client, org, days)}
    listed = Counter(ids)
    elsewhere = {row["event_id"]: row for row in _find_elsewhere(client, [one for one in listed if one not in of_days])}
    known = of_days | elsewhere
    events: list[Mapping[str, Any]] = [known.get(one) or {"event_id": one, "verdict": NEVER_SEEN} for one in listed]
    return {
        "listed": len(listed),
        "listed_twice": sum(n > 1 for n in listed.values()),
        "verdicts": dict(Counter(row["verdict"] for row in events)),
        "resent": sum(row.get("resent", 0) > 0 for row in events),
        "of_others": sum(row.get("organisation", org) != org for row in events),
        "of_other_days": sum(one in elsewhere for one in listed),
        "events": events,
        "unlisted": [row for one, row in of_days.items() if one not in listed],
    }


def _read_days(client: Client, org: str, days: dict[str, str | None]) -> Iterator[EventFate]:
    """Read the events of the days, page after page."""
    after: str | None = None
    while True:
        page = client.ask(DayFatesQuery, org=org, after=after, **days)
        yield from page["rows"]
        after = page["next"]
        if after is None:
            return


def _find_elsewhere(client: Client, ids: Sequence[str]) -> Iterator[EventFate]:
    """Find what is known of ids that are not of the days."""
    for first in range(0, len(ids), IDS_MOST):
        yield from client.ask(EventFatesQuery, ids=",".join(ids[first : first + IDS_MOST]))["rows"]
