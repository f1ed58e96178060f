"""Refused, downloaded, mended, foretold and sent again on the local whole: what was said is what then happens."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from confluent_kafka import Producer
from typer.testing import CliRunner, Result

from cli.main import app
from infra.settings import ADDRESSES, load_settings
from infra.topics import PUBLISHED
from local import child_processes
from tests.live.cli_events import make_disruption, make_threat, write_ndjson
from tests.live.test_cli import DISRUPTIONS, await_addresses
from tests.patience import PATIENCE_SECONDS, PATIENT

CELL = "org,pillar,crime_type,type,standing"
PERIOD = ("--from", "2022-01-01", "--to", "2022-12-31")
Invoke = Callable[..., Result]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state of a running `up`."""
    directory = tmp_path_factory.mktemp("redrive")
    state, log = directory / "state", directory / "up.log"
    chosen = {"DISRUPTIONS_STATE": str(state), "DISRUPTIONS_PARTITIONS": "2"}
    up = child_processes.spawn_child([DISRUPTIONS, "up"], log, chosen)
    try:
        await_addresses(state, up, log)
        yield state
        assert child_processes.stop_child(up) == 0, log.read_text()
    finally:
        child_processes.kill_child(up)


@pytest.fixture
def invoke(state: Path) -> Invoke:
    """``invoke("counts", "--json")``: a command on it."""
    return lambda *arguments: CliRunner().invoke(app, [*arguments, "--state", str(state)])


@pytest.fixture
def api(state: Path) -> Iterator[httpx.Client]:
    """Its read API."""
    address = json.loads((state / ADDRESSES).read_text())["read_api"]
    with httpx.Client(base_url=f"{address}/v1", **PATIENT) as opened:
        yield opened


def read_cells(invoke: Invoke) -> dict[tuple[str, ...], int]:
    """Read every balance of the year, by cell."""
    rows = json.loads(invoke("extract", *PERIOD, "--by", CELL, "--standing", "all", "--json").stdout)["rows"]
    return {tuple(row[name] for name in CELL.split(",")): row["n"] for row in rows}


def test_a_redrive_changes_just_what_it_foretold(
    invoke: Invoke, api: httpx.Client, state: Path, tmp_path: Path
) -> None:
    """Of five refusals two are mended, and one moves no headline; one stays wrong, and one is garbage.

    D-2 is now led, and so is D-3, which is not assessed. D-4 begins with version 2, as before. A sixth line is D-1
    again, which the ledger has. Of an activity's two pillars the mended second one counts apart: D-5.
    """
    first = make_disruption(11, "D-1", "2022-03-01", "2022-03-02", activity_ref="A-1")
    wrong = [
        make_disruption(12, "D-2", "2022-03-02", "2022-03-03", type="SUPPORT"),
        make_disruption(13, "D-3", "2022-03-02", "2022-03-03", type="SUPPORT", category="UNASSESSED"),
        make_disruption(14, "D-4", "2022-03-02", "2022-03-03", version=2),
        make_disruption(15, "D-5", "2022-03-02", "2022-03-03", type="SUPPORT", pillar="PREVENT", activity_ref="A-1"),
    ]
    file = tmp_path / "events.ndjson"
    file.write_text(write_ndjson([make_threat(1, "T-OCG", "metropolitan"), first, *wrong]))
    assert invoke("publish", str(file)).exit_code == 0
    producer = Producer(load_settings(state).build_kafka_options())
    producer.produce(PUBLISHED, b"garbage", b"T-OCG")
    producer.flush(PATIENCE_SECONDS)
    assert invoke("wait", "--timeout", "60").exit_code == 0

    lines = [json.loads(line) for line in api.get("/refusals/events").text.splitlines()]
    assert [line.get("disruption_id") for line in lines] == ["D-2", "D-3", "D-4", "D-5", None]
    assert {line["event_id"] for line in lines[:4]}.isdisjoint(one["event_id"] for one in wrong)
    mended = [line | {"type": "LEAD"} if "note" not in line else line for line in lines]
    file.write_text(
        write_ndjson([*mended, first | {"answers": lines[0]["answers"], "rejected_event_id": wrong[0]["event_id"]}])
    )

    before = read_cells(invoke)
    foretold = invoke("redrive", str(file), "--dry-run", "--json")
    assert foretold.exit_code == 1
    body = json.loads(foretold.stdout)
    assert {tuple(row.values()) for row in body["changes"]} == {
        ("metropolitan", "PURSUE", "DRUGS", "LEAD", "COUNTED", 1),
        ("metropolitan", "PURSUE", "DRUGS", "LEAD", "UNASSESSED", 1),
        ("metropolitan", "PREVENT", "DRUGS", "LEAD", "SECOND_PILLAR", 1),
    }
    assert ([one["row"] for one in body["refused"]], body["duplicates"]) == ([3], [6])
    assert (body["refused"][0]["code"], body["unread"][0]["row"]) == ("VERSION_NOT_NEXT", 5)
    assert "metropolitan, pursue, drugs, lead +1\n" in invoke("redrive", str(file), "--dry-run").stdout
    assert read_cells(invoke) == before
    assert invoke("redrive", str(file)).exit_code == 2

    sent = invoke("redrive", str(file), "--yes", "--json")
    assert (sent.exit_code, json.loads(sent.stdout)["acknowledged"]) == (1, 3)
    assert invoke("wait", "--timeout", "60").exit_code == 0
    after = read_cells(invoke)
    moved = {(*cell, n - before.get(cell, 0)) for cell, n in after.items() if n != before.get(cell, 0)}
    assert moved == {tuple(row.values()) for row in body["changes"]}
    assert_lineage(api, [line["answers"] for line in lines])
    again = json.loads(invoke("redrive", str(file), "--dry-run", "--json").stdout)
    assert (again["changes"], again["duplicates"]) == ([], [1, 2, 4, 6])


def assert_lineage(api: httpx.Client, answers: list[str]) -> None:
    """The three that were sent name their refusals, and these name them."""
    rows: list[dict[str, Any]] = api.get("/refusals").json()["rows"]
    found = {f"{row['partition']}:{row['offset']}": row["answered_by"] for row in rows}
    assert [len(found[place]) for place in answers] == [1, 1, 0, 1, 0]
    answer = found[answers[0]][0]
    entry = api.get(f"/entries/{answer['partition']}/{answer['offset']}").json()
    assert (entry["outcome"], entry["disruption_id"], answer["refused"]) == ("ADMITTED", "D-2", False)
    assert {"name": "ce_answers", "text": answers[0], "hex": answers[0].encode().hex()} in entry["headers"]
