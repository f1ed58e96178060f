"""What health knows without its parts: does the broker answer, the store, the registry, and does anything move?

It works wherever the parts run: what has been published stands beside what is judged (where the output topics end) and
what is stored. It is asked in a thread of its own, so that health answers at once while the broker does not.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import httpx
import structlog
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from infra.settings import Settings
from infra.topic_identity import find_highs
from infra.topics import ENTRIES, REJECTED
from ledger.errors import LedgerError, Misuse, Unavailable
from ledger.instants import count_millis
from queries.answer import read_clock
from queries.clock_skew import ClockSkew, SkewMeter, describe_skew
from queries.completeness import find_clock_trouble
from queries.event_tally import EventTally, Outcome
from queries.health_answers import PartTrouble
from queries.heartbeat_ages import Heard, read_heard
from queries.invariant_checker import InvariantChecker
from queries.lag import LagClock
from queries.published import Published, Tail, find_ends
from sinks import positions, progress
from sinks.frontier import Frontier
from sinks.store import Store
from sinks.unloadable import count_unloadable

SAMPLE_SECONDS: Final = 2.0
REGISTRY_SECONDS: Final = 10.0  # between two questions to the registry
CALL_TIMEOUT_SECONDS: Final = 5.0
Place = tuple[str, int]
_log = structlog.get_logger("queries.watch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was found at one moment.

    Attributes:
        lag: published and not stored; None when the broker or the store was away.
        behind: outputs that are not loaded; the rest of the lag is not judged yet.
        oldest_seconds: the age of the oldest event that is published and not stored; 0 where there is none.
        intake_seconds: since when more has been published than is judged, as the samples saw it.
        events: how many of those stored came to which end.
        heard: when each recorder was last heard.
        skew: how far this machine's clock is ahead of the brokers'; None while nothing came that shows it.
        store_answered, broker_answered: whether they did.
        taken_at: when the asking began, by the monotonic clock.
    """

    lag: int | None = None
    behind: int = 0
    oldest_seconds: float = 0.0
    intake_seconds: float = 0.0
    unloadable: int = 0
    events: Mapping[Outcome, int] = field(default_factory=dict)
    heard: Mapping[str, Heard] = field(default_factory=dict)
    skew: ClockSkew | None = None
    store_answered: bool = False
    broker_answered: bool = False
    taken_at: float = field(default_factory=time.monotonic)
    troubles: list[PartTrouble] = field(default_factory=list)


@dataclass(slots=True)
class Movement:
    """Since when a sum of positions has stood still."""

    mark: int = -1
    moved_at: float = 0.0

    def measure_rest(self, mark: int, *, due: bool) -> float:
        """Measure the seconds without movement while movement was due."""
        if mark != self.mark or not due:
            self.mark, self.moved_at = mark, time.monotonic()
        return time.monotonic() - self.moved_at


class Watch:
    """Samples every two seconds between ``start`` and ``close``; asked outside of that, it samples then.

    Attributes:
        invariants: the checker of what must hold, which is started and closed with it.
        has_met_broker: whether the broker has ever answered.
    """

    def __init__(self, settings: Settings, store: Store, published: Published) -> None:
        self._settings = settings
        self._store = store
        self._published = published
        self._admin: AdminClient | None = None
        self._ends: dict[Place, int] = {}
        self._reached: dict[Place, int] = {}
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._sample: Sample | None = None
        self._judged, self._stored = Movement(), Movement()
        self._tally, self._intake_clock = EventTally(store), LagClock()
        self._skew = SkewMeter(store, published.has_own_time)
        self._registry_troubles: list[PartTrouble] = []
        self._ask_again_at = 0.0
        self.has_met_broker = False
        self.invariants = InvariantChecker(store, published)

    @property
    def is_running(self) -> bool:
        """Whether ``read`` answers at once."""
        return self._sample is not None and self._thread is not None

    def read_newest(self) -> Sample | None:
        """Return the newest sample without waiting; None before the first. Where no thread samples, take one."""
        return self.take_sample() if self._thread is None else self._sample

    def start(self) -> None:
        """Sample from now on."""
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()
        self.invariants.start()

    def close(self) -> None:
        """Sample no more."""
        self._over.set()
        self.invariants.close()

    def read(self) -> Sample:
        """Return the newest sample."""
        found = self._sample
        return found if found is not None and self._thread is not None else self.take_sample()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self._sample = self.take_sample()
            except Exception:  # a defect of ours: health says so, and goes on
                _log.exception("watch failed")
                trouble = describe_trouble("service", "health cannot be asked in full", "see the service's log")
                self._sample = Sample(troubles=[trouble])
            self._over.wait(SAMPLE_SECONDS)

    def take_sample(self) -> Sample:
        """Ask all of them."""
        troubles: list[PartTrouble] = []
        found: dict[str, Any] = {"taken_at": time.monotonic()}
        stored: dict[int, int] | None = None
        try:
            found["unloadable"] = count_unloadable(self._store)
            frontiers = positions.find_frontiers(self._store)
            self._skew.note_stored(frontiers, count_millis(read_clock()))
            stored = {number: one.position for number, one in frontiers.items()}
            found |= {"events": self._tally.count_events(frontiers), "heard": read_heard(self._store)}
            found["store_answered"] = True
            found["skew"] = self._skew.read_skew(count_millis(read_clock()))
            troubles += [*judge_clock(frontiers), *judge_skew(found["skew"], self._published.margin)]
        except LedgerError as error:
            troubles.append(describe_trouble("store", str(error), "see that it runs; the service's log says more"))
        try:
            asked_at = count_millis(read_clock())
            tails = self._published.find_tails(stored or {})
            self._skew.note_ends(tails, asked_at)
            found["broker_answered"] = self.has_met_broker = True
            if stored is not None:
                found |= self._measure_lag(tails, stored)
                troubles += self._judge_movement(found["lag"], found["behind"], sum(stored.values()))
        except LedgerError as error:
            troubles.append(describe_trouble("broker", str(error), "start it or mend the way to it; all wait for it"))
        troubles += self._judge_registry()
        return Sample(**found, troubles=troubles)

    def _measure_lag(self, tails: Mapping[int, Tail], stored: Mapping[int, int]) -> dict[str, Any]:
        """Measure what is published and not stored, and what of it is judged already. Raises Unavailable."""
        ends = find_ends(tails, stored)
        lag = sum(end - stored.get(number, 0) for number, end in ends.items())
        behind = self._count_behind() if lag else 0
        since = [tail.since for tail in tails.values() if tail.waiting and tail.since is not None]
        end = sum(ends.values())
        return {
            "lag": lag,
            "behind": behind,
            "oldest_seconds": max(0.0, time.time() - min(since) / 1000) if since else 0.0,
            "intake_seconds": self._intake_clock.measure_age(end, end - max(0, lag - behind)),
        }

    def _count_behind(self) -> int:
        """Count the outputs that are not loaded. Raises Unavailable."""
        self._ends, self._reached = self._find_ends(), progress.read_progress(self._store)
        return sum(max(0, end - self._reached.get(place, 0)) for place, end in self._ends.items())

    def _judge_movement(self, lag: int, behind: int, stored: int) -> list[PartTrouble]:
        """Say who stands still while there is something to do."""
        if not lag:
            self._judged, self._stored = Movement(), Movement()
            return []
        ends, reached = self._ends, self._reached
        judged_rest = self._judged.measure_rest(sum(ends.values()), due=lag > 0 and behind == 0)
        stored_rest = self._stored.measure_rest(stored + sum(reached.values()), due=behind > 0)
        most = self._settings.part_silence_seconds
        found = []
        if judged_rest > most:
            what = f"intake does not advance: {lag:,} published and not judged, nothing for {judged_rest:.0f} s"
            remedy = "see that workers run, and what they and the broker say; nothing published is lost"
            found.append(describe_trouble("intake", what, remedy))
        if stored_rest > most:
            what = f"the store does not advance: {behind:,} outputs are not loaded, nothing for {stored_rest:.0f} s"
            found.append(describe_trouble("loader", what, "see what the loader waits for; restart the service"))
        return found

    def _find_ends(self) -> dict[Place, int]:
        """Find where each partition of the output topics ends. Raises Unavailable."""
        if self._admin is None:
            self._admin = AdminClient(self._settings.build_kafka_options() | {"log_level": 2})
        try:
            known = self._admin.list_topics(timeout=CALL_TIMEOUT_SECONDS).topics
        except KafkaException as error:
            raise Unavailable(f"the broker did not answer: {error.args[0].str()}") from error
        topics = [topic for topic in (ENTRIES, REJECTED) if topic in known]
        return find_highs(self._admin, [(topic, number) for topic in topics for number in known[topic].partitions])

    def _judge_registry(self) -> list[PartTrouble]:
        if time.monotonic() >= self._ask_again_at:
            self._registry_troubles = self._ask_registry()
            self._ask_again_at = time.monotonic() + REGISTRY_SECONDS
        return self._registry_troubles

    def _ask_registry(self) -> list[PartTrouble]:
        """Ask as the codec asks, for what everybody may know of it. It is trusted as the registry's client does."""
        remedy = "start it or mend the way to it: events with schemas not seen yet wait for it"
        try:
            what = ask_registry(self._settings)
        except Misuse as error:
            what, remedy = str(error), "mend the setting, then restart the service"
        return [describe_trouble("registry", what, remedy)] if what else []


def ask_registry(settings: Settings) -> str:
    """Say what is wrong with the registry, if anything is. Raises Misuse where its settings cannot be used."""
    options = settings.build_registry_options()
    if options is None:
        return ""
    user, _, password = options.get("basic.auth.user.info", "").partition(":")
    try:
        status = httpx.get(
            f"{options['url'].rstrip('/')}/subjects",
            auth=(user, password) if user else None,
            timeout=CALL_TIMEOUT_SECONDS,
        ).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"the registry does not answer ({type(error).__name__})"
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return f"the registry answers {status}: check the file of SCHEMA_REGISTRY_USER_INFO_FILE"
    return f"the registry answers {status}" if status >= httpx.codes.INTERNAL_SERVER_ERROR else ""


def judge_clock(frontiers: Mapping[int, Frontier]) -> list[PartTrouble]:
    """Judge whether the ledger's time is ahead of this machine's."""
    found = find_clock_trouble(frontiers, read_clock())
    remedy = "set the clocks of brokers and machines by NTP; nothing is lost, live answers are not complete until then"
    return [describe_trouble("broker", found, remedy)] if found else []


def judge_skew(skew: ClockSkew | None, margin: timedelta) -> list[PartTrouble]:
    """Judge whether the margin of completeness is as large as clocks and replicas need it."""
    found = describe_skew(skew, margin)
    remedy = (
        "set the clocks of brokers and machines by NTP, or DISRUPTIONS_COMPLETENESS_MARGIN_SECONDS higher; ask again "
        "for what was noted as complete meanwhile"
    )
    return [describe_trouble("broker", found, remedy)] if found else []


def describe_trouble(part: str, what: str, remedy: str) -> PartTrouble:
    """Describe a trouble as health lists it."""
    return {"part": part, "what": what, "remedy": remedy}
