"""What works everywhere is asked: who stands still while there is something to do, and who does not answer."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infra.settings import Settings
from infra.topics import ENTRIES
from queries import health
from queries.watch import Movement, Sample, Watch
from sinks.coverage import Coverage
from sinks.loader_health import LoaderHealth
from tests.chaos.disk import lock_directory

UNASKED_STORE = SimpleNamespace(coverage=Coverage(is_told=False))
UNASKED_BROKER = SimpleNamespace(has_own_time=None)


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr("queries.watch.time.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the watch."""
    return Clock(monkeypatch)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """``watched(lag, ends, reached)``: what is said of an output topic that ends there and is loaded up to there."""
    made = Watch(Settings(state=tmp_path), UNASKED_STORE, UNASKED_BROKER)  # type: ignore[arg-type]  # neither is asked here

    def judge_frontiers(lag: int, ends: int, reached: int) -> list[str]:
        monkeypatch.setattr(made, "_find_ends", lambda: {(ENTRIES, 0): ends})
        monkeypatch.setattr("queries.watch.progress.read_progress", lambda _: {(ENTRIES, 0): reached})
        behind = made._count_behind() if lag else 0
        return [one["what"] for one in made._judge_movement(lag, behind, reached)]

    return judge_frontiers


def test_intake_that_does_not_advance_is_named(watched: Any, clock: Clock) -> None:
    """Three are published and not judged, all outputs are loaded: after 20 s somebody should look."""
    assert watched(3, ends=10, reached=10) == []
    clock.now += 21
    assert watched(3, ends=10, reached=10) == ["intake does not advance: 3 published and not judged, nothing for 21 s"]
    assert watched(2, ends=11, reached=11) == []


def test_a_store_that_does_not_advance_is_named(watched: Any, clock: Clock) -> None:
    """Four outputs are there that nobody loads: it is not intake's fault."""
    assert watched(4, ends=10, reached=6) == []
    clock.now += 21
    assert watched(4, ends=10, reached=6) == ["the store does not advance: 4 outputs are not loaded, nothing for 21 s"]


def test_an_idle_hour_is_no_standstill(watched: Any, clock: Clock) -> None:
    """Judged and not yet stored, then nothing to do for an hour, then one event: it has a while of its own."""
    assert watched(1, ends=10, reached=10) == []
    assert watched(0, ends=10, reached=10) == []
    clock.now += 3_600
    assert watched(1, ends=10, reached=10) == []


def test_movement_rests_only_while_it_is_due(clock: Clock) -> None:
    """5 s without anything to do, then 2 s with: it has rested for two."""
    movement = Movement()
    movement.measure_rest(7, due=False)
    clock.now += 5
    assert movement.measure_rest(7, due=False) == 0
    clock.now += 2
    assert movement.measure_rest(7, due=True) == 2


def test_a_registry_that_is_away_is_a_trouble(tmp_path: Path) -> None:
    """Nobody listens on port 1; without a registry there is nothing to ask."""
    settings = Settings(state=tmp_path)
    away = settings.model_copy(update={"schema_registry_url": "http://127.0.0.1:1"})
    (trouble,) = Watch(away, UNASKED_STORE, UNASKED_BROKER)._ask_registry()  # type: ignore[arg-type]  # neither is asked here
    assert (trouble["part"], trouble["what"]) == ("registry", "the registry does not answer (ConnectError)")
    nameless = away.model_copy(update={"schema_registry_user_info_file": tmp_path / "none"})
    (trouble,) = Watch(nameless, UNASKED_STORE, UNASKED_BROKER)._ask_registry()  # type: ignore[arg-type]  # neither is asked here
    assert trouble["what"].startswith("SCHEMA_REGISTRY_USER_INFO_FILE names")
    assert Watch(settings, UNASKED_STORE, UNASKED_BROKER)._ask_registry() == []  # type: ignore[arg-type]  # neither is asked here


@pytest.mark.parametrize(
    ("loader", "what"),
    [
        (
            LoaderHealth(state="waiting", trouble="partitions cannot be taken: timed out"),
            "the loader waits: partit",
        ),
        (LoaderHealth(state="stopped", trouble="other topics"), "the loader has stopped: other topics"),
        (LoaderHealth(state="loading", damage="rows are missing"), "rows are missing"),
    ],
)
def test_what_the_loader_says_is_a_trouble_with_a_remedy(tmp_path: Path, loader: LoaderHealth, what: str) -> None:
    """Degraded, by one trouble, which says what to do."""
    body = health.compose_health(tmp_path, loader, Sample(lag=0))
    assert body["status"] == "degraded"
    (trouble,) = body["troubles"]
    assert trouble["what"].startswith(what)
    assert trouble["remedy"]


def test_a_loader_that_shows_no_life_is_a_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its thread hangs in the store while the API answers."""
    monkeypatch.setattr(health, "measure_silence", lambda: 31.0)
    body = health.compose_health(tmp_path, LoaderHealth(state="loading"), Sample(lag=0))
    assert [one["what"] for one in body["troubles"]] == ["the loader has shown no sign of life for 31 s"]


def test_little_room_is_named_and_no_local_state_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte less than 64 MB; and a ledger that has nothing on this disk."""
    usage = type("Usage", (), {"free": 63_999_999})
    monkeypatch.setattr("queries.health.shutil.disk_usage", lambda _: usage)
    assert health.compose_health(tmp_path, None, Sample())["troubles"][0]["part"] == "disk"
    assert health.compose_health(tmp_path / "none", None, Sample())["status"] == "ok"


@pytest.mark.parametrize("name", ["", "clickhouse"])
def test_a_directory_that_is_read_only_is_named(tmp_path: Path, name: str) -> None:
    """By its path, while it is so; what lies beside it is not, nor what lies within."""
    (tmp_path / "clickhouse").mkdir()
    (tmp_path / "books").mkdir()
    with lock_directory(tmp_path / name) as cannot:
        if cannot:
            pytest.skip(f"nothing can be mounted here: {cannot}")
        (trouble,) = health.compose_health(tmp_path, None, Sample())["troubles"]
    assert (trouble["part"], trouble["what"]) == (
        "disk",
        f"{tmp_path / name} is read-only: nothing can be written there",
    )
    assert "mount it for writing" in trouble["remedy"]
    assert health.compose_health(tmp_path, None, Sample())["status"] == "ok"
