"""Files as people have them, and a broker that refuses: `disruptions publish` as a stranger runs it."""

import gzip
import json
import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from infra.topics import PUBLISHED
from tests.live.adversary.running import DISRUPTIONS, RunningLedger, await_true
from tests.patience import PATIENCE_SECONDS
from tests.producers.rows_of_files import (
    COLUMNS,
    make_assessment,
    make_cells,
    make_lines,
    make_record,
    make_text,
    make_workbook,
)


@pytest.fixture
def file(tmp_path: Path) -> Any:
    """``file("f.csv", text)``: its path."""

    def write_file(name: str, content: str | bytes) -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write_file


@contextmanager
def narrow_topic(ledger: RunningLedger) -> Iterator[None]:
    """The topic takes batches of 5,000 bytes only, meanwhile."""
    admin = AdminClient({"bootstrap.servers": ledger.bootstrap_servers})

    def find_limit() -> str:
        (found,) = admin.describe_configs([ConfigResource(ResourceType.TOPIC, PUBLISHED)]).values()
        return str(found.result(PATIENCE_SECONDS)["max.message.bytes"].value)

    def set_limit(limit: str) -> None:
        entry = ConfigEntry("max.message.bytes", limit, incremental_operation=AlterConfigOpType.SET)
        wanted = ConfigResource(ResourceType.TOPIC, PUBLISHED, incremental_configs=[entry])
        (done,) = admin.incremental_alter_configs([wanted]).values()
        done.result(PATIENCE_SECONDS)
        await_true(lambda: find_limit() == limit, 20)

    before = find_limit()
    set_limit("5000")
    try:
        yield
    finally:
        set_limit(before)


def make_on_one_threat(org: str, *numbers: int) -> list[dict[str, Any]]:
    """An assessment, and an organisation's disruptions of these numbers against it."""
    threat = f"T-{org}"
    return [
        make_assessment(numbers[0], threat_id=threat),
        *(make_record(number, recorded_by=org, threat_id=threat) for number in numbers),
    ]


def run_shell(ledger: RunningLedger, command: str) -> subprocess.CompletedProcess[str]:
    """A line of a shell."""
    environment = os.environ | ledger.environment
    return subprocess.run(
        ["sh", "-c", command], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_what_the_broker_refuses_for_good_is_one_rows_refusal(ledger: RunningLedger, file: Any) -> None:
    """Rows 7 and 60 of 100, by number; their company is acknowledged, later files go on, and the two when mended."""
    rows = make_on_one_threat("essex", *range(101, 200))
    wide = "".join(random.Random(7).choices([chr(code) for code in range(0x4E00, 0x9FA0)], k=4000))
    rows[6]["reason"] = rows[59]["reason"] = wide
    later = [make_record(200, recorded_by="essex", threat_id="T-essex")]
    with narrow_topic(ledger):
        said = ledger.ask_json("publish", file("f.ndjson", make_lines(rows)))
        assert (said["sent"], said["acknowledged"], said["refused"], said["unknown"]) == (98, 98, 2, 0)
        assert sorted(row["row"] for row in said["rows"]) == [7, 60]
        assert all("MSG_SIZE_TOO_LARGE" in row["reason"] for row in said["rows"])
        assert ledger.run_command("publish", file("later.ndjson", make_lines(later))).returncode == 0
    kept = ledger.ask_json("publish", "--refused")
    assert sorted(each["event_id"] for each in kept) == sorted([rows[6]["event_id"], rows[59]["event_id"]])
    again = ledger.run_command("publish", file("again.ndjson", make_lines([rows[6], rows[59]])))
    assert (again.returncode, again.stdout) == (0, "2 acknowledged, 0 refused\n")
    assert ledger.ask_json("publish", "--refused") == []
    assert ledger.run_command("wait", "--timeout", "60").returncode == 0
    assert ledger.ask_json("counts", "--org", "essex")["rows"] == [{"n": 100}]


def test_an_event_at_every_bound_is_taken_by_the_broker(ledger: RunningLedger, file: Any) -> None:
    """And one character more is refused by row and field, with the bound."""
    wide = "\U0001f600"
    full = {"reason": wide * 4000, "tags": [wide * 100] * 50, "disruption_id": wide * 200, "plan_ref": wide * 200}
    rows = [make_record(201, **full), make_record(202, **(full | {"disruption_id": wide * 201}))]
    done = ledger.run_command("publish", file("full.ndjson", make_lines(rows)))
    assert (done.returncode, done.stdout) == (1, "1 acknowledged, 1 refused\n")
    assert "row 2: disruption_id: too long, at most 200 characters" in done.stderr


def test_two_spellings_of_a_reference_are_one(ledger: RunningLedger, file: Any) -> None:
    """A space at the end, Unicode's other form, a UUID in capitals: one disruption, and a resend of its event."""
    guid = "abcdef12-3456-4789-8abc-def012345678"
    first = make_record(301, event_id=guid, disruption_id="op-\u00e9", source_sequence=1)
    second = first | {"event_id": guid.upper(), "disruption_id": "op-e\u0301 "}
    said = ledger.ask_json("publish", file("two.ndjson", make_lines([first, second])))
    assert (said["acknowledged"], len(said["taken"])) == (2, 1)
    assert "references were made canonical" in said["taken"][0]
    assert ledger.run_command("wait", "--timeout", "60").returncode == 0
    (threat,) = ledger.ask_json("explain", "op-\u00e9")["threats"]
    assert [entry["verdict"] for entry in threat["entries"]] == ["ADMITTED", "DUPLICATE"]


def test_a_quote_that_is_never_closed_loses_no_row_unnamed(ledger: RunningLedger, file: Any) -> None:
    """Of 3,000 rows all but the first are refused by number."""
    rows = [make_cells(number) for number in range(1, 3001)]
    rows[1][-1] = '"never closed'
    said = ledger.ask_json("publish", file("open.csv", make_text(rows)))
    assert (said["acknowledged"], said["refused"]) == (1, 2999)
    assert [row["row"] for row in said["rows"]] == list(range(3, 3002))


TAKEN: dict[str, tuple[str | bytes, list[str]]] = {
    "semicolons.csv": (make_text([make_cells(1)], ";"), ["cells were parted by semicolons"]),
    "tabs.tsv": (make_text([make_cells(1)], "\t"), ["cells were parted by tabs"]),
    "sep.csv": ("sep=;\r\n" + make_text([make_cells(1)], ";"), ["cells were parted by semicolons"]),
    "utf16.csv": (make_text([make_cells(1)]).encode("utf-16"), ["text was read as UTF-16"]),
    "title.csv": (
        "Disruptions\r\n" + make_text([make_cells(1)]),
        ["the columns are named in row 2; what stands above was passed over"],
    ),
    "case.csv": (
        make_text([make_cells(1)]).replace("event_id", "Event_ID", 1),
        ["the column Event_ID was read as event_id"],
    ),
    "blank.csv": (make_text([make_cells(1)]) + " , ,\r\n", []),
    "days.csv": (
        make_text([make_cells(1, event_date="01/07/2022")]),
        ["dates with slashes in event_date were read as day/month/year"],
    ),
    "book.xlsx": (make_workbook([make_cells(1)]), []),
    "packed.csv.gz": (gzip.compress(make_text([make_cells(1)]).encode()), ["the file was unpacked by gzip"]),
}
REFUSED: dict[str, tuple[str | bytes, int, str]] = {
    "windows.csv": (make_text([make_cells(1, reason="\u00e9")]).encode("cp1252"), 2, "perhaps Windows-1252"),
    "twice.csv": (
        make_text([[*make_cells(1), "MAJOR"]], header=[*COLUMNS, "category"]),
        1,
        "category: the column stands twice",
    ),
    "quote.csv": (make_text([make_cells(1)]).replace("record", '"record"x', 1), 1, "not a row of CSV"),
    "array.json": (json.dumps([make_record(1)], indent=1), 1, "a JSON array"),
    "keys.ndjson": (make_lines([make_record(1)])[:-2] + ', "version": 2}\n', 1, "version: stands twice"),
    "cut.csv.gz": (gzip.compress(make_text([make_cells(1)]).encode())[:-9], 1, "damaged or cut off"),
    "old.xls": (b"\xd0\xcf\x11\xe0" * 100, 1, "an old .xls workbook"),
}


def test_files_as_people_have_them_are_taken_and_it_is_said_how(ledger: RunningLedger, file: Any) -> None:
    """One row each, the same event every time."""
    paths = {name: file(name, content) for name, (content, _) in TAKEN.items()}
    said = ledger.ask_json("publish", *paths.values())
    assert (said["acknowledged"], said["rows"]) == (len(TAKEN), [])
    assert said["taken"] == [f"{paths[name]}: {how}" for name, (_, all_of) in TAKEN.items() for how in all_of]


def test_what_is_not_clear_is_refused_in_one_sentence_each(ledger: RunningLedger, file: Any) -> None:
    """By file and row; no traceback, and nothing of them is sent."""
    paths = {name: file(name, content) for name, (content, *_) in REFUSED.items()}
    done = ledger.run_command("publish", *paths.values())
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, f"0 acknowledged, {len(REFUSED)} refused")
    lines = done.stderr.splitlines()
    assert len(lines) == len(REFUSED)
    for line, (name, (_, number, reason)) in zip(lines, REFUSED.items(), strict=True):
        assert line.startswith(f"refused {paths[name]} row {number}: ")
        assert reason in line


def test_a_reader_that_goes_away_ends_nothing(ledger: RunningLedger, file: Any) -> None:
    """Of 300 bad rows above 300 good ones only the first complaint is read; all good ones are sent, each time."""
    path = file("half.ndjson", "{bad\n" * 300 + make_lines(make_on_one_threat("cumbria", *range(1001, 1301))))
    done = run_shell(ledger, f"{DISRUPTIONS} publish {path} 2>&1 | head -1")
    assert (done.stdout.count("\n"), done.stderr) == (1, "")
    closed = run_shell(ledger, f"{DISRUPTIONS} publish {path} >&-")
    assert (closed.returncode, "Traceback" in closed.stderr) == (1, False)
    full = run_shell(ledger, f"{DISRUPTIONS} publish {path} >/dev/full")
    assert full.returncode == 3
    assert full.stderr.splitlines()[-1].endswith("(No space left on device): 301 acknowledged, 300 refused")
    assert ledger.run_command("wait", "--timeout", "60").returncode == 0
    assert ledger.ask_json("counts", "--org", "cumbria")["rows"] == [{"n": 300}]


def test_standard_input_is_what_it_is(ledger: RunningLedger) -> None:
    """A table through a pipe is read; closed, it is said to be."""
    done = ledger.run_command("publish", "-", stdin=make_text([make_cells(1)], ";"))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 acknowledged, 0 refused")
    closed = run_shell(ledger, f"{DISRUPTIONS} publish - <&-")
    assert (closed.returncode, closed.stdout) == (2, "")
    assert "standard input is closed" in closed.stderr
