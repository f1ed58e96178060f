"""Partitions owned by this worker, and the order of effects that loses nothing and counts nothing twice.

Taking partition p in a generation of the consumer group:

1. Everything this worker sent before is acknowledged (late outputs of an earlier tenure). The topics are still those of
   this worker's first look.
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
8. When a snapshot is due: the outputs before are acknowledged, then the snapshot is written, then the fold goes on.
9. All records are folded. A mistake of this program ends the worker, loudly, before anything of the run is written.
10. The outputs of the run before are acknowledged; only then are this run's outputs sent (very large ones in slices),
    except those remembered in 4. So at most one run of this worker is in flight, while the next is folded.
11. All acknowledged: ``last + 1`` is committed, beside the runs that follow, together with what landed meanwhile. The
    commit is a hint; when it fails nothing is lost.

Losing partitions (revoked, or asked to stop): the run in hand and its outputs are finished, the snapshot is written,
the offsets are committed, and the partitions are forgotten.

Books that were advanced by a run whose outputs are not known to be written are never used again: the worker ends
(``os._exit``), its supervisor starts another, and step 3 finds what was written.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import structlog

from infra.settings import Settings
from infra.status import TAKING, WAITING, WORKING
from ledger.errors import Misuse
from schemas.codec import Codec
from schemas.registry import Ids
from streams.books import Books, Spoiled
from streams.clock import take_appended
from streams.hints import Hints
from streams.intake import Fault, Intake
from streams.losses import STANDS, RecordsLost
from streams.outputs import Outputs
from streams.patience import PATIENCE_SECONDS, Patience
from streams.reading import RecordReader
from streams.recovery import Recovery
from streams.runs import Run
from streams.standstill import StandingPartitions, keep_looking
from streams.tenure import Tenure, World
from streams.watch import TopicWatch, hold_snapshot

T = TypeVar("T")
log = structlog.get_logger(__name__)

LEAVE_SECONDS = 10.0  # how long losing a partition waits for its outputs
LIVE_BYTES = 500 * 1024 * 1024  # estimated size of all live books of a worker


class Keeper:
    """Runs the protocol above for one worker. Its methods are called from one event loop."""

    def __init__(self, settings: Settings, directory: Path, ids: Ids, world: World) -> None:
        self._settings = settings
        self._directory = directory
        self._ids = ids
        self._reader = RecordReader(ids)
        self._world = world
        self._tenures: dict[int, Tenure] = {}
        self._watch = TopicWatch(settings)
        self._watching: asyncio.Task[None] | None = None
        self._standing = StandingPartitions(self._retake)
        self._lock = asyncio.Lock()
        self._flight: asyncio.Task[None] | None = None
        self._hints = Hints(world.commit, self._end)
        self._retaking: dict[int, asyncio.Future[None]] = {}
        self._threads = ThreadPoolExecutor(2, "keeper")
        self._patience = Patience()
        self._takes = 0

    @property
    def doing(self) -> str:
        """One of ``infra.status``: taking partitions, waiting for the world, or working."""
        return WAITING if self._patience.waits else TAKING if self._takes else WORKING

    @cached_property
    def _outputs(self) -> Outputs:
        return Outputs(self._settings)

    @cached_property
    def _recovery(self) -> Recovery:
        return Recovery(self._settings, Codec(self._ids))

    async def take(self, partition: int, generation: int) -> int | None:
        """Steps 1 to 5; R, or None when the partition is no longer ours."""
        self._takes += 1
        self._watching = self._watching or asyncio.create_task(keep_looking(self._look, self._stand_all))
        async with self._lock:
            try:
                return await self._patience.try_on(lambda: self._take(partition, generation))
            except Misuse as error:
                self._stand(partition, error)
                return None
            except Exception as error:
                self._end(f"partition {partition} cannot be taken", error)
                return None
            finally:
                self._takes -= 1

    async def _take(self, partition: int, generation: int) -> int | None:
        await self._landed()
        await self._in_thread(self._outputs.settle, PATIENCE_SECONDS)
        if generation != self._world.generation():
            return None
        self._drop(partition)
        tenure = await self._in_thread(self._recover, partition, generation)
        if tenure is None:
            return None
        self._tenures[partition] = tenure
        self._standing.go_on(partition)
        log.info("partition taken", partition=partition, reads_from=tenure.next, written=len(tenure.ledger.beyond))
        return tenure.next

    def _recover(self, partition: int, generation: int) -> Tenure | None:
        topics = self._watch.hold_topics(time.monotonic())
        self._reader.prepare()
        path = self._directory / f"{partition}.sqlite"
        hold_snapshot(path, topics)
        while True:
            books = Books(path, topics, LIVE_BYTES // self._settings.partitions)
            try:
                ledger = self._recovery.recover(partition, books, lambda: generation == self._world.generation())
            except Spoiled as error:
                log.warning("snapshot thrown away", partition=partition, why=str(error))
                books.discard()
            except BaseException:
                books.close()
                raise
            else:
                if ledger is not None:
                    return Tenure(
                        books, Intake(self._reader.codec, books, ledger, self._settings.partitions), generation
                    )
                books.close()
                return None

    async def admit(self, run: Run) -> None:
        """Steps 6 to 11 for one run. Returns when it is folded and sent; never raises."""
        async with self._lock:
            try:
                await self._admit(run)
            except Spoiled as error:
                await self._retake_without_snapshot(run.partition, error)
            except Misuse as error:
                self._stand(run.partition, error)
            except Exception as error:
                self._end("intake cannot go on", error)

    async def _admit(self, run: Run) -> None:
        tenure = self._owned(run)
        if tenure is None:
            return
        await self._patience.try_on(lambda: self._in_thread(self._watch.hold_topics, run.fetched_at))
        if run.follows > tenure.next:
            log.warning("run past the books", partition=run.partition, follows=run.follows, expected=tenure.next)
            self._retake(run.partition)
            return
        records = run.records
        if records[0].offset < tenure.next:  # fetched before, or again from further back: what has its output stays
            log.info("records passed over", partition=run.partition, follows=run.follows, first=records[0].offset)
            records = [one for one in records if one.offset >= tenure.next]
        records = take_appended(run.partition, records)
        facts = await self._patience.try_on(lambda: self._reader.read_records(records, self._in_thread))
        if not records or self._owned(run) is not tenure:
            return
        if tenure.due():
            await self._landed()
            await self._in_thread(self._save, tenure)
            if self._owned(run) is not tenure:  # left while the snapshot was written: its books are gone
                return
        for outputs in tenure.intake.fold_slices(records, facts):
            await self._landed()
            self._outputs.send(run.partition, outputs)
            tenure.unsaved += len(outputs)
            self._flight = asyncio.create_task(self._land(run.partition, tenure.next))
            if self._owned(run) is not tenure:
                return
        if tenure.next <= run.last:  # what follows does not have the broker's time
            self._retake(run.partition)

    async def _look(self) -> None:
        """Look at the topics while nothing is fetched too. Raises Misuse, Unavailable."""
        await self._in_thread(self._watch.hold_topics, time.monotonic())
        self._standing.report_found(await self._in_thread(self._watch.find_deleted, list(self._tenures)))

    async def _stand_all(self, error: Misuse) -> None:
        self._standing.report_found([error])
        async with self._lock:
            for partition in list(self._tenures):
                self._stand(partition, error)

    def _stand(self, partition: int, error: Misuse) -> None:
        """Nothing more of the partition is judged; books that were advanced without their outputs are forgotten."""
        self._drop(partition)
        self._standing.stand(partition, error)
        if isinstance(error, RecordsLost):
            self._hints.give_hint(partition, error.first, STANDS)

    def _owned(self, run: Run) -> Tenure | None:
        tenure = self._tenures.get(run.partition)
        current = run.generation == self._world.generation()
        return tenure if current and tenure is not None and tenure.generation == run.generation else None

    async def _land(self, partition: int, following: int) -> None:
        """Step 10 of the run in flight; step 11 begins."""
        try:
            await self._in_thread(self._outputs.settle, PATIENCE_SECONDS)
        except Exception as error:
            self._end("outputs are not written", error)
            raise
        self._hints.give_hint(partition, following)

    async def _landed(self) -> None:
        """Nothing is in flight any more. The flight itself is never cancelled with who waits for it."""
        if self._flight is not None:
            await asyncio.shield(self._flight)
            self._flight = None

    def _save(self, tenure: Tenure) -> None:
        """Only when nothing is in flight: what ``ends`` says lies before everything still to be written."""
        tenure.save_books(*self._recovery.ends(tenure.ledger.partition))

    async def release(self) -> None:
        """Finish the write in flight, save, forget every partition. Never raises."""
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                async with self._lock:
                    await self._landed()
                    await self._hints.finish_commits()
                    for tenure in self._tenures.values():
                        if tenure.unsaved and not tenure.ledger.is_loose():
                            await self._in_thread(self._save, tenure)
        except Exception as error:  # whatever it is: a snapshot is a cache
            log.warning("partitions left without a snapshot", why=type(error).__name__)
        for partition in list(self._tenures):
            self._drop(partition)
        self._standing.forget_all()

    async def close(self) -> None:
        """Leave for good."""
        if self._watching is not None:
            self._watching.cancel()
        await self.release()
        if "_recovery" in self.__dict__:
            self._recovery.close()
        self._threads.shutdown(wait=False)

    def _drop(self, partition: int) -> None:
        tenure = self._tenures.pop(partition, None)
        if tenure is not None:
            tenure.books.close()

    async def _retake_without_snapshot(self, partition: int, error: Spoiled) -> None:
        """A book could not be read. Nothing of the run was written: the partition is folded again from the topics."""
        log.warning("snapshot thrown away", partition=partition, why=str(error))
        tenure = self._tenures.pop(partition, None)
        if tenure is not None:  # else it was left meanwhile, and whoever takes it next reads the snapshot anew
            tenure.books.discard()
            self._retake(partition)

    def _retake(self, partition: int) -> None:
        """Take the partition anew as soon as the run in hand is done with."""
        running = self._retaking.get(partition)
        if running is None or running.done():
            self._retaking[partition] = asyncio.ensure_future(self._world.retake(partition))

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def _end(self, what: str, error: Exception) -> None:
        log.error(
            what, why=str(error), fault=isinstance(error, Fault), exc_info=error if isinstance(error, Fault) else None
        )
        self._world.end(f"{what}: {error}")
