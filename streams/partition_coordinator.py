"""Partitions owned by this worker, and the order of effects that loses nothing and counts nothing twice.

Taking partition p in a generation of the consumer group:

1. Everything this worker sent before is acknowledged (late outputs of an earlier assignment). The topics are still
   those of this worker's first look.
2. The snapshot is opened; one of other topics, or torn, is thrown away.
3. ``soc.entries[p]`` and ``soc.rejected[p]`` are read from the snapshot's positions to their ends and joined into one
   chain. The books are the fold of the admitted entries of the chain. R is the offset after its end.
4. Offsets past R whose outputs are there already are remembered. Where records from R on were deleted, the partition
   stands (docs/decisions/0011), as it does where the rules in force would touch what is posted (0014): nothing of it
   is judged, and it is taken anew every few seconds.
5. Reading starts at R, whatever the committed offset says.

Every run of records, in order, partitions taking turns:

6. A run of another generation, or of a partition not owned, is dropped. A look at the topics that began after the run
   was fetched says that they are still the same. Records below R are skipped. A run that starts past R is dropped and
   the partition taken anew. At a record whose time is not the broker's the partition stands.
7. All records are decoded. Schemas that are new are looked up beside the event loop; a registry that is away, or does
   not know one yet, is waited for here, where no book has been touched.
8. When a snapshot is due: the outputs before are acknowledged, then the snapshot is written, then the fold goes on; it
   is put off where the broker does not say how far the output topics reach.
9. All records are folded. A mistake of this program ends the worker, loudly, before anything of the run is written.
10. The outputs sent before are acknowledged; only then are this run's outputs sent (very large ones in slices), except
    those remembered in 4, together with those of other runs that were folded meanwhile. So one flight of this worker
    is under way, while the next is gathered, of a bounded size.
11. All acknowledged: ``last + 1`` is committed, beside the runs that follow, together with what was acknowledged
    meanwhile, a few times a second. The commit is a hint; when it fails nothing is lost.

Losing partitions (revoked, or asked to stop): the run in hand and its outputs are finished, the snapshot is written,
the offsets are committed, and the partitions are forgotten.

Books that were advanced by a run whose outputs are not known to be written are never used again: the worker ends
(``os._exit``), its supervisor starts another, and step 3 finds what was written.
"""

import asyncio
import time
from pathlib import Path

import structlog

from infra.metrics import JUDGED_EVENTS, measure_stage
from infra.settings import Settings
from infra.status import TAKING, WAITING, WORKING
from infra.tracing import trace_work
from ledger.errors import Misuse
from schemas.registry import SchemaIds
from streams.assigned_partition import AssignedPartition, AssignedPartitions, WorkerHooks
from streams.books import SnapshotSpoiled
from streams.clock import take_appended
from streams.intake import ProgramFault
from streams.losses import STANDS, RecordsLost
from streams.outage_retry import OutageRetry
from streams.output_delivery import OutputDelivery
from streams.partition_opener import PartitionOpener
from streams.reading import RecordReader
from streams.runs import RecordRun
from streams.side_threads import SideThreads
from streams.standstill import StandingPartitions, keep_looking
from streams.watch import TopicWatch

log = structlog.get_logger(__name__)

LEAVE_SECONDS = 10.0  # how long losing a partition waits for its outputs


class PartitionCoordinator:
    """Runs the protocol above for one worker. Its methods are called from one event loop."""

    def __init__(self, settings: Settings, directory: Path, ids: SchemaIds, hooks: WorkerHooks) -> None:
        self._hooks = hooks
        self._reader = RecordReader(ids)
        self._threads = SideThreads()
        self._watch = TopicWatch(settings)
        self._opener = PartitionOpener(settings, directory, ids, self._reader)
        self._delivery = OutputDelivery(settings, self._threads, hooks.commit, self._end_worker)
        self._partitions = AssignedPartitions(hooks.generation)
        self._standing = StandingPartitions(self._retake_partition)
        self._outage = OutageRetry()
        self._lock = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None
        self._retaking: dict[int, asyncio.Future[None]] = {}
        self._takes = 0
        self._leaves = False

    @property
    def doing(self) -> str:
        """One of ``infra.status``: taking partitions, waiting for the world, or working."""
        return WAITING if self._outage.waits else TAKING if self._takes else WORKING

    def measure_wait(self) -> float:
        """Measure for how long outputs have not been acknowledged."""
        return self._delivery.measure_wait()

    def measure_answering(self) -> float:
        """Measure for how long the broker has answered whoever looks at the topics."""
        return self._watch.measure_answering()

    async def take_partition(self, partition: int, generation: int) -> int | None:
        """Take steps 1 to 5; return R, or None when the partition is no longer ours."""
        self._takes += 1
        if self._watching is None:
            looking = keep_looking(self._look_at_topics, self._stand_all, self._end_worker)
            self._watching = asyncio.create_task(looking)
        async with self._lock:
            try:
                return await self._outage.retry_call(lambda: self._open_partition(partition, generation))
            except Misuse as error:
                self._stand_still(partition, error)
                return None
            except Exception as error:
                if not self._leaves:  # else its connections are closed already, and nothing of it was judged
                    self._end_worker(f"partition {partition} cannot be taken", error)
                return None
            finally:
                self._takes -= 1

    async def _open_partition(self, partition: int, generation: int) -> int | None:
        await self._delivery.settle_all()
        if not self._is_wanted(generation):
            return None
        self._partitions.drop_partition(partition)
        assigned = await self._threads.run_beside(
            self._opener.open_partition,
            partition,
            generation,
            self._watch,
            lambda: self._is_wanted(generation),
        )
        if assigned is None:
            return None
        self._partitions.add_partition(partition, assigned)
        self._standing.end_standstill(partition)
        written = len(assigned.ledger.beyond)
        log.info("partition taken", partition=partition, reads_from=assigned.next_offset, written=written)
        return assigned.next_offset

    def _is_wanted(self, generation: int) -> bool:
        """Return whether a partition of this generation is to be taken still."""
        return not self._leaves and generation == self._hooks.generation()

    async def admit_run(self, run: RecordRun) -> None:
        """Take steps 6 to 11 for one run. Returns when it is folded and sent; never raises."""
        async with self._lock:
            try:
                asked = (record.headers for record in run.records)
                with trace_work("judge", asked, partition=run.partition), measure_stage("judge"):
                    await self._admit_run(run)
            except SnapshotSpoiled as error:
                await self._retake_without_snapshot(run.partition, error)
            except Misuse as error:
                self._stand_still(run.partition, error)
            except Exception as error:
                self._end_worker("intake cannot go on", error)

    async def _admit_run(self, run: RecordRun) -> None:
        assigned = self._partitions.find_owner(run)
        if assigned is None:
            return
        if not self._watch.has_looked(run.fetched_at):
            await self._outage.retry_call(lambda: self._threads.run_beside(self._watch.hold_topics, run.fetched_at))
        if run.follows > assigned.next_offset:
            expected = assigned.next_offset
            log.warning("run past the books", partition=run.partition, follows=run.follows, expected=expected)
            self._retake_partition(run.partition)
            return
        records = run.records
        if records[0].offset < assigned.next_offset:  # fetched before, or again from further back: outputs stay
            log.info("records passed over", partition=run.partition, follows=run.follows, first=records[0].offset)
            records = [one for one in records if one.offset >= assigned.next_offset]
        records = take_appended(run.partition, records)
        facts = await self._outage.retry_call(lambda: self._reader.read_records(records, self._threads.run_beside))
        if not records or self._partitions.find_owner(run) is not assigned:
            return
        if assigned.is_save_due():
            await self._save_books(assigned)
            if self._partitions.find_owner(run) is not assigned:  # left meanwhile: its books are gone
                return
        for outputs in assigned.intake.fold_slices(records, facts):
            await self._delivery.send_outputs(run.partition, outputs, assigned.next_offset)
            assigned.unsaved += len(outputs)
            if self._partitions.find_owner(run) is not assigned:
                return
        JUDGED_EVENTS.inc(len(records))
        if assigned.next_offset <= run.last:  # what follows does not have the broker's time
            self._retake_partition(run.partition)

    async def _save_books(self, assigned: AssignedPartition) -> None:
        await self._delivery.finish_flight()
        await self._threads.run_beside(self._opener.save_books, assigned)

    async def _look_at_topics(self) -> None:
        """Look at the topics while nothing is fetched too. Raises Misuse, Unavailable."""
        await self._threads.run_beside(self._watch.hold_topics, time.monotonic())
        partitions = self._partitions.list_partitions()
        self._standing.report_found(await self._threads.run_beside(self._watch.find_deleted, partitions))

    async def _stand_all(self, error: Misuse) -> None:
        self._standing.report_found([error])
        async with self._lock:
            for partition in self._partitions.list_partitions():
                self._stand_still(partition, error)

    def _stand_still(self, partition: int, error: Misuse) -> None:
        """Judge nothing more of the partition; forget books that were advanced without their outputs."""
        self._partitions.drop_partition(partition)
        self._standing.stand_still(partition, error)
        if isinstance(error, RecordsLost):
            self._delivery.commits.commit_soon(partition, error.first, STANDS)

    async def release(self) -> None:
        """Finish the write in flight, save, forget every partition. Never raises."""
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                async with self._lock:
                    await self._delivery.finish_flight()
                    await self._delivery.commits.finish_commits()
                    for assigned in self._partitions.list_unsaved():
                        await self._save_books(assigned)
        except Exception as error:  # whatever it is: a snapshot is a cache
            log.warning("partitions left without a snapshot", why=type(error).__name__)
        for partition in self._partitions.list_partitions():
            self._partitions.drop_partition(partition)
        self._standing.forget_all()

    async def close(self) -> None:
        """Leave for good; a partition that is being taken is given up."""
        self._leaves = True
        if self._watching is not None:
            self._watching.cancel()
        await self.release()
        self._opener.close()
        self._threads.close()

    async def _retake_without_snapshot(self, partition: int, error: SnapshotSpoiled) -> None:
        """Throw the snapshot away, in which a book could not be read, and take the partition anew. Nothing of the run
        was written: it is folded again from the topics.
        """
        log.warning("snapshot thrown away", partition=partition, why=str(error))
        assigned = self._partitions.take_out(partition)
        if assigned is not None:  # else it was left meanwhile, and whoever takes it next reads the snapshot anew
            assigned.books.discard_snapshot()
            self._retake_partition(partition)

    def _retake_partition(self, partition: int) -> None:
        """Take the partition anew as soon as the run in hand is done with."""
        running = self._retaking.get(partition)
        if running is None or running.done():
            self._retaking[partition] = asyncio.ensure_future(self._hooks.retake(partition))

    def _end_worker(self, what: str, error: Exception) -> None:
        fault = isinstance(error, ProgramFault)
        log.error(what, why=str(error), fault=fault, exc_info=error if fault else None)
        self._hooks.end(f"{what}: {error}")
