"""A read API on loopback over a real engine whose rows were written by hand."""

import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from dashboard.api import build_api
from dashboard.http_protocol import ProblemProtocol
from infra.settings import Settings, load_settings
from ledger.errors import Unavailable
from local.ports import find_free_port
from queries import recent_tails
from queries.published import Published, Tail
from sinks.loader_health import LoaderHealth
from sinks.store import Store
from tests.dashboard.bodies import judge_answers
from tests.patience import PATIENT, await_truth
from tests.stores import open_migrated

Row = tuple[Any, ...]


def make_instant(day: int, hour: int = 12) -> datetime:
    """An instant of July 2022."""
    return datetime(2022, 7, day, hour, tzinfo=UTC)


def make_event_id(number: int) -> str:
    """An event id."""
    return f"00000000-0000-4000-8000-{number:012d}"


ENTRIES = [  # partition, offset, record, number, threat, disruption, version, organisation, entered, learnt
    (0, 0, "ThreatEvent", 1, "T-1", None, 1, "metropolitan", make_instant(1), make_instant(1)),
    (0, 1, "DisruptionEvent", 2, "T-1", "D-1", 1, "metropolitan", make_instant(2), make_instant(2)),
    (0, 2, "DisruptionEvent", 3, "T-1", "D-2", 1, "rocu-tarian", make_instant(2), make_instant(2)),
    (1, 0, "DisruptionEvent", 4, "T-2", "D-3", 1, "kent", make_instant(3), make_instant(3)),
    (1, 1, "DisruptionEvent", 5, "T-2", "D-3", 2, "kent", make_instant(5), make_instant(6)),
]
POSTINGS = [  # of entry, leg, disruption, type, pillar, category, event date, standing, sign, entered
    (1, 0, "D-1", "LEAD", "PURSUE", "MAJOR", date(2022, 6, 30), "COUNTED", 1, make_instant(2)),
    (2, 0, "D-2", "SUPPORT", "PREVENT", "MINOR", date(2022, 6, 29), "COUNTED", 1, make_instant(2)),
    (3, 0, "D-3", "LEAD", "PROTECT", "UNASSESSED", date(2022, 6, 1), "UNASSESSED", 1, make_instant(3)),
    (4, 0, "D-3", "LEAD", "PROTECT", "UNASSESSED", date(2022, 6, 1), "UNASSESSED", -1, make_instant(5)),
    (4, 1, "D-3", "LEAD", "PROTECT", "MINOR", date(2022, 6, 1), "COUNTED", 1, make_instant(5)),
]
REFUSED = (
    0,
    3,
    2,
    make_instant(4),
    "SUPPORT_BY_FORCE",
    "A force records lead disruptions only.",
    make_event_id(6),
    "T-1",
    "D-9",
)


class Known(Published):
    """What has been published: four records in partition 0, two in partition 1; or a broker that is away."""

    margin = timedelta(seconds=5)

    def __init__(self) -> None:
        self.away = False
        self.ends = {0: 4, 1: 2}
        self.undecided: set[int] = set()

    def find_tails(self, positions: Mapping[int, int]) -> dict[int, Tail]:
        """Offsets are records here; a transaction is open at the end of those that are ``undecided``."""
        if self.away:
            raise Unavailable("the broker did not answer: away")
        return {
            number: Tail(end, end + (number in self.undecided), positions.get(number, 0) < end)
            for number, end in self.ends.items()
        }

    def has_own_time(self, _number: int, _offset: int) -> bool:
        """No broker gave these records their time: they are of 2022."""
        return False


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a state directory."""
    return load_settings(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def store(settings: Settings) -> Iterator[Store]:
    """The engine in process, with the rows above."""
    with open_migrated(settings) as opened:
        fill_store(opened)
        yield opened


ENTRY = (
    "partition offset previous_offset ledger_time verdict record event_id threat_id disruption_id version organisation"
    " entered_at key value header_names header_values leg_count threat_leg_count"
)
POSTING = (
    "partition offset leg ledger_time event_id threat_id disruption_id organisation type pillar kind crime_type"
    " category event_date standing sign entered_at"
)
THREAT = (
    "partition offset leg ledger_time event_id threat_id owner kind crime_type assessment_type moderation_status soc"
    " tier closed sign entered_at"
)
REFUSAL = "partition offset previous_offset ledger_time code message event_id threat_id disruption_id"


def fill_store(store: Store) -> None:
    """Write the rows above."""
    write_rows(store, "entries", ENTRY, [make_entry(*one) for one in ENTRIES])
    write_rows(store, "postings", POSTING, [make_posting(*one) for one in POSTINGS])
    account = ("metropolitan", "OCG", "DRUGS", "TACTICAL", "MODERATED", True, 1, False)
    write_rows(
        store,
        "threat_postings",
        THREAT,
        [(0, 0, 0, make_instant(1), make_event_id(1), "T-1", *account, 1, make_instant(1))],
    )
    write_rows(store, "rejected", REFUSAL, [REFUSED])


def make_entry(p: int, o: int, record: str, number: int, threat: str, *rest: Any) -> Row:
    """A row of ``entries``, with bytes that are no text."""
    disruption, version, organisation, entered, known = rest
    identity = (make_event_id(number), threat, disruption, version, organisation, entered)
    legs = sum(1 for one in POSTINGS if one[0] == number - 1), int(record == "ThreatEvent")
    return (
        p,
        o,
        o - 1,
        known,
        "ADMITTED",
        record,
        *identity,
        threat.encode(),
        b"\x00\xff",
        ["ce_id"],
        [b"\xfe"],
        *legs,
    )


def make_posting(of: int, leg: int, disruption: str, type: str, *rest: Any) -> Row:
    """A row of ``postings``, of the entry with that number."""
    pillar, category, day, standing, sign, entered = rest
    p, o, _, number, threat, _, _, organisation, _, known = ENTRIES[of]
    account = (organisation, type, pillar, "OCG", "DRUGS", category, day, standing)
    return (p, o, leg, known, make_event_id(number), threat, disruption, *account, sign, entered)


def write_rows(store: Store, table: str, columns: str, rows: list[Row]) -> None:
    """Insert rows of those columns."""
    store.insert_rows(table, columns.split(), [list(row) for row in rows])


@pytest.fixture(autouse=True)
def judge_bodies() -> Iterator[None]:
    """Every answer that a test comes by, over HTTP or on a page too, is of the type that its question names."""
    with judge_answers():
        yield


@pytest.fixture(autouse=True)
def ask_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker is asked for each answer: a test that takes it away need not wait until what it said is old."""
    monkeypatch.setattr(recent_tails, "TOLD_SECONDS", 0.0)
    monkeypatch.setattr(recent_tails, "ASKING_SECONDS", 0.0)


@pytest.fixture(scope="module")
def published() -> Known:
    """What the API is told has been published."""
    return Known()


@pytest.fixture(scope="module")
def loader() -> LoaderHealth:
    """What the API is told of the loader."""
    return LoaderHealth(state="loading")


@pytest.fixture(scope="module")
def address(settings: Settings, store: Store, published: Known, loader: LoaderHealth) -> Iterator[str]:
    """A real server of the API on a free port of loopback."""
    port = find_free_port()
    api = build_api(settings, store, lambda: loader, published)
    server = uvicorn.Server(uvicorn.Config(api, port=port, http=ProblemProtocol, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    await_truth(lambda: server.started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """A client of the API."""
    with httpx.Client(base_url=f"{address}/v1", **PATIENT) as opened:
        yield opened


@pytest.fixture
def browser(address: str) -> Iterator[httpx.Client]:
    """A client that asks for pages, and for all else that the service answers."""
    with httpx.Client(base_url=address, **PATIENT) as opened:
        yield opened


@pytest.fixture
def state_of_api(address: str, tmp_path: Path) -> Path:
    """A state directory whose ``addresses.json`` names that server."""
    (tmp_path / "addresses.json").write_text(f'{{"read_api": "{address}"}}')
    return tmp_path
