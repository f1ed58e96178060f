"""Alerts as they were raised and cleared, and those that stand."""

from dataclasses import dataclass
from typing import ClassVar, Final, Self

from queries.health_answers import AlertAnswer, AlertRow
from queries.plain import make_plain
from queries.query import Query, WrittenFields
from queries.snapshot import Snapshot
from sinks.alerts import read_standing

LISTED_USUALLY: Final = 100
LISTED_MOST: Final = 10_000
_FIELDS: Final = ", ".join(AlertRow.__annotations__)
_HISTORY: Final = f"SELECT {_FIELDS} FROM alerts FINAL ORDER BY offset DESC LIMIT {{most:UInt64}}"  # noqa: S608  (as above)
_TOTAL: Final = "SELECT count() AS n FROM alerts FINAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertQuery(Query[AlertAnswer]):
    """The alerts that stand, and the last ``limit`` that were raised or cleared, newest first."""

    PATH: ClassVar[str] = "alerts"

    limit: int = LISTED_USUALLY

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(limit=fields.take_whole("limit", LISTED_MOST, LISTED_USUALLY))


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingAlertsQuery(Query[int]):
    """How many alerts stand: what every page says."""

    PATH: ClassVar[str] = "alerts/standing"


def count_standing(snapshot: Snapshot, _: StandingAlertsQuery) -> int:
    """Count the alerts that stand. Raises Unavailable."""
    return len(read_standing(snapshot.store))


def answer_alerts(snapshot: Snapshot, query: AlertQuery) -> AlertAnswer:
    """Answer with both. Raises Unavailable."""
    store = snapshot.store
    rows = make_plain(store.query(_HISTORY, {"most": query.limit}))
    return {
        "standing": make_plain(read_standing(store)),
        "rows": rows,
        "truncated": len(rows) < store.query(_TOTAL)[0]["n"],
    }
