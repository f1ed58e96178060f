"""The replay: fold ``soc.entries`` again from the first record to a fixed last position, and compare. Changes nothing.

1. The bounds are taken (``audit.bounds``), the instant of the balances, which is before the first record that may not
   have been judged by then, and other instants (``audit.instants``).
2. Partition by partition (``audit.partition``), one a core, so that memory holds the books of as many: positions
   (``audit.compare``) and their stored rows (``audit.stored``). What is stored past the last position must have been
   published since.
3. The closings (``audit.closings``), the balances (``audit.balances``) and the figures that were published
   (``audit.figures``), once every partition is folded; the figures beside the log that seals them
   (``audit.figure_seals``).
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from audit.balances import BalanceInstant, BalanceSums, IncompleteAnswer, compare_balances
from audit.bounds import PartitionBounds, TopicReaders, list_undecided, open_topics, take_bounds
from audit.closings import ClosingAudit
from audit.figure_seals import SealComparison, read_figure_seals
from audit.figures import FIGURES_NOT_PROVED, FigureAudit
from audit.findings import Finding, ReplayReport
from audit.instants import choose_instants, draw_instants, make_grid
from audit.partition import PartitionOutcome, ReplayPlan
from audit.pool import StoreOpener, replay_here, replay_in_processes
from audit.published_figures import FigureLog, read_figures
from audit.resume import FixedEnds, ReplayFile
from audit.store import StoreSide
from audit.sums import SumCell
from audit.until import OPEN_END, ReplayEnd
from infra.groups import LOADER_GROUP
from infra.settings import Settings
from infra.topic_admin import build_admin_client, count_partitions, hold_partition
from infra.topic_identity import identify_topics
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.facts import Millis
from ledger.instants import NANOS_PER_MILLI, format_millis
from schemas.codec import Codec
from schemas.registry import resolve_ids

COMPLETE_SECONDS = 5.0  # beyond the margin that an instant needs before it is complete
COMPLETE_WAIT_SECONDS = 0.5
FEW_POSITIONS = 20_000  # sooner done here than by processes that have to start
NOT_ALL_PARTITIONS = "balances were not compared: they are sums over all partitions"
NOT_WHOLE = "balances were not compared: entries or rejections are deleted"
NOT_COMPLETE = "balances were not compared: the store has not come as far as the replay; run it again"
NOT_AT_POSITIONS = "balances were not compared: the store answers as at instants, and the replay ended at positions"

Progress = Callable[[int, int], Any]  # positions done, of how many


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """How a replay goes.

    Attributes:
        partition: replay this one alone.
        limit: how many differences are kept to be shown.
        until: where it ends.
        seed: of the instants that are drawn.
        jobs: how many processes replay, one a core unless it is said; ``open_store`` opens the store in each of them.
        kept: where its state is kept, to go on after it was cut off.
        progress: told how far it is.
        loader_group: whose loader filled the store.
    """

    partition: int | None = None
    limit: int = 20
    until: ReplayEnd = OPEN_END
    seed: int = 0
    jobs: int | None = None
    open_store: StoreOpener | None = None
    kept: ReplayFile | None = None
    progress: Progress = lambda *_: None
    loader_group: str = LOADER_GROUP


@dataclass(slots=True, kw_only=True)
class LedgerReplay:
    """One replay, assembled."""

    settings: Settings
    store: StoreSide
    options: ReplayOptions
    partitions: int
    closings: ClosingAudit
    figures: FigureAudit
    seals: SealComparison
    verdict: ReplayReport
    fixed: FixedEnds
    plan: ReplayPlan
    cells: list[SumCell] = field(default_factory=list)

    def run(self) -> None:
        """Fold and compare; differences go to the verdict."""
        outcomes = sorted(self.collect_outcomes(), key=lambda one: one.report.reaches[0].partition)
        for one in outcomes:
            self.verdict.merge_report(one.report)
            self.figures.sums.merge_sums(one.figures)
            self.cells += one.cells
        is_whole = all(one.is_whole for one in outcomes)
        if not is_whole:
            self.verdict.notes.append(NOT_WHOLE)
        elif len(self.fixed.bounds) == self.partitions:
            self._compare_sums()
        else:
            self.verdict.notes.append(NOT_ALL_PARTITIONS)
        is_proved = is_whole and len(self.fixed.bounds) == self.partitions and self.options.until.is_open
        if self.figures.count and not is_proved:
            self.verdict.notes.append(FIGURES_NOT_PROVED)
        self._tell_seals()

    def _tell_seals(self) -> None:
        for one in self.seals.findings:
            self.verdict.add_finding(one)
        self.verdict.notes += self.seals.notes
        self.verdict.sealed_figures = self.seals.sealed

    def collect_outcomes(self) -> Iterator[PartitionOutcome]:
        """Give what was kept of a replay that was cut off, and then the rest, each kept as it comes."""
        kept = self.options.kept
        done = [] if kept is None else kept.list_outcomes(self.plan.figures)
        yield from done
        finished = {one.report.reaches[0].partition for one in done}
        left = [one for one in self.fixed.bounds if one.partition not in finished]
        total = sum(one.end - one.published[0] for one in self.fixed.bounds)
        before = total - sum(one.end - one.published[0] for one in left)
        for outcome in self._replay_partitions(left, lambda now: self.options.progress(before + now, total)):
            if kept is not None:
                kept.keep_outcome(outcome)
            yield outcome

    def _replay_partitions(
        self, bounds: list[PartitionBounds], hear: Callable[[int], Any]
    ) -> Iterator[PartitionOutcome]:
        few = sum(one.end - one.published[0] for one in bounds) < FEW_POSITIONS
        usual = 1 if few else len(os.sched_getaffinity(0))
        jobs, open_store = min(self.options.jobs or usual, len(bounds)), self.options.open_store
        if open_store is None or jobs < 2:
            return replay_here(self.settings, self.plan, self.store, bounds, hear)
        return replay_in_processes((self.settings, self.plan, open_store), bounds, jobs, hear)

    def _compare_sums(self) -> None:
        covered = {one.partition: one.covered_end for one in self.verdict.reaches}
        for one in self.closings.compare_closings(self.cells, covered):
            self._count_compared(one)
            self.verdict.closings += isinstance(one, int)
        if self.options.until.positions:
            self.verdict.notes.append(NOT_AT_POSITIONS)
        else:
            self._compare_instants()
        if self.options.until.is_open:
            for figure in self.figures.compare_figures(covered):
                self.verdict.figures += self._count_one(figure)
            self.verdict.proved_figures = self.figures.proved

    def _compare_instants(self) -> None:
        last, *others = self.fixed.instants
        compared = self._compare_once_complete(last)
        for one in compared:
            self._count_compared(one)
        for instant in others if compared else ():
            answered = compare_balances(BalanceSums(self.cells, self.plan.grid, instant), self.store, instant)
            balances = sum(self._count_one(one) for one in answered)
            self.verdict.instants.append(instant.asked | {"balances": balances})

    def _count_compared(self, one: Finding | int) -> None:
        self.verdict.balances += self._count_one(one)

    def _count_one(self, one: Finding | int) -> int:
        if isinstance(one, int):
            return one
        self.verdict.add_finding(one)
        return 0

    def _compare_once_complete(self, instant: BalanceInstant) -> list[Finding | int]:
        """Return the comparison, once the store's figures can grow no more; nothing and a note when that takes too
        long.
        """
        deadline = time.monotonic() + self.settings.completeness_margin_seconds + COMPLETE_SECONDS
        sums = BalanceSums(self.cells, self.plan.grid, instant)
        while True:
            try:
                return list(compare_balances(sums, self.store, instant))
            except IncompleteAnswer:
                if time.monotonic() >= deadline:
                    self.verdict.notes.append(NOT_COMPLETE)
                    return []
                time.sleep(COMPLETE_WAIT_SECONDS)


def replay_ledger(settings: Settings, store: StoreSide, options: ReplayOptions) -> ReplayReport:
    """Replay all partitions, or one, and give the verdict.

    Raises:
        Misuse: there is no such partition or position, or what was kept is of another replay.
        Unavailable: the broker, the registry or the store did not answer; nothing was concluded.
    """
    if options.partition is not None:
        hold_partition(settings, PUBLISHED, options.partition)
    partitions = count_partitions(settings, PUBLISHED)
    replay = assemble_replay(settings, store, options, partitions)
    replay.run()
    return replay.verdict


def assemble_replay(settings: Settings, store: StoreSide, options: ReplayOptions, partitions: int) -> LedgerReplay:
    """Assemble a replay: what it is to compare is fixed here, or was when the one that it continues began."""
    ids = resolve_ids(settings)
    is_whole = options.until.is_open and options.partition is None
    seals = read_figure_seals(settings) if is_whole else None  # before the figures, which then are all that it seals
    figure_log = read_figures(settings, ids)  # before the bounds, which then lie past all they name
    compared = SealComparison([], [], 0) if seals is None else seals.compare_figures(figure_log.figures)
    closings = ClosingAudit(store)
    readers = open_topics(settings)
    try:
        fixed = fix_ends(settings, readers, closings, figure_log, options, Codec(ids))
    finally:
        readers.close()
    if options.kept is not None:
        fixed = options.kept.begin_replay(fixed)
    closings.chains = fixed.chains
    figure_log = figure_log._replace(figures=figure_log.figures[: fixed.figures])
    return LedgerReplay(
        settings=settings,
        store=store,
        options=options,
        partitions=partitions,
        closings=closings,
        figures=FigureAudit(figure_log),
        seals=compared,
        verdict=ReplayReport(
            limit=options.limit,
            known_at=format_millis(fixed.known_at),
            seed=fixed.seed,
            topics=fixed.topics,
            until=fixed.until.make_row(),
        ),
        fixed=fixed,
        plan=ReplayPlan(
            partitions=partitions,
            limit=options.limit,
            grid=make_grid(fixed.instants, fixed.chains),
            figures=figure_log,
        ),
    )


def fix_ends(  # noqa: PLR0913, PLR0917  (all that a replay stands on)
    settings: Settings,
    readers: TopicReaders,
    closings: ClosingAudit,
    figure_log: FigureLog,
    options: ReplayOptions,
    codec: Codec,
) -> FixedEnds:
    """Fix what a replay that begins now compares.

    Raises:
        Misuse: a partition does not reach to where it is to end.
        Unavailable: the broker did not answer.
    """
    topics = identify_topics(build_admin_client(settings), (PUBLISHED, ENTRIES, REJECTED))
    partitions = range(topics[PUBLISHED].partitions) if options.partition is None else [options.partition]
    begun = time.time_ns() // NANOS_PER_MILLI  # before the bounds: what comes after them is later, and not counted
    whole = take_bounds(settings, readers, partitions, options.loader_group)
    bounds = [options.until.cut_bounds(one, readers.published) for one in whole]
    known_at = choose_instant(list_undecided(readers, bounds), begun)
    if options.until.instant is not None:
        known_at = min(known_at, options.until.instant)
    drawn = list(draw_instants(options.seed, readers.published, codec, bounds))
    return FixedEnds(
        topics={name: one.topic_id for name, one in topics.items()},
        bounds=bounds,
        known_at=known_at,
        seed=options.seed,
        instants=choose_instants(known_at, drawn, closings.instants),
        chains=closings.chains,
        figures=len(figure_log.figures),
        until=options.until,
    )


def choose_instant(undecided_at: Iterable[Millis], begun: Millis) -> Millis:
    """Choose the last millisecond before the replay began and before the first record that may be unjudged."""
    return min((begun, *undecided_at)) - 1
