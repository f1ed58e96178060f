"""What a stream of live movement consists of: the state of the ledger, events of what changed, heartbeats. Pure.

An event goes from one position to a later one and names every cell whose count is another there, lead apart from
support. Events that follow on each other join to one, so that who is slow is sent less often, and never less.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ledger.instants import format_instant
from queries.answers import BalanceRow

CELL: Final = ("org", "pillar", "kind", "crime_type")
TYPE: Final = "type"
BEHIND_SECONDS: Final = 10.0  # beyond the margin of completeness
RETRY_MILLISECONDS: Final = 1_000  # what a browser waits before it comes again


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """How the ledger does at a position.

    Attributes:
        cursor: the position.
        newest: ledger time of the newest entry; None while there is none.
        complete_through: the greatest instant known to be complete; None while none is known.
        margin: how far from now it is at best.
        troubles: how many health has; None before it was looked at.
        alerts: how many alerts stand; None before it was looked.
        lag: published events that are not stored; None while nobody can tell.
    """

    cursor: str
    newest: datetime | None
    complete_through: datetime | None
    margin: timedelta
    troubles: int | None
    alerts: int | None
    lag: int | None

    def is_behind(self, now: datetime) -> bool:
        """Tell whether the figures lag behind what is published, or nobody can tell how far they reach."""
        reach = timedelta(seconds=BEHIND_SECONDS) + self.margin
        return self.complete_through is None or now - self.complete_through > reach

    def list_fields(self, now: datetime) -> dict[str, Any]:
        """List it as the fields of a message."""
        return {
            "cursor": self.cursor,
            "at": format_instant(now),
            "newest": None if self.newest is None else format_instant(self.newest),
            "age_seconds": None if self.newest is None else max(0.0, (now - self.newest).total_seconds()),
            "complete_through": None if self.complete_through is None else format_instant(self.complete_through),
            "behind": None if self.troubles is None else self.is_behind(now),
            "troubles": self.troubles,
            "alerts": self.alerts,
            "lag": self.lag,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEvent:
    """What changed from ``since`` to ``cursor``: by cell and type, ``n`` there and by how much it ``moved``."""

    since: str
    cursor: str
    rows: Sequence[BalanceRow]

    def encode_message(self, state: LiveState, now: datetime) -> bytes:
        """Encode it as a message of a stream, resumable from its id."""
        rows = {name: list_typed(self.rows, name) for name in ("lead", "support")}
        return encode_fields(
            "changes", state.list_fields(now) | {"cursor": self.cursor, "since": self.since} | rows, self.cursor
        )


def list_typed(rows: Iterable[BalanceRow], name: str) -> list[BalanceRow]:
    """List the rows of one type, without saying so in each."""
    return [
        {field: value for field, value in row.items() if field != TYPE} for row in rows if row[TYPE] == name.upper()
    ]


def join_events(events: Sequence[LiveEvent]) -> LiveEvent:
    """Join events of which each begins where the one before ends; a cell that came back to what it was is gone."""
    joined: dict[tuple[Any, ...], BalanceRow] = {}
    for event in events:
        for row in event.rows:
            cell = tuple(row[name] for name in (*CELL, TYPE))
            before = int(joined[cell]["moved"]) if cell in joined else 0
            joined[cell] = row | {"moved": before + int(row["moved"])}
    moved = [row for row in joined.values() if row["moved"]]
    return LiveEvent(since=events[0].since, cursor=events[-1].cursor, rows=moved)


def encode_beat(state: LiveState, now: datetime) -> bytes:
    """Encode a heartbeat: the state alone, without an id. No comment: a browser shows those to no script."""
    return encode_fields("heartbeat", state.list_fields(now))


def encode_reset(detail: str, state: LiveState, now: datetime) -> bytes:
    """Encode that a cursor cannot be resumed from: what is shown must be asked for anew, and goes on from this id."""
    return encode_fields("reset", state.list_fields(now) | {"detail": detail}, state.cursor)


def encode_fields(event: str, fields: Mapping[str, Any], cursor: str | None = None) -> bytes:
    """Encode one message of a stream; JSON has no line break that would end it early."""
    name = "" if cursor is None else f"id: {cursor}\n"
    return f"{name}event: {event}\ndata: {json.dumps(fields, separators=(',', ':'))}\n\n".encode()
