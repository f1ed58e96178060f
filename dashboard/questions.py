"""What can be asked of the ledger, as strings in and JSON out: one place for the read API and the command line.

Values come as they were written (``2022-06-30``, ``org,pillar``, ``lead``) and are judged here; what makes no
sense is ``Misuse`` naming the option.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from dashboard.instants import iso, parse_date, parse_instant
from infra.settings import Settings
from ledger.errors import LedgerError, Misuse
from sinks import balances, explain, positions, refusals, stored
from sinks.answer import Answer
from sinks.published import Published
from sinks.session import Health
from sinks.store import Store

Body = dict[str, Any]
SECONDS_MOST: Final = 86_400
REFUSAL: Final = ("event_id", "code", "message", "partition", "offset")


class Questions:
    """The questions, over one open store. Safe to use from several threads."""

    def __init__(self, settings: Settings, store: Store, published: Published | None = None) -> None:
        self._store = store
        self._published = published or Published(settings)

    def counts(self, *, by: str | None = None, org: str | None = None, type: str | None = None) -> Body:
        """Live balances of the disruptions that count."""
        return body(balances.counts(self._store, self._published, by=split(by), org=org, type=type))

    def extract(  # noqa: PLR0913  (the command's options)
        self,
        *,
        from_: str,
        to: str,
        as_at: str | None = None,
        known_at: str | None = None,
        by: str | None = None,
        type: str | None = None,
        standing: str | None = None,
        org: str | None = None,
    ) -> Body:
        """The disruptions of a period, as at an instant."""
        answer = balances.extract(
            self._store,
            self._published,
            start=parse_date(from_, "--from"),
            end=parse_date(to, "--to"),
            by=split(by),
            org=org,
            type=type,
            standing=standing,
            as_at=instant(as_at, "--as-at"),
            known_at=instant(known_at, "--known-at"),
        )
        return body(answer)

    def threats(
        self,
        *,
        by: str | None = None,
        org: str | None = None,
        as_at: str | None = None,
        known_at: str | None = None,
    ) -> Body:
        """The threat count of rule 8."""
        answer = balances.threats(
            self._store,
            self._published,
            by=split(by),
            org=org,
            as_at=instant(as_at, "--as-at"),
            known_at=instant(known_at, "--known-at"),
        )
        return body(answer)

    def movement(self, *, seconds: str, by: str | None = None, org: str | None = None, type: str | None = None) -> Body:
        """What the last seconds' entries changed in the counted balances, and how old the newest entry is."""
        answer = balances.movement(self._store, whole(seconds, "seconds"), by=split(by), org=org, type=type)
        newest = refusals.aware(answer.newest)
        age = None if newest is None else (answer.known_at - newest).total_seconds()
        return {"rows": answer.rows, "seconds": int(seconds), "newest": newest and iso(newest), "age_seconds": age}

    def rejected(self) -> Body:
        """Every refusal, in the order of positions."""
        position = keyed(positions.stored(self._store))
        rows = [{name: row[name] for name in REFUSAL} for row in refusals.listing(self._store)]
        return {"rows": plain(rows), "position": position}

    def disruption(self, *, disruption_id: str) -> Body:
        """One disruption's story; without entries and refusals where nothing is known of it."""
        position = keyed(positions.stored(self._store))
        return {**plain(explain.story(self._store, disruption_id)), "position": position}

    def stored(self, table: str, *, partition: int | None, first: int | None, last: int | None) -> Iterator[bytes]:
        """Stored rows as lines of JSON, for the audit."""
        return stored.ndjson(self._store, table, partition, first, last)

    def positions(self) -> Body:
        """How far the store has come, beside how far has been published."""
        found = positions.stored(self._store)
        published = self._published.ends()
        return {"stored": keyed({p: found.get(p, 0) for p in published} | found), "published": keyed(published)}

    def health(self, loader: Health | None) -> Body:
        """Whether the loader runs, and how far behind the store is; asks the broker, but does not depend on it."""
        return {
            "status": "degraded" if loader and loader.degraded else "ok",
            "loader": loader.state if loader else "elsewhere",
            "unloadable": loader.unloadable if loader else 0,
            "trouble": loader.trouble if loader else None,
            "lag": self._lag(),
        }

    def _lag(self) -> int | None:
        try:
            found = self.positions()
        except LedgerError:
            return None
        stored: dict[str, int] = found["stored"]
        published: dict[str, int] = found["published"]
        return sum(max(0, end - stored.get(partition, 0)) for partition, end in published.items())


def split(by: str | None) -> tuple[str, ...]:
    """``org,pillar`` as names; nothing asked for is no dimension."""
    return tuple(name.strip() for name in by.split(",") if name.strip()) if by else ()


def instant(text: str | None, name: str) -> datetime | None:
    """An instant, where one was given."""
    return None if text is None else parse_instant(text, name)


def whole(text: str, name: str) -> int:
    """A number of seconds, from one to a day."""
    if not text.isdecimal() or not 1 <= int(text) <= SECONDS_MOST:
        raise Misuse(f"{name}: a whole number from 1 to {SECONDS_MOST}")
    return int(text)


def body(answer: Answer) -> Body:
    """An answer as JSON."""
    return {
        "rows": answer.rows,
        "position": keyed(answer.position),
        "as_at": iso(answer.as_at),
        "known_at": iso(answer.known_at),
        "complete": answer.complete,
        "filters": dict(answer.filters),
        "measure": answer.measure,
    }


def keyed(found: dict[int, int]) -> dict[str, int]:
    """Positions under string keys, as JSON has them, in the order of partitions."""
    return {str(partition): offset for partition, offset in sorted(found.items())}


def plain(found: Any) -> Any:
    """Rows of the store as JSON has them: instants in UTC with their zone, dates as ISO dates."""
    if isinstance(found, dict):
        return {name: plain(value) for name, value in found.items()}
    if isinstance(found, list):
        return [plain(value) for value in found]
    if isinstance(found, datetime):
        return iso(found)
    return found.isoformat() if isinstance(found, date) else found
