"""The commands on the local whole with a real registry: hand-written events in, hand-written answers out."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from typer.testing import CliRunner

from cli.main import app
from infra.settings import ADDRESSES, load_settings
from infra.topics import HEARTBEATS
from local import child_processes
from producers import Publisher
from tests.live import cli_raw
from tests.live.apicurio import Registry
from tests.live.cli_events import GOOD, REFUSED, SPREADSHEET, write_ndjson
from tests.patience import PATIENCE_SECONDS, await_truth

DISRUPTIONS = str(Path(sys.executable).with_name("disruptions"))
PARTITIONS = 4
PERIOD = ("--from", "2021-07-01", "--to", "2022-06-30")

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A running `up` on four partitions with a real registry: the environment in which its commands are run."""
    directory = tmp_path_factory.mktemp("cli")
    with Registry(tmp_path_factory.mktemp("registry")) as registry:
        chosen = {
            "DISRUPTIONS_STATE": str(directory / "state"),
            "DISRUPTIONS_PARTITIONS": str(PARTITIONS),
            "DISRUPTIONS_COMPLETENESS_MARGIN_SECONDS": "0",  # one machine, one clock
            "SCHEMA_REGISTRY_URL": registry.url,
            "COLUMNS": "80",
        }
        log = directory / "up.log"
        up = child_processes.spawn_child([DISRUPTIONS, "up"], log, chosen)
        try:
            await_addresses(directory / "state", up, log)
            yield chosen
            assert child_processes.stop_child(up) == 0, log.read_text()
        finally:
            child_processes.kill_child(up)


def await_addresses(state: Path, up: child_processes.ChildProcess, log: Path) -> None:
    """Return when all parts are ready."""
    await_truth((state / ADDRESSES).exists, log.read_text, up)


@pytest.fixture(scope="module")
def process(environment: dict[str, str]) -> Run:
    """``process("publish", "a.ndjson")``: a command as a user has it, a process of its own."""

    def invoke(*arguments: str, standard_input: str | None = None) -> Done:
        return subprocess.run(
            [DISRUPTIONS, *arguments],
            env=os.environ | environment,
            input=standard_input,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return invoke


@pytest.fixture(scope="module")
def run(environment: dict[str, str]) -> Run:
    """``run("counts", "--json")``: the same in this process, which is quicker."""

    def invoke(*arguments: str) -> Done:
        found = CliRunner().invoke(app, list(arguments), env=environment)
        return subprocess.CompletedProcess(arguments, found.exit_code, found.stdout, found.stderr)

    return invoke


@pytest.fixture(scope="module")
def told(process: Run, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the commands said while everything was published and waited for."""
    directory = tmp_path_factory.mktemp("files")
    good, spreadsheet = directory / "good.ndjson", directory / "week 26.csv"
    good.write_text(write_ndjson(GOOD))
    spreadsheet.write_text(SPREADSHEET)
    said: dict[str, Any] = {
        "good": process("publish", str(good)),
        "csv": process("publish", "--json", str(spreadsheet)),
    }
    said["refused"] = process("publish", "-", standard_input=write_ndjson(list(REFUSED.values())))
    cli_raw.publish_raw(
        load_settings(Path(environment["DISRUPTIONS_STATE"])), environment["SCHEMA_REGISTRY_URL"], PARTITIONS
    )
    said["wait"] = process("wait", "--timeout", "60")
    return said


def test_a_clean_file_is_acknowledged_whole(told: dict[str, Any]) -> None:
    """Exit 0 and a summary."""
    assert told["good"].returncode == 0, told["good"].stderr
    assert told["good"].stdout == f"{len(GOOD)} acknowledged, 0 refused\n"


def test_a_bad_row_of_a_spreadsheet_is_told_by_its_number(told: dict[str, Any]) -> None:
    """Exit 1; the other row is sent."""
    assert told["csv"].returncode == 1
    summary = json.loads(told["csv"].stdout)
    assert (summary["sent"], summary["acknowledged"], summary["refused"]) == (1, 1, 1)
    (row,) = summary["rows"]
    assert row["row"] == 3
    assert "event_date" in row["reason"]
    assert "31/06/2022" not in row["reason"]


def test_what_encodes_is_sent_and_judged_by_intake(told: dict[str, Any]) -> None:
    """`publish` refuses none of what intake will."""
    assert told["refused"].returncode == 0, told["refused"].stderr
    assert told["refused"].stdout == f"{len(REFUSED)} acknowledged, 0 refused\n"


def test_wait_returns_with_every_position_stored(told: dict[str, Any], run: Run) -> None:
    """Four partitions; as many offsets as there were messages."""
    assert told["wait"].returncode == 0, told["wait"].stderr
    positions = json.loads(run("wait", "--json").stdout)
    assert positions["stored"] == positions["published"]
    assert sum(positions["stored"].values()) == len(GOOD) + 1 + len(REFUSED) + len(cli_raw.CODES)


@pytest.mark.usefixtures("told")
def test_counts_are_what_a_clerk_would_count(run: Run) -> None:
    """Lead and counted: not the withdrawn, not the vulnerability, not the second pillar, not the unknown threat."""
    answer = json.loads(run("counts", "--by", "org,pillar", "--json").stdout)
    assert answer["rows"] == [
        {"org": "btp", "pillar": "PURSUE", "n": 1},
        {"org": "metropolitan", "pillar": "PREVENT", "n": 1},
        {"org": "metropolitan", "pillar": "PROTECT", "n": 1},
        {"org": "metropolitan", "pillar": "PURSUE", "n": 2},
    ]
    assert answer["complete"] is True
    assert sum(answer["position"].values()) == len(GOOD) + 1 + len(REFUSED) + len(cli_raw.CODES)
    support = json.loads(run("counts", "--by", "org,region", "--type", "support", "--json").stdout)
    assert support["rows"] == [{"org": "rocu-tarian", "region": "Southern Wales", "n": 1}]


def extract_year(run: Run, *options: str) -> list[dict[str, Any]]:
    """Rows of an extraction of the year."""
    done = run("extract", *PERIOD, *options, "--json")
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)["rows"]
    return rows


@pytest.mark.usefixtures("told")
def test_an_extraction_is_as_the_record_stood_then(run: Run) -> None:
    """D-2 was entered in August; in mid-April D-3 was unassessed and D-4 not yet withdrawn."""
    by = ("--org", "metropolitan", "--by", "pillar")
    assert extract_year(run, *by, "--as-at", "2022-07-04") == [
        {"pillar": "PREVENT", "n": 1},
        {"pillar": "PURSUE", "n": 2},
    ]
    assert {"pillar": "PROTECT", "n": 1} in extract_year(run, *by, "--as-at", "2022-08-01")
    april = extract_year(run, "--standing", "all", "--by", "standing", "--as-at", "2022-04-15", "--org", "metropolitan")
    assert april == [
        {"standing": "COUNTED", "n": 3},  # D-1, D-4, D-8
        {"standing": "KIND_NOT_PERMITTED", "n": 1},
        {"standing": "SECOND_PILLAR", "n": 1},
        {"standing": "UNASSESSED", "n": 1},
    ]
    now = extract_year(run, "--standing", "all", "--by", "standing")
    assert {row["standing"]: row["n"] for row in now} == {
        "COUNTED": 5,
        "KIND_NOT_PERMITTED": 1,
        "SECOND_PILLAR": 1,
        "AWAITING_THREAT": 1,
    }
    assert extract_year(run, "--known-at", "2020-01-01") == []


@pytest.mark.usefixtures("told")
def test_an_extraction_includes_both_its_days(run: Run) -> None:
    """D-10 happened on 30 June 2022, D-1 on 1 March."""
    days = ("--from", "2022-03-01", "--to", "2022-06-30", "--by", "month", "--json")
    rows = json.loads(run("extract", *days).stdout)["rows"]
    assert {row["month"]: row["n"] for row in rows} == {"2022-03": 2, "2022-04": 1, "2022-06": 1}


@pytest.mark.usefixtures("told")
def test_threats_are_those_of_rule_8(run: Run) -> None:
    """The vulnerability is unmoderated."""
    rows = json.loads(run("threats", "--by", "org,kind", "--json").stdout)["rows"]
    assert rows == [{"org": "metropolitan", "kind": "OCG", "n": 1}, {"org": "rocu-tarian", "kind": "OCG", "n": 1}]
    assert json.loads(run("threats", "--as-at", "2021-01-09", "--json").stdout)["rows"] == []


@pytest.mark.usefixtures("told")
def test_every_code_is_given_from_the_outside(run: Run) -> None:
    """Those that `publish` can send with their event ids, those that a plain client sends by count."""
    rows = json.loads(run("rejected", "--json").stdout)["rows"]
    given = Counter(row["code"] for row in rows)
    assert given == Counter(list(REFUSED) + cli_raw.CODES)
    by_event = {row["event_id"]: row["code"] for row in rows}
    for code, record in REFUSED.items():
        assert by_event[record["event_id"]] == code
    assert all(row["message"].endswith(".") for row in rows)


@pytest.mark.usefixtures("told")
def test_explain_tells_the_whole_story(run: Run) -> None:
    """D-3 was entered unassessed and reassessed; D-4 was withdrawn; D-9 lost its pillar to D-8."""
    story = json.loads(run("explain", "D-3", "--json").stdout)
    (under,) = story["threats"]
    assert [(leg["sign"], leg["standing"], leg["category"]) for leg in under["postings"]] == [
        (1, "UNASSESSED", "UNASSESSED"),
        (-1, "UNASSESSED", "UNASSESSED"),
        (1, "COUNTED", "MODERATE"),
    ]
    assert [entry["version"] for entry in under["entries"]] == [1, 2]
    assert "withdrawn" in run("explain", "D-4").stdout
    assert "SECOND_PILLAR" in run("explain", "D-9").stdout
    resent = run("explain", "D-1").stdout
    assert "DUPLICATE" in resent
    assert "Rejected events that name it" in resent
    assert run("explain", "D-404").returncode == 1


@pytest.mark.usefixtures("told")
def test_silence_is_told_from_a_feed_that_is_down(run: Run, environment: dict[str, str], tmp_path: Path) -> None:
    """Dorset has sent nothing and says so; a publisher's own heartbeats have its outbox's numbers, 41 events that never
    came; Essex is never heard. What is no heartbeat is passed over. The Metropolitan Police's numbers are those stored.
    """
    settings = load_settings(Path(environment["DISRUPTIONS_STATE"]))
    settings = settings.model_copy(update={"schema_registry_url": environment["SCHEMA_REGISTRY_URL"]})
    producer = Producer(settings.build_kafka_options())
    for key, value in ((b"dorset", b"garbage"), (b"", b"\x00\x00\x00\x00\x01"), (b"dors", b"")):
        producer.produce(HEARTBEATS, value, key)
    producer.flush(PATIENCE_SECONDS)
    said = json.loads(run("heartbeat", "--org", "dorset", "--sequence", "0", "--json").stdout)
    assert (said["org"], said["last_sequence"]) == ("dorset", 0)
    with Publisher(settings, outbox=tmp_path / "outbox", heartbeat_seconds=60, recorders=["surrey"]) as publisher:
        publisher.continue_after("surrey", 41)
    feeds = {name: await_feed(run, name, heard=name != "essex") for name in ("dorset", "surrey", "essex")}
    verdicts = {name: feed["verdict"] for name, feed in feeds.items()}
    assert verdicts == {"dorset": "NOTHING_TO_SEND", "surrey": "EVENTS_MISSING", "essex": "NEVER_HEARD"}
    assert [feeds[name]["interval_seconds"] for name in ("dorset", "surrey")] == [None, None]  # it has closed
    assert (feeds["surrey"]["unarrived"], feeds["surrey"]["last_sequence"]) == (41, None)
    numbers = {one["source_sequence"] for one in (*GOOD, *REFUSED.values()) if one.get("recorded_by") == "metropolitan"}
    assert await_feed(run, "metropolitan", heard=False)["last_sequence"] >= max(numbers)


def await_feed(run: Run, org: str, *, heard: bool) -> dict[str, Any]:
    """Return a recorder's feed once all of it is read and, where it was sent, its heartbeat."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = json.loads(run("feeds", "--org", org, "--json").stdout)
        if answer["behind"] == 0 and (answer["rows"][0]["heard_at"] or not heard):
            row: dict[str, Any] = answer["rows"][0]
            return row
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)


@pytest.mark.usefixtures("told")
def test_tables_fit_eighty_columns(process: Run) -> None:
    """As a terminal of that width shows them."""
    extract = f"extract {' '.join(PERIOD)} --by org,standing --standing all"
    counted = ("counts --by org,pillar", extract, "threats --by org,kind,crime_type")
    for command in (*counted, "rejected", "explain D-3", "wait"):
        shown = process(*command.split())
        assert shown.returncode == 0, shown.stderr
        assert max(map(len, shown.stdout.splitlines())) <= 80, shown.stdout


@pytest.mark.usefixtures("told")
def test_misuse_is_exit_2_and_names_the_remedy(run: Run) -> None:
    """One line on stderr."""
    shown = run("extract", *PERIOD, "--as-at", "2022-07-04T09:00:00")
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr.startswith("disruptions: --as-at:")
    assert run("publish", "not-there.ndjson").returncode == 2
