"""One session of the sealer, from taking over to an error or a signal (``services.sealer`` has the order)."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

import structlog

from infra.settings import Settings
from infra.status import TAKING, WORKING, end_trouble, report_status, report_trouble
from infra.topics import CHECKPOINTS, FIGURES
from proofs.errors import NotValid
from proofs.tiles import TileName
from schemas.codec import Codec
from schemas.registry import resolve_ids
from seals.chain import SealedOutput
from seals.directory import SealDirectory
from seals.figures import FIGURE_PLACE, FigureHasher
from seals.history import PassedCheckpoint
from seals.keys import locate_seals
from seals.ledger_log import read_sealed
from seals.outputs import AppendedRecord, NoOutput, PartReader
from seals.proving import verify_tiles
from seals.publishing import CheckpointPublisher
from seals.remaking import remake_directory
from seals.resuming import ReadPlaces, ResumedLog, read_history, resume_log
from seals.sealer import Sealer
from seals.topics import CHECKPOINT_PARTITION, TopicTail

READY_MOST: Final = 50_000  # sealed at once however little time has passed: what waits is held in memory
POLL_SECONDS: Final = 0.2
PLACES_SECONDS: Final = 5.0
WAITING_SECONDS: Final = 30.0
LOOKED_AT_ONCE: Final = 5
KEPT_CHECKPOINTS: Final = 1_000
LOOK_AGAIN_SECONDS: Final = 3600.0
BEAT_OUTPUTS: Final = 5_000
_log = structlog.get_logger("services.sealing_session")


class SealingSession:
    """Takes over, resumes, seals. Used by one thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._directory = SealDirectory(locate_seals(settings))
        ids = resolve_ids(settings)
        self._parts = PartReader(Codec(ids))
        self._figures = FigureHasher(ids)
        self._tail: TopicTail | None = None
        self._strays = 0
        self._places = ReadPlaces()
        self._sealed_at = self._saved_at = time.monotonic()
        self._joined_at = time.monotonic()
        self._look: Iterator[TileName] = iter(())
        self._look_at = 0.0

    def run(self, stop: threading.Event, *, remake: bool, begun: Callable[[], None]) -> bool:
        """Seal until ``stop`` is set, or until a tile is found that is not what it was: then return True.

        Args:
            stop: set by a signal.
            remake: make tiles and index again in any case.
            begun: called once outputs are read.
        """
        report_status(TAKING)
        publisher = CheckpointPublisher(self._settings)
        resumed = resume_log(self._settings, self._directory)
        sealer = self._open_sealer(resumed, publisher, remake=remake)
        self._serve_newest(resumed)
        self._report_passed(resumed)
        starts = {**resumed.places.outputs, FIGURE_PLACE: sealer.figures_next}
        self._tail = tail = TopicTail(self._settings, starts, gathers=True)
        begun()
        _log.info("sealing", log=resumed.keys.origin, leaves=sealer.checkpoint.size)
        while not stop.is_set():
            report_status(WORKING)
            for record in tail.read_batch(POLL_SECONDS):
                self._take_record(sealer, resumed, record)
            self._seal_due(sealer, resumed)
            if not self._look_on(sealer):
                return True
        self._seal_now(sealer)
        self._save_places(sealer, resumed)
        return False

    def close(self) -> None:
        """Give the connections back."""
        if self._tail is not None:
            self._tail.close()
        self._directory.close()

    def _open_sealer(self, resumed: ResumedLog, publisher: CheckpointPublisher, *, remake: bool) -> Sealer:
        arguments = self._directory, resumed.keys, resumed.last, publisher.publish_note
        if not remake:
            try:
                return Sealer(*arguments)
            except NotValid as error:
                _log.warning("tiles are made again", reason=str(error))
        history = read_history(self._settings, resumed.keys)
        checkpoints = [one.checkpoint for one in history.checkpoints]
        outputs = read_sealed(self._settings, resumed.last)
        remake_directory(self._directory, checkpoints, _show_life(outputs))
        return Sealer(*arguments)

    def _serve_newest(self, resumed: ResumedLog) -> None:
        """Serve the checkpoint that was published last: whoever died after publishing it left an older one there."""
        newest = resumed.history.newest
        if newest is not None:
            self._directory.write_checkpoint(str(newest.note))

    def _take_record(self, sealer: Sealer, resumed: ResumedLog, record: AppendedRecord) -> None:
        if record.topic == CHECKPOINTS:
            for one in resumed.history.follow_records([record]):
                if isinstance(one, PassedCheckpoint):
                    self._report_passed(resumed)
        elif record.topic == FIGURES:
            self._take_figure(sealer, record)
        elif isinstance(part := self._parts.read_part(record), NoOutput):
            self._report_stray(part)
        else:
            sealer.add_part(record.partition, part)

    def _take_figure(self, sealer: Sealer, record: AppendedRecord) -> None:
        leaf_hash = self._figures.hash_figure(record.value)
        if leaf_hash is None:
            self._report_stray(NoOutput(record.topic, record.partition, record.offset, "it is no figure"))
        else:
            sealer.add_figure(SealedOutput(record.offset, leaf_hash))

    def _report_stray(self, stray: NoOutput) -> None:
        self._strays += 1
        what = f"{self._strays:,} records are no outputs and no figures, and were passed over; the last: {stray}"
        report_trouble("strays", what, remedy="see who may write to soc.entries, soc.rejected and soc.figures")

    def _seal_due(self, sealer: Sealer, resumed: ResumedLog) -> None:
        now = time.monotonic()
        early = now - self._sealed_at < self._settings.seal_interval_seconds
        if early and sealer.ready < READY_MOST:
            return
        self._sealed_at = now
        self._seal_now(sealer)
        if now - self._saved_at >= PLACES_SECONDS:
            self._save_places(sealer, resumed)
            self._saved_at = now

    def _seal_now(self, sealer: Sealer) -> None:
        if sealer.seal_ready() is not None:
            self._joined_at = time.monotonic()

    def _save_places(self, sealer: Sealer, resumed: ResumedLog) -> None:
        """Save from where on the topics are to be read, and report what waits for long."""
        if self._tail is None:
            return
        loose = sealer.find_loose()
        self._report_waiting(len(loose))
        history, read = resumed.history, dict(self._tail.next)
        history.forget_old(KEPT_CHECKPOINTS)
        for place in ((CHECKPOINTS, CHECKPOINT_PARTITION), FIGURE_PLACE):  # of figures the index knows the next
            read.pop(place)
        starts = {place: min(at, loose.get(place, at)) for place, at in read.items()}
        places = ReadPlaces(sealer.checkpoint.size, history.newest.offset if history.newest else 0, starts)
        if places != self._places:
            places.save(self._directory.path, resumed.topic_ids)
            self._places = places

    def _report_waiting(self, loose: int) -> None:
        if loose and time.monotonic() - self._joined_at > WAITING_SECONDS:
            what = f"in {loose} partitions of the output topics something waits for an output before it"
            report_trouble("waiting", what, remedy="`disruptions audit replay` says what is missing")
        elif not loose:
            end_trouble("waiting")

    def _report_passed(self, resumed: ResumedLog) -> None:
        passed = resumed.history.passed
        for one in passed:
            _log.warning("checkpoint passed over", where=str(one))
        if passed:
            what = (
                f"{len(passed):,} records are no checkpoints of this log, and were passed over; the last: {passed[-1]}"
            )
            report_trouble("checkpoints", what, remedy="see who may write to soc.checkpoints")

    def _look_on(self, sealer: Sealer) -> bool:
        """Look at some more tiles; False where one is not what it was."""
        try:
            for _ in range(LOOKED_AT_ONCE):
                if next(self._look, None) is None:
                    self._begin_look(sealer)
                    break
        except NotValid as error:
            _log.warning("tiles are made again", reason=str(error))
            return False
        return True

    def _begin_look(self, sealer: Sealer) -> None:
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_AGAIN_SECONDS
            self._look = verify_tiles(self._directory, sealer.checkpoint)


def _show_life(outputs: Iterator[tuple[int, SealedOutput]]) -> Iterator[tuple[int, SealedOutput]]:
    """Show life while outputs are read."""
    for number, one in enumerate(outputs):
        if number % BEAT_OUTPUTS == 0:
            report_status(TAKING)
        yield one
