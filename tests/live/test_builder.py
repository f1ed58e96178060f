"""A server's tables built anew in a database of their own: a broker, a worker, loaders, and the command line."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.settings import Settings
from ledger.facts import Fact
from local import child_processes
from tests.live.audited import SESSION_SECONDS, AuditedStack, Start, make_story
from tests.live.clickhouse_server import BreakableServer
from tests.patience import PATIENCE_SECONDS, PATIENT, await_truth

COMMAND_SECONDS = 120


@dataclass
class ServedLedger:
    """A ledger whose tables are a server's, and the programs over them."""

    settings: Settings
    environment: dict[str, str]
    child: Start
    server: BreakableServer
    logs: Path

    def name_database(self, database: str) -> dict[str, str]:
        """The environment of a program over that database."""
        dsn = f"http://default:@127.0.0.1:{self.server.port}/{database}"
        return self.environment | {"CLICKHOUSE_DSN": dsn}

    def start(self, program: str, database: str, *options: str) -> child_processes.ChildProcess:
        """Start a program over a database, without waiting for it."""
        arguments = ("--state", str(self.settings.state), *options)
        return self.child(program, *arguments, environment=self.name_database(database))

    def run(self, database: str, *command: str) -> tuple[int, str]:
        """Exit code of ``disruptions``, and what it said."""
        words = [str(Path(sys.executable).with_name("disruptions")), *command, "--state", str(self.settings.state)]
        environment = {**os.environ, **self.name_database(database)}
        done = subprocess.run(words, check=False, capture_output=True, env=environment, timeout=COMMAND_SECONDS)
        return done.returncode, (done.stdout or done.stderr).decode()

    def replay(self, database: str) -> tuple[int, dict[str, Any]]:
        """Exit code and body of ``disruptions audit replay``."""
        code, said = self.run(database, "audit", "replay", "--json", "--limit", "1000")
        assert code in {0, 1}, said
        return code, json.loads(said)

    def await_stored(self, database: str) -> None:
        """Wait until all that is published is stored there."""
        code, said = self.run(database, "wait", "--timeout", str(PATIENCE_SECONDS))
        assert code == 0, said

    def has_said(self, program: str, event: str) -> bool:
        """Whether any process of a program logged that."""
        return any(f'"event": "{event}"' in log.read_text() for log in self.logs.glob(f"{program}-*.log"))


@pytest.fixture
def served(
    settings_of_server: Settings,
    server: BreakableServer,
    child: Start,
    environment_of: Callable[[Settings], dict[str, str]],
    tmp_path: Path,
) -> Iterator[ServedLedger]:
    """A worker, a loader over ``shown``, and a database ``next`` in which nothing is."""
    for name in ("shown", "next"):
        address, sql = f"http://127.0.0.1:{server.port}/", f"CREATE DATABASE {name}"
        httpx.post(address, content=sql, **PATIENT).raise_for_status()
    settings = settings_of_server.model_copy(update={"session_timeout_seconds": SESSION_SECONDS})
    made = ServedLedger(settings, environment_of(settings), child, server, tmp_path)
    worker = child("streams.worker", "--state", str(settings.state), "--name", "w", environment=made.environment)
    yield made
    child_processes.stop_child(worker)


def publish_events(served: ServedLedger, facts: Iterator[Fact]) -> None:
    """Publish these events, and one that is none."""
    AuditedStack(served.settings, served.environment, served.child).publish(facts)


def count_on_its_way(report: dict[str, Any]) -> int:
    """The outputs that are not stored yet, and need not be."""
    return sum(one["not_stored"] for one in report["partitions"])


def test_tables_are_built_beside_those_that_are_shown_compared_and_taken_over(served: ServedLedger) -> None:
    """While events arrive, the builder killed in between; who loads the new tables ends the build. Tables that are
    shown, or were, are not built into: exit 2, with what to name instead.
    """
    story = make_story()
    publish_events(served, islice(story, 30))
    loader = served.start("services.loader", "shown")
    served.await_stored("shown")
    first = served.start("services.builder", "next", "--rate", "20")
    await_truth(lambda: served.has_said("services.builder", "building"))
    child_processes.kill_child(first)
    publish_events(served, islice(story, 30))
    second = served.start("services.builder", "next")
    served.await_stored("next")
    await_truth(lambda: served.has_said("services.builder", "caught up"))
    code, report = served.replay("next")
    assert (code, report["agrees"], count_on_its_way(report)) == (0, True, 0), report

    assert child_processes.stop_child(second) == 0
    publish_events(served, story)
    served.await_stored("shown")
    code, report = served.replay("next")  # what the loader of the tables that are shown committed says nothing of these
    assert (code, report["agrees"]) == (0, True), report
    assert count_on_its_way(report) > 0

    third = served.start("services.builder", "next")
    served.await_stored("next")
    assert child_processes.stop_child(loader) == 0
    loader = served.start("services.loader", "next")
    assert third.wait(PATIENCE_SECONDS) == 0
    assert served.has_said("services.builder", "taken over")
    refused = served.start("services.builder", "shown")  # while the last replay goes on
    publish_events(served, iter(()))
    served.await_stored("next")
    code, report = served.replay("next")
    assert (code, report["agrees"], count_on_its_way(report)) == (0, True, 0), report
    assert child_processes.stop_child(loader) == 0
    assert refused.wait(PATIENCE_SECONDS) == 2
    assert any("name an empty one" in log.read_text() for log in served.logs.glob("services.builder-*.log"))
