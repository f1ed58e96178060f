"""What can be asked of the ledger, as strings in and JSON out: one place for the read API and the command line.

Values come as they were written (``2022-06-30``, ``org,pillar``, ``lead``) and are judged here; what makes no
sense is ``Misuse`` naming the option.
"""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain
from typing import Any, Final

from infra.settings import Settings
from ledger.bounds import REFERENCE_CHARACTERS_MAX, describe_bound
from ledger.choices import quote_briefly
from ledger.errors import Misuse
from ledger.instants import format_instant
from ledger.references import make_canonical
from queries import balances, explain, refusals, stored
from queries.answer import Answer
from queries.health import compose_health
from queries.instants import parse_date, parse_instant
from queries.published import Published, find_ends
from queries.unloadable import list_unloadable
from queries.watch import Watch
from schemas.registry import resolve_ids
from sinks import positions
from sinks.session import Health
from sinks.store import Store
from sinks.topics import StoredTopics
from sinks.unloadable import count_unloadable, load_again

Body = dict[str, Any]
SECONDS_MOST: Final = 86_400
REFUSAL: Final = ("event_id", "code", "message", "partition", "offset")


class Questions:
    """The questions, over one open store. Safe to use from several threads."""

    def __init__(
        self, settings: Settings, store: Store, published: Published | None = None, watch: Watch | None = None
    ) -> None:
        self._settings = settings
        self._store = store
        self._published = published or Published(settings, StoredTopics(settings, store).hold_answer)
        self.watch = watch or Watch(settings, store, self._published)

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
        answer = balances.movement(
            self._store, parse_whole(seconds, "seconds", SECONDS_MOST), by=split(by), org=org, type=type
        )
        newest = answer.newest
        age = None if newest is None else max(0.0, (answer.known_at - newest).total_seconds())
        return {
            "rows": answer.rows,
            "seconds": int(seconds),
            "newest": newest and format_instant(newest),
            "age_seconds": age,
        }

    def rejected(self, *, code: str | None = None, limit: str | None = None) -> Body:
        """The first refusals in the order of positions, how many there are of each code, and whether more exist."""
        position = keyed(positions.stored(self._store))
        most = refusals.LISTED_USUALLY if limit is None else parse_whole(limit, "--limit", refusals.LISTED_MOST)
        rows, numbers = refusals.find_refusals(self._store, code, most)
        return {
            "rows": [{name: plain(row[name]) for name in REFUSAL} for row in rows],
            "codes": numbers,
            "truncated": len(rows) < sum(numbers.values()),
            "position": position,
        }

    def unloadable(self) -> Body:
        """The first records of the output topics that the store did not take, and how many there are."""
        rows = list_unloadable(self._store)
        total = count_unloadable(self._store)  # after the rows: whatever is cut off is in it
        return {"rows": plain(rows), "total": total, "truncated": len(rows) < total}

    def load_again(self, loader: Health | None = None) -> Body:
        """Try those once more: how many were loaded, and how many are left, which the loader is told too."""
        done = load_again(self._store, resolve_ids(self._settings))
        if loader is not None:
            loader.unloadable = done.left
        return done._asdict()

    def disruption(self, *, disruption_id: str) -> Body:
        """One disruption's story; without entries and refusals where nothing is known of it."""
        reference = parse_reference(disruption_id)
        position = keyed(positions.stored(self._store))
        return {**plain(explain.story(self._store, reference, as_written=disruption_id)), "position": position}

    def stored(self, table: str, *, partition: int | None, first: int | None, last: int | None) -> Iterator[bytes]:
        """Stored rows as lines of JSON, for the audit."""
        if partition is not None:
            self._hold_partition(partition)
        if last is not None and first is not None and last < first:
            raise Misuse(f"first ({first}) is after last ({last})")
        pages = stored.ndjson(self._store, table, partition, first, last)
        return chain((next(pages, b""),), pages)  # a store that is away says so before the answer has begun

    def _hold_partition(self, partition: int) -> None:
        """Refuse a partition of which nothing is stored and that the broker does not have either."""
        found = positions.stored(self._store)
        if partition not in found:
            known = self._published.find_tails(found)
            if partition not in known:
                raise Misuse(f"partition: there is no {partition}; there are: {', '.join(map(str, known))}")

    def positions(self) -> Body:
        """How far the store has come, beside how far has been published: past the last record that can be read."""
        found = positions.stored(self._store)
        tails = self._published.find_tails(found)
        published = find_ends(tails, found)
        return {
            "stored": keyed({p: found.get(p, 0) for p in published} | found),
            "published": keyed(published),
            "undecided": keyed({p: tail.stable for p, tail in tails.items() if tail.stable < tail.high}),
        }

    def health(self, loader: Health | None = None) -> Body:
        """Whether all of it works, and what to do where it does not."""
        return compose_health(self._settings.state, loader, self.watch.read())


def split(by: str | None) -> tuple[str, ...]:
    """``org,pillar`` as names; nothing asked for is no dimension, and an empty name is one that is not there."""
    return () if by is None else tuple(name.strip() for name in by.split(","))


def instant(text: str | None, name: str) -> datetime | None:
    """An instant, where one was given."""
    return None if text is None else parse_instant(text, name)


def parse_whole(text: str, name: str, most: int) -> int:
    """Read a whole number from one to ``most``."""
    if len(text) > len(str(most)) or not text.isdecimal() or not 1 <= int(text) <= most:
        raise Misuse(f"{name}: {quote_briefly(text)} is not a whole number from 1 to {most:,}")
    return int(text)


def parse_reference(text: str) -> str:
    """Read a disruption's reference as the ledger keeps it (the rule of references).

    Raises:
        Misuse: nothing can be stored under it: it is empty, too long, or has characters that cannot be seen.
    """
    if not text.strip():
        raise Misuse("the reference of a disruption is empty: say which")
    if len(text) > REFERENCE_CHARACTERS_MAX:
        raise Misuse(f"the reference of a disruption has {describe_bound('disruption_id')}; this one has {len(text):,}")
    try:
        return make_canonical(text)
    except Misuse as error:
        raise Misuse(f"the reference of a disruption: {error}") from None


def body(answer: Answer) -> Body:
    """An answer as JSON."""
    return {
        "rows": answer.rows,
        "position": keyed(answer.position),
        "as_at": format_instant(answer.as_at),
        "known_at": format_instant(answer.known_at),
        "complete": answer.complete,
        "complete_through": answer.complete_through and format_instant(answer.complete_through),
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
        return format_instant(found)
    return found.isoformat() if isinstance(found, date) else found
