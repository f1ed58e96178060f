"""A bundle of a running ledger, made by the command, checked by the program that lies in it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from infra.settings import Settings
from infra.topics import CHECKPOINTS
from schemas.containers import read_datums
from tests.live import audited
from tests.live.intake_proof import read_all
from tests.patience import PATIENT, await_truth

OUTPUTS = 12 * 7 + 1


def run_command(whole: audited.AuditedStack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of ``disruptions audit``."""
    script = str(Path(sys.executable).with_name("disruptions"))
    return subprocess.run(
        [script, "audit", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **whole.environment},
        timeout=120,
    )


def ask_cells(whole: audited.AuditedStack, **fields: str) -> dict[tuple[str, ...], int]:
    """Cells of what the read API answers."""
    answer = httpx.get(f"{whole.environment['DISRUPTIONS_READ_API']}/v1/extract", params=fields, **PATIENT).json()
    return {tuple(str(row[name]) for name in fields["by"].split(",")): row["n"] for row in answer["rows"]}


def find_newest_size(settings: Settings) -> int:
    """How many leaves the newest checkpoint has."""
    notes = [record.value() for record in read_all(settings, CHECKPOINTS)[0]]
    return int(notes[-1].split(b"\n")[1]) if notes else 0


def test_a_bundle_of_a_running_ledger_is_valid_and_has_its_figures(
    whole: audited.AuditedStack, child: Callable[..., Any], tmp_path: Path
) -> None:
    """Its figures are those that the read API answers; killed while it is made it leaves nothing at its place."""
    state = ("--state", str(whole.settings.state))
    refused = run_command(whole, "bundle", "--out", str(tmp_path / "out"), *state)
    assert (refused.returncode, "nothing is sealed" in refused.stderr) == (2, True), refused.stderr
    child("services.sealer", *state, environment=whole.environment)
    await_truth(lambda: find_newest_size(whole.settings) == OUTPUTS)

    made = run_command(whole, "bundle", "--out", str(tmp_path / "out"), "--json", *state)
    assert made.returncode == 0, made.stderr
    said = json.loads(made.stdout)
    assert said["outputs"] == {"entries": 72, "rejected": 13, "withheld": 0}
    checked = run_command(
        whole, "verify-bundle", str(tmp_path / "out"), "--key", said["keys"][0], "--manifest", said["manifest_sha256"]
    )
    assert checked.returncode == 0, checked.stdout
    figures = json.loads((tmp_path / "out/figures/table.json").read_text())["figures"]
    when = {"from": "1970-01-01", "to": "2299-12-31", "as_at": said["as_at"], "known_at": said["known_at"]}
    for by in ("org", "org,pillar", "region", "month"):
        (table,) = [one for one in figures if one["by"] == by.split(",") and one["type"] == "LEAD"]
        assert {tuple(cell["values"]): cell["n"] for cell in table["cells"]} == ask_cells(whole, by=by, **when)
    again = run_command(whole, "bundle", "--out", str(tmp_path / "out"), *state)
    assert (again.returncode, "is not an empty directory" in again.stderr) == (2, True)

    with next((tmp_path / "out/entries").glob("*[!s].avro")).open("rb") as stream:
        datum, _ = next(read_datums(stream))
    assert any(datum == value[5:] for _, value in audited.read_entries(whole.settings))
    kill_while_it_is_made(whole, tmp_path / "killed")


def kill_while_it_is_made(whole: audited.AuditedStack, out: Path) -> None:
    """As soon as it has begun; then it is made by a second run."""
    script = str(Path(sys.executable).with_name("disruptions"))
    command = [script, "audit", "bundle", "--out", str(out), "--state", str(whole.settings.state)]
    process = subprocess.Popen(command, env={**os.environ, **whole.environment}, stdout=subprocess.DEVNULL)
    aside = out.with_name(f".{out.name}.incomplete")
    while not aside.exists() and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert aside.exists()
    assert not out.exists()
    assert run_command(whole, "bundle", "--out", str(out), "--state", str(whole.settings.state)).returncode == 0
    assert not aside.exists()
