"""What was judged stays judged: a ledger that has counted goes on with software whose rules differ.

The other software is this one with other rows, put in its place by a ``sitecustomize`` before anything reads them.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from infra.status import read_status
from local import child_processes
from methodology.conflicts import spell_day
from tests.live.adversary.broken_topics import publish_story
from tests.live.adversary.running import RunningLedger, await_true
from tests.live.audited import CODEC
from tests.patience import PATIENCE_SECONDS
from tests.streams.records import state_disruption

TODAY = datetime.now(UTC).toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal()
NEXT_MONTH = TODAY + 30
SOFTWARE = """
from dataclasses import replace
from ledger import organisations
from ledger.organisations import Organisation, RegionMembership
from ledger.vocabulary import OrganisationKind
from methodology import standards

standards.RULES_VERSION = "2099.1"
"""
NO_MINOR = """
first, *others = standards.STANDARDS
standards.STANDARDS = (replace(first, counted_categories=frozenset({"MAJOR"})), *others)
"""
COAST_AND_A_MOVE = f"""
coast = Organisation("coast", "Coast", OrganisationKind.TERRITORIAL_FORCE, None, (RegionMembership("London"),))
moves = (RegionMembership("Eastern", 0, {NEXT_MONTH}), RegionMembership("South East", {NEXT_MONTH}))
organisations.ORGANISATIONS = tuple(
    one._replace(memberships=moves) if one.code == "kent" else one for one in organisations.ORGANISATIONS
) + (coast,)
"""


Software = Callable[[str], dict[str, str]]


@pytest.fixture(scope="module")
def software(tmp_path_factory: pytest.TempPathFactory) -> Software:
    """``software(rows)``: the environment in which this software has other rows."""

    def make_rules(rows: str) -> dict[str, str]:
        directory = tmp_path_factory.mktemp("software")
        (directory / "sitecustomize.py").write_text(SOFTWARE + rows)
        return {"PYTHONPATH": str(directory)}

    return make_rules


@pytest.fixture(scope="module")
def threat_id(ledger: RunningLedger) -> str:
    """A ledger that has counted four disruptions, two in each partition; one of the two threats."""
    publish_story(ledger, 0, 2)
    found = publish_story(ledger, 1, 2)
    assert ledger.run_command("wait").returncode == 0
    return found


def count_by_org(ledger: RunningLedger) -> dict[str, int]:
    """Lead counts."""
    return {row["org"]: row["n"] for row in ledger.ask_json("counts", "--by", "org")["rows"]}


def run_replay(ledger: RunningLedger, environment: dict[str, str]) -> tuple[int, dict[str, int]]:
    """Exit code of the replay, and its differences by kind."""
    done = ledger.run_command("audit", "replay", "--json", environment=environment)
    return done.returncode, json.loads(done.stdout)["kinds"]


def start_service(ledger: RunningLedger, environment: dict[str, str]) -> tuple[int, str]:
    """Start the service alone, which must refuse: exit code, and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "services.store", "--state", str(ledger.state), "--port", "0"],
        env=os.environ | ledger.environment | environment,
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.usefixtures("threat_id")
def test_a_worker_whose_standards_reach_into_the_past_stands_and_says_which_and_from_when_they_may_hold(
    ledger: RunningLedger, software: Software, tmp_path: Path
) -> None:
    """It takes a partition from a worker that goes on; minor disruptions were counted since 2023-07-01."""
    environment = ledger.environment | software(NO_MINOR) | {"KAFKA_BOOTSTRAP_SERVERS": ledger.bootstrap_servers}
    command = [sys.executable, "-m", "streams.worker", "--state", str(ledger.state), "--name", "worker-9"]
    child = child_processes.spawn_child(command, tmp_path / "worker-9.log", environment)
    try:
        await_true(lambda: "stands" in say_troubles(ledger, "worker-9"), PATIENCE_SECONDS, tmp_path / "worker-9.log")
    finally:
        child_processes.kill_child(child)
    said = say_troubles(ledger, "worker-9")
    assert "rules 2099.1 would touch what is posted by rules 2026.1" in said
    assert "the standards of event dates from 2023-07-01 on: counted_categories" in said
    assert any(f"it may hold from {day} on" in said for day in (spell_day(TODAY + 1), spell_day(TODAY + 2)))


def say_troubles(ledger: RunningLedger, name: str) -> str:
    """What a part reports of its troubles."""
    return str(read_status(ledger.state, name).get("troubles", ""))


def test_other_rules_answer_nothing_and_later_ones_judge_on(
    ledger: RunningLedger, software: Software, threat_id: str
) -> None:
    """A force that is new may record at once, and one that will move next month is no conflict.

    The replay that knows both rules agrees; one of the software of before says that it does not know the new ones.
    """
    before = count_by_org(ledger)
    assert ledger.stop_up() == 0
    code, said = start_service(ledger, software(NO_MINOR))
    assert (code, "the standards of event dates from 2023-07-01 on: counted_categories" in said) == (2, True)
    later = software(COAST_AND_A_MOVE)
    ledger.environment |= later
    ledger.start_up()
    names = {"event_id": str(uuid4()), "disruption_id": f"{threat_id}-c", "recorded_by": "coast"}
    fact = state_disruption(77, threat_id=threat_id, **names)
    ledger.send_raw(threat_id.encode(), CODEC.encode_fact(fact))
    assert ledger.run_command("wait").returncode == 0
    assert count_by_org(ledger) == before | {"coast": 1}
    assert run_replay(ledger, later) == (0, {})
    code, kinds = run_replay(ledger, {"PYTHONPATH": ""})
    assert (code, kinds["RULES_UNKNOWN"]) == (1, 1)
    assert ledger.stop_up() == 0
    code, said = start_service(ledger, {"PYTHONPATH": ""})
    assert (code, "judged by rules 2099.1 of disruption-ledger" in said) == (2, True)
