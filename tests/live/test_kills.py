"""The whole, with its processes killed while a year is published: nothing is lost, twice is once, live equals replay.

The moments come from a seed. What is expected is judged from the year itself, in this process, by the fold: an account
of every event that does not know of brokers, workers or kills.
"""

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.settings import ADDRESSES, load_settings
from ledger.instants import count_millis
from local import child_processes
from methodology.book import Book
from methodology.posting import Posted, post_event
from schemas.conversion import make_fact
from synthetic import PlannedEvent, make_national_year, write_year
from tests.patience import await_truth

DISRUPTIONS = str(Path(sys.executable).with_name("disruptions"))
EVENTS, CHUNK = 12_000, 400
KILLS = ("worker-1", "service", "broker", "worker-2", "worker-1", "service", "broker", "worker-2")
SEED = 20_220_630
LATER = count_millis(datetime(2026, 1, 1, tzinfo=UTC))


def run_command(state: Path, *arguments: str) -> Any:
    """The answer of a command that must succeed."""
    command = [DISRUPTIONS, *arguments, "--json", "--state", str(state)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def year() -> list[PlannedEvent]:
    """The first events of a national year, mistakes and resends among them."""
    return list(make_national_year(SEED, 2022))[:EVENTS]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A running whole of two workers on four partitions."""
    state = tmp_path_factory.mktemp("kills") / "state"
    chosen = {"DISRUPTIONS_PARTITIONS": "4", "DISRUPTIONS_SESSION_TIMEOUT_SECONDS": "3"}
    up = child_processes.spawn_child(
        [DISRUPTIONS, "up", "--workers", "2", "--state", str(state)], state.parent / "up.log", chosen
    )
    await_truth(lambda: (state / ADDRESSES).exists() or up.poll() is not None)
    yield state
    assert child_processes.stop_child(up, timeout_seconds=60) == 0, (state.parent / "up.log").read_text()


@pytest.fixture(scope="module")
def published(state: Path, year: list[PlannedEvent]) -> Path:
    """The state directory once the year was published under kills, and all of it is stored."""
    lines = io.BytesIO()
    write_year(year, lines)
    rows = lines.getvalue().splitlines(keepends=True)
    publisher = subprocess.Popen([DISRUPTIONS, "publish", "-", "--state", str(state)], stdin=subprocess.PIPE)
    assert publisher.stdin is not None
    rng = random.Random(SEED)
    chunks = [rows[first : first + CHUNK] for first in range(0, len(rows), CHUNK)]
    moments = dict(zip(sorted(rng.sample(range(1, len(chunks)), len(KILLS))), KILLS, strict=True))
    for number, chunk in enumerate(chunks):
        publisher.stdin.write(b"".join(chunk))
        publisher.stdin.flush()
        time.sleep(rng.uniform(0, 0.5))
        if number in moments:
            kill_part(state, moments[number])
    publisher.stdin.close()
    assert publisher.wait(240) == 0
    run_command(state, "wait", "--timeout", "240")
    return state


def kill_part(state: Path, part: str) -> None:
    """SIGKILL to the part's process of this moment; none, while it is between two lives."""
    pids: dict[str, dict[str, int]] = json.loads((state / "run" / "children.json").read_text())
    try:
        os.kill(pids[part]["pid"], signal.SIGKILL)
    except (KeyError, ProcessLookupError):
        return


@pytest.fixture(scope="module")
def expected(year: list[PlannedEvent]) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """Counted disruptions by type and recorder, and refusals by code, judged in this process."""
    books: dict[str, Book] = {}
    counted: Counter[tuple[str, str]] = Counter()
    refused: Counter[str] = Counter()
    for sent in year:
        outcome = post_event(
            books.setdefault(sent.event.threat_id, Book(sent.event.threat_id)), make_fact(sent.event), LATER
        )
        if not isinstance(outcome, Posted):
            refused[str(outcome.code)] += 1
            continue
        for leg in outcome.legs:
            if leg.account.standing == "COUNTED":
                counted[leg.account.type, leg.account.organisation] += leg.sign
    return counted, refused


def read_stored(state: Path, table: str) -> Iterator[dict[str, Any]]:
    """Every row of a table, as the read API gives it."""
    with httpx.stream(
        "GET", f"{load_settings(state).read_api}/v1/stored/{table}", timeout=60, trust_env=False
    ) as answer:
        answer.raise_for_status()
        yield from (json.loads(line) for line in answer.iter_lines())


def test_every_kill_happened_and_every_part_comes_back(published: Path) -> None:
    """Otherwise the other tests here prove nothing. All may be stored before the last one killed is ready again."""
    for part in set(KILLS):
        assert count_events(published, part)["exited"] >= 1
        await_truth(partial(is_ready_again, published, part))


def is_ready_again(state: Path, part: str) -> bool:
    return count_events(state, part)["ready"] >= 2


def count_events(state: Path, part: str) -> Counter[str]:
    """How often the supervisor said what of a part."""
    lines = (state.parent / "up.log").read_text().splitlines()
    said = (json.loads(line) for line in lines if line.startswith("{") and '"part"' in line)
    return Counter(line["event"] for line in said if line["part"] == part)


def test_nothing_is_lost(published: Path, year: list[PlannedEvent]) -> None:
    """Every event of the year is an entry or a rejection, and each of their positions once."""
    positions = Counter(
        (row["partition"], row["offset"]) for table in ("entries", "rejected") for row in read_stored(published, table)
    )
    assert set(positions.values()) == {1}
    assert len(positions) == len(year)


def test_twice_is_once(published: Path, expected: tuple[Counter[tuple[str, str]], Counter[str]]) -> None:
    """Balances are those of each event counted once, lead and support apart."""
    for kind in ("LEAD", "SUPPORT"):
        rows = run_command(published, "counts", "--by", "org", "--type", kind.lower())["rows"]
        assert {row["org"]: row["n"] for row in rows} == {
            organisation: n for (type_, organisation), n in expected[0].items() if type_ == kind and n
        }


def test_what_is_refused_is_refused_once_with_its_code(
    published: Path, expected: tuple[Counter[tuple[str, str]], Counter[str]]
) -> None:
    assert Counter(row["code"] for row in read_stored(published, "rejected")) == expected[1]


def test_live_equals_replay(published: Path) -> None:
    """The audit folds all of it again and finds no difference."""
    run_command(published, "audit", "replay")
