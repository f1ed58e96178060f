"""Who answers every question from an open store: a typed question in, the body of its answer out."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import chain
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast

from prometheus_client.registry import Collector

from infra.groups import LOADER_GROUP, name_rebuild_group
from infra.settings import Settings
from queries import balances, explain, rejections, stored
from queries.alerts import AlertQuery, StandingAlertsQuery, answer_alerts, count_standing
from queries.arrival_queries import RecentQuery, SpanQuery
from queries.arrivals import answer_recent, answer_span
from queries.audit_answers import list_audit_answers
from queries.balance_queries import ChangeQuery, CountQuery, ExtractQuery, MovementQuery, ThreatQuery
from queries.changes import answer_changes
from queries.compare_queries import CompareQuery, MoveQuery
from queries.differences import answer_compare
from queries.errors import WrongField
from queries.feed_events import answer_feed_events
from queries.feed_queries import FeedEventQuery, FeedQuery
from queries.feeds import answer_feeds
from queries.health import compose_health
from queries.health_answers import HealthAnswer, InvariantAnswer, LoadedAgainAnswer, PositionAnswer, UnloadableAnswer
from queries.invariant_checker import format_report
from queries.ledger_metrics import LedgerCollector
from queries.listed_queries import RecordsQuery
from queries.moves import answer_moves
from queries.originals import OriginalReader
from queries.plain import format_balance, format_movement, key_by_text, make_plain
from queries.public_release import PublicQuery, answer_public
from queries.published import Published, find_ends, open_published
from queries.query import AnswerT_co, Query
from queries.rate_query import RateQuery
from queries.rates import answer_rates
from queries.readiness import Troubles, judge_liveness, judge_readiness
from queries.reconcile import answer_day_fates, answer_event_fates, answer_reconcile
from queries.reconcile_queries import DayFatesQuery, EventFatesQuery, ReconcileQuery
from queries.record_answers import AssessmentsAnswer, RejectionAnswer, RejectionRow, StoryAnswer
from queries.record_queries import (
    AssessmentsQuery,
    DisruptionQuery,
    EntriesQuery,
    EntryQuery,
    HealthQuery,
    InvariantQuery,
    PositionQuery,
    RejectionDeskQuery,
    RejectionQuery,
    StoredRowsQuery,
    UnloadableQuery,
)
from queries.records import answer_records
from queries.rejection_desk import answer_rejection_desk, read_mended
from queries.sealed import SealedState, read_sealed
from queries.signal_queries import SignalQuery, SignalRecordsQuery
from queries.signals import answer_signal_records, answer_signals
from queries.snapshot import Snapshot, SnapshotSource
from queries.threat_lists import ThreatListQuery, answer_threat_list
from queries.unloadable import list_unloadable
from queries.watch import Watch
from schemas.registry import resolve_ids
from sinks import positions
from sinks.builds import find_build
from sinks.loader_health import LoaderHealth
from sinks.store import Store
from sinks.unloadable import count_unloadable, load_again

EncodedT = TypeVar("EncodedT")
LOOK_SECONDS: Final = 30.0  # for which the loader may take to look at what was loaded again
REFUSAL: Final = tuple(RejectionRow.__annotations__)


class StoreAnswers:
    """Answers from one open store. Safe to use from several threads.

    Args:
        loader_state: tells how this process's loader does, where it has one.

    Attributes:
        margin: how far from now an answer is complete at best.
        hears_all: whether nobody else writes to the store.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        published: Published | None = None,
        watch: Watch | None = None,
        loader_state: Callable[[], LoaderHealth] | None = None,
    ) -> None:
        self._settings = settings
        self._store = store
        self._published = published or open_published(settings, store)
        self.watch = watch or Watch(settings, store, self._published)
        self._find_loader = loader_state or find_no_loader
        self._originals = OriginalReader(settings)
        self._shared: Mapping[type[Query[Any]], Callable[[Snapshot, Any], Any]] = {
            **SHARED,
            EntryQuery: self._originals.answer_entry,
            EntriesQuery: self._originals.answer_entries,
            **list_audit_answers(settings),
        }
        self._snapshots = SnapshotSource(store, self._published)
        self.margin = self._published.margin
        self.hears_all = store.embedded
        self._answers: Mapping[type[Query[Any]], Callable[[Any], Any]] = {
            RejectionQuery: self._answer_rejections,
            UnloadableQuery: self._answer_unloadable,
            PositionQuery: self._answer_positions,
            HealthQuery: self._answer_health,
            InvariantQuery: self._answer_invariants,
        }

    def answer_query(self, query: Query[AnswerT_co]) -> AnswerT_co:
        """Answer a question, of all that was stored before. Raises Misuse, Unavailable."""
        if type(query) in self._shared:
            with self._snapshots.share_moment(repr(query)) as moment:
                return self.answer_at(moment, query)
        found: AnswerT_co = self._answers[type(query)](query)
        return found

    def judge_liveness(self) -> Troubles:
        """Judge whether this process lives: no troubles."""
        return judge_liveness(self._find_loader())

    def judge_readiness(self) -> Troubles:
        """Judge whether answers can be had here: no troubles."""
        return judge_readiness(self.watch, self._find_loader())

    def collect_metrics(self) -> Collector:
        """Collect what is known of the ledger, for Prometheus."""
        return LedgerCollector(self.watch, lambda: self._answer_health(HealthQuery()))

    def take_snapshot(self) -> Snapshot:
        """Take a moment of the store for ``answer_at``: what a page shows stands on one. Raises Unavailable."""
        return self._snapshots.take_snapshot()

    def answer_at(self, snapshot: Snapshot, query: Query[AnswerT_co]) -> AnswerT_co:
        """Answer a question that moments answer, on this one. Raises Misuse, Unavailable."""
        found: AnswerT_co = snapshot.answer_once(query, self._shared[type(query)])
        return found

    def encode_once(self, query: Query[AnswerT_co], form: str, encode: Callable[[AnswerT_co], EncodedT]) -> EncodedT:
        """Answer in a form, encoded once for all who stand on the same moment. Raises Misuse, Unavailable."""
        key = f"{form} {query!r}"
        with self._snapshots.share_moment(key) as moment:
            return moment.draw_once(key, lambda: encode(self.answer_at(moment, query)))

    def find_encoded(self, query: Query[Any], form: str) -> Any:
        """Find what ``encode_once`` would give, where that needs no waiting; None otherwise."""
        return self._snapshots.find_drawn(f"{form} {query!r}")

    def hear_writes(self, tell: Callable[[], None]) -> AbstractContextManager[None]:
        """Hear when something is written, as ``Store.hear_writes`` says: all of it where ``hears_all``."""
        return self._store.hear_writes(tell)

    def find_loader_group(self) -> str:
        """Find the consumer group of who fills the store: a build's own, where its tables are built. Raises
        Unavailable.
        """
        build = None if self._store.embedded else find_build(self._store)
        return LOADER_GROUP if build is None else name_rebuild_group(build)

    def load_again(self) -> LoadedAgainAnswer:
        """Try once more what could not be stored: how many were loaded, and how many are left; the loader is told.

        Where rows were missing, it looks once more before this returns: what was loaded is in the next answer.
        """
        done, loader = load_again(self._store.pin_generation(), resolve_ids(self._settings)), self._find_loader()
        if loader is not None:
            loader.unloadable = done.left
            if done.loaded and self._store.damaged:
                loader.looks.await_look(LOOK_SECONDS)
        return {"loaded": done.loaded, "left": done.left}

    def read_lines(self, query: StoredRowsQuery) -> Iterator[bytes]:
        """Read stored rows as lines of JSON, in blocks, for the audit. Raises Misuse, Unavailable."""
        if query.partition is not None:
            self._hold_partition(query.partition)
        pages = stored.read_lines(self._store, query)
        return chain((next(pages, b""),), pages)  # a store that is away says so before the answer has begun

    def read_packed(self, query: StoredRowsQuery) -> bytes:
        """Read the stored rows of a range as one file of Avro, for the audit. Raises Misuse, Unavailable."""
        if query.partition is not None:
            self._hold_partition(query.partition)
        return stored.read_packed(self._store, query)

    def read_mended(self, query: RejectionDeskQuery) -> Iterator[bytes]:
        """Read rejected events as lines to mend and send again. Raises Misuse, Unavailable."""
        return read_mended(self.take_snapshot(), query, self._originals)

    def _answer_rejections(self, query: RejectionQuery) -> RejectionAnswer:
        position = key_by_text(self.take_snapshot().position)  # no later question is told of an earlier one
        rows, numbers, more = rejections.find_rejections(self._store, query)
        return {
            "rows": make_plain([{name: row[name] for name in REFUSAL} for row in rows]),
            "codes": numbers,
            "truncated": more,
            "position": position,
        }

    def _answer_unloadable(self, _: UnloadableQuery) -> UnloadableAnswer:
        rows = list_unloadable(self._store)
        total = count_unloadable(self._store)  # after the rows: whatever is cut off is in it
        return {"rows": make_plain(rows), "total": total, "truncated": len(rows) < total}

    def _answer_positions(self, _: PositionQuery) -> PositionAnswer:
        """Answer with how far has been published: past the last record that can be read; and how far is stored."""
        found = self.take_snapshot().position
        tails = self._published.find_tails(found)
        published = find_ends(tails, found)
        return {
            "stored": key_by_text({p: found.get(p, 0) for p in published} | found),
            "published": key_by_text(published),
            "undecided": key_by_text({p: tail.stable for p, tail in tails.items() if tail.stable < tail.high}),
        }

    def read_sealed(self) -> SealedState | None:
        """Read how far the ledger is sealed, where its log lies on this machine."""
        return read_sealed(self._settings)

    def _answer_health(self, _: HealthQuery) -> HealthAnswer:
        newest = self.watch.invariants.newest
        return compose_health(self._settings.state, self._find_loader(), self.watch.read(), newest)

    def _answer_invariants(self, _: InvariantQuery) -> InvariantAnswer:
        return format_report(self.watch.invariants.read())

    def _hold_partition(self, partition: int) -> None:
        """Refuse a partition of which nothing is stored and that the broker does not have either."""
        found = positions.find_stored(self._store)
        if partition not in found:
            known = self._published.find_tails(found)
            if partition not in known:
                raise WrongField("partition", f"there is no {partition}; there are: {', '.join(map(str, known))}")


def answer_disruption(snapshot: Snapshot, query: DisruptionQuery) -> StoryAnswer:
    """Answer without entries and rejections where nothing is known of it."""
    found = explain.tell_story(snapshot.store, query, snapshot.list_offsets())
    return cast(StoryAnswer, found | {"position": key_by_text(snapshot.position)})


def answer_assessments(snapshot: Snapshot, query: AssessmentsQuery) -> AssessmentsAnswer:
    """Answer with none where the threat is not known."""
    return {"rows": explain.list_assessments(snapshot, query), "position": key_by_text(snapshot.position)}


def find_no_loader() -> None:
    """Find no loader: this process has none."""


SHARED: Final[Mapping[type[Query[Any]], Callable[[Snapshot, Any], Any]]] = MappingProxyType(
    {
        CountQuery: lambda snapshot, query: format_balance(balances.answer_count(snapshot, query)),
        ExtractQuery: lambda snapshot, query: format_balance(balances.answer_extract(snapshot, query)),
        ThreatQuery: lambda snapshot, query: format_balance(balances.answer_threats(snapshot, query)),
        MovementQuery: lambda snapshot, query: format_movement(
            balances.answer_movement(snapshot, query), query.seconds
        ),
        ChangeQuery: answer_changes,
        CompareQuery: answer_compare,
        MoveQuery: answer_moves,
        RecordsQuery: answer_records,
        ThreatListQuery: answer_threat_list,
        AlertQuery: answer_alerts,
        StandingAlertsQuery: count_standing,
        PublicQuery: answer_public,
        FeedQuery: answer_feeds,
        FeedEventQuery: answer_feed_events,
        ReconcileQuery: answer_reconcile,
        DayFatesQuery: answer_day_fates,
        EventFatesQuery: answer_event_fates,
        DisruptionQuery: answer_disruption,
        RejectionDeskQuery: answer_rejection_desk,
        AssessmentsQuery: answer_assessments,
        SpanQuery: answer_span,
        RecentQuery: answer_recent,
        RateQuery: answer_rates,
        SignalQuery: answer_signals,
        SignalRecordsQuery: answer_signal_records,
    }
)
"""What a moment of the store answers, by the kind of question."""
