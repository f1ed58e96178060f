"""What storms are made of: a seed, a publisher, and the storm itself.

A seed names a storm and the history under it; it is printed, and can be given, as the length can: ``make chaos
SEED=7 SECONDS=120 RUNS=3``. What fails says by which command it is done again alone. CI has one short storm of each
kind.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from infra.settings import Settings
from infra.topics import PUBLISHED
from tests.chaos.driver import ChaosDriver
from tests.chaos.history import HistoryWriter, PlannedRecord
from tests.chaos.schedule import FaultKind, make_schedule
from tests.chaos.verdict import hold_laws
from tests.chaos.world import ChaosWorld
from tests.live.adversary.health import run_impatient
from tests.live.adversary.running import RunningLedger

SEED = int(os.environ.get("CHAOS_SEED", "20260628"))
RUNS = int(os.environ.get("CHAOS_RUNS", "1"))
SECONDS = float(os.environ.get("CHAOS_SECONDS", "9"))
RECORDS_A_SECOND = 150
DELIVERED_SECONDS = 120.0
BEGAN = time.monotonic()
# half-open, a client gives up after a minute; after a full disk all start anew; what hangs is found after seconds
SLOW = {FaultKind.LOSE, FaultKind.FILL, FaultKind.HANG}
SHORT_SECONDS = 30.0
MISSED_MOST = 1  # kinds of faults: what they were to strike may have been down for another's sake


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for a storm is marked live."""
    for item in items:
        if "storm" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.live)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say how far the whole has come: it takes long."""
    here = [one for one in item.session.items if one.path.parent == item.path.parent]
    minutes = (time.monotonic() - BEGAN) / 60
    sys.stdout.write(f"\n== {here.index(item) + 1} of {len(here)}, {minutes:.0f} min so far: {item.name}\n")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say by which command a test that failed is done again, alone and by its seed."""
    report = yield
    if report.failed:
        seed = item.callspec.params.get("seed", SEED) if hasattr(item, "callspec") else SEED
        only = f"'{item.originalname}'"
        sys.stdout.write(f"\n== again: make chaos SEED={seed} SECONDS={SECONDS:g} RUNS=1 ONLY={only}\n")
    return report


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLedger]:
    """A ledger that takes five seconds of silence for a hang; at the end it is up, and stops when it is told to."""
    with run_impatient(tmp_path_factory.mktemp("impatient")) as made:
        yield made
        assert made.is_up()
        assert made.stop_up() == 0


class BackgroundPublisher:
    """Publishes a history evenly over a storm, as a client of Kafka's own would; ``close`` waits until all is taken."""

    def __init__(self, settings: Settings, records: list[PlannedRecord], seconds: float) -> None:
        own = {
            "partitioner": "murmur2_random",
            "enable.idempotence": True,
            "delivery.timeout.ms": 600_000,
            "log_level": 0,
        }
        self._producer = Producer(settings.build_kafka_options() | own | {"log_level": 0})
        self._records, self._pause = records, seconds / max(1, len(records))
        self._failed: list[object] = []
        self._thread = threading.Thread(target=self._run, name="publisher")
        self._thread.start()

    def _run(self) -> None:
        began = time.monotonic()
        for number, record in enumerate(self._records):
            time.sleep(max(0.0, began + number * self._pause - time.monotonic()))
            self._producer.produce(PUBLISHED, record.value, record.key, on_delivery=self._note_failure)
            self._producer.poll(0)

    def _note_failure(self, error: object, _: object) -> None:
        if error is not None:
            self._failed.append(error)

    def close(self) -> None:
        """Return once every record is acknowledged."""
        self._thread.join()
        assert self._producer.flush(DELIVERED_SECONDS) == 0, "not everything is acknowledged"
        assert not self._failed, self._failed[:3]


@pytest.fixture(params=range(SEED, SEED + RUNS))
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of a storm; by hand, several."""
    sys.stdout.write(f"\nCHAOS_SEED={request.param} CHAOS_SECONDS={SECONDS:g}\n")
    return int(request.param)


@pytest.fixture
def storm(seed: int) -> Callable[[ChaosWorld, Path | None], None]:
    """``storm(world, disk)``: publish under all faults, of the disk too where one is given, then hold the laws."""

    def strike_ledger(world: ChaosWorld, disk: Path | None) -> None:
        kinds = set(FaultKind) - (set() if disk else {FaultKind.FILL}) - (SLOW if SECONDS < SHORT_SECONDS else set())
        parts = [one for one in world.list_parts() if not one.startswith("broker")]
        schedule = make_schedule(seed, SECONDS, parts, [one.name for one in world.brokers], kinds)
        planned = list(HistoryWriter(seed, round(time.time() * 1000)).write_records(round(SECONDS * RECORDS_A_SECOND)))
        driver = ChaosDriver(world, disk)
        publisher = BackgroundPublisher(world.settings, planned, SECONDS)
        try:
            driver.run_schedule(schedule)
        finally:
            publisher.close()
        world.planned += planned
        hold_laws(world)
        missed = {fault.kind for fault in schedule} - (+driver.struck).keys()
        assert len(missed) <= MISSED_MOST, f"these faults struck nothing, so this proves nothing of them: {missed}"

    return strike_ledger
