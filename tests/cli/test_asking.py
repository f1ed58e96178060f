"""The commands that ask: answers, tables and exit codes, over a real read API."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import cli.wait
from infra.settings import Settings
from queries.api_client import ApiClient
from queries.balance_queries import CountQuery, ExtractQuery, MovementQuery, ThreatQuery
from queries.client import StoreClient
from queries.query import Query
from queries.record_queries import DisruptionQuery, PositionQuery, RejectionQuery
from sinks.migration import migrate_store
from sinks.store import open_store
from tests.cli.conftest import Run
from tests.dashboard.conftest import Known, fill_store
from tests.patience import PATIENCE_SECONDS
from tests.sinks.conftest import over_http, server_port

__all__ = ["over_http", "server_port"]

PERIOD = ("--from", "2021-07-01", "--to", "2022-06-30")


def test_counts_prints_the_answer_as_json(run: Run) -> None:
    """Rows, position, instants, complete, filters and measure."""
    body = json.loads(run("counts", "--by", "org", "--json").stdout)
    assert body["rows"] == [{"org": "kent", "n": 1}, {"org": "metropolitan", "n": 1}]
    assert set(body) == {"rows", "position", "as_at", "known_at", "complete", "complete_through", "filters", "measure"}


def test_counts_draws_lead_unless_support_is_asked_for(run: Run) -> None:
    """And no total adds the two."""
    lead = run("counts", "--by", "org").stdout.split()
    support = run("counts", "--by", "org", "--type", "support").stdout.split()
    assert lead[:2] == ["OFFICIAL", "LEAD"]
    assert lead[-2:] == ["Total", "2"]
    assert support[:2] == ["OFFICIAL", "SUPPORT"]
    assert support[-2:] == ["Total", "1"]


def test_the_state_directory_is_an_option_too(run: Run, state_of_api: Path) -> None:
    """--state wins over the environment."""
    shown = run("counts", "--state", str(state_of_api), "--json", env={"DISRUPTIONS_STATE": "/nowhere"})
    assert json.loads(shown.stdout)["rows"] == [{"n": 2}]


def test_extract_answers_as_the_record_stood_then(run: Run) -> None:
    """D-3 was unassessed until the 5th."""
    then = run("extract", *PERIOD, "--as-at", "2022-07-04", "--known-at", "2022-07-31", "--org", "kent", "--json")
    now = run("extract", *PERIOD, "--org", "kent", "--json")
    assert json.loads(then.stdout)["rows"] == []
    assert json.loads(now.stdout)["rows"] == [{"n": 1}]
    table = run("extract", *PERIOD, "--standing", "all", "--by", "standing", "--as-at", "2022-07-04").stdout
    assert "LEAD disruptions, every standing" in table
    assert "2021-07-01 to 2022-06-30, both included" in table
    assert "4 July 2022 23:59:59 Europe/London" in table
    assert "Total" not in table


def test_threats_counts_rule_8(run: Run) -> None:
    """One threat, of the metropolitan."""
    assert json.loads(run("threats", "--by", "org,kind", "--json").stdout)["rows"] == [
        {"org": "metropolitan", "kind": "OCG", "n": 1}
    ]
    assert "Active threats" in run("threats").stdout


def test_rejected_shows_code_sentence_and_position(run: Run) -> None:
    """As JSON exactly the fixed fields."""
    (row,) = json.loads(run("rejected", "--json").stdout)["rows"]
    assert set(row) == {
        "event_id",
        "code",
        "message",
        "partition",
        "offset",
        "original_size",
        "original_digest",
    }
    table = run("rejected").stdout
    assert "0:3  SUPPORT_BY_FORCE" in table
    assert "A force records lead disruptions only." in table


def test_explain_tells_where_it_stands_and_what_moved_it(run: Run) -> None:
    """D-3 moved from UNASSESSED to COUNTED by the event at 1:1."""
    told = run("explain", "D-3").stdout
    assert "COUNTED: counted" in told
    assert told.index("+1     UNASSESSED") < told.index("-1     UNASSESSED") < told.index("+1     COUNTED")
    refused = run("explain", "D-9")
    assert refused.exit_code == 0
    assert "Rejected events that name it" in refused.stdout
    assert json.loads(run("explain", "D-1", "--json").stdout)["disruption_id"] == "D-1"


def test_explain_of_nothing_known_is_exit_1(run: Run) -> None:
    """And says so."""
    shown = run("explain", "D-404")
    assert shown.exit_code == 1
    assert "Nothing is stored of it" in shown.stdout


def test_wait_returns_at_once_when_all_is_stored(run: Run) -> None:
    """And prints the positions."""
    shown = run("wait", "--json")
    assert shown.exit_code == 0
    assert json.loads(shown.stdout) == {"stored": {"0": 4, "1": 2}, "published": {"0": 4, "1": 2}}
    assert run("wait").stdout.split() == ["Stored", "0:4", "1:2", "Published", "0:4", "1:2"]


def test_wait_says_that_a_transaction_is_open(run: Run, published: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies in it is not published yet, so there is nothing to wait for."""
    monkeypatch.setattr(published, "undecided", {1})
    shown = run("wait")
    assert shown.exit_code == 0
    said = "a transaction is open; what lies from these positions on is not published yet: 1:2"
    assert said in " ".join(shown.stderr.split())


def test_wait_is_exit_1_when_it_takes_too_long(run: Run, published: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three records of partition 1 are on their way for ever."""
    monkeypatch.setattr(published, "ends", {0: 4, 1: 5})
    shown = run("wait", "--timeout", "0.3")
    assert shown.exit_code == 1
    assert "3 of what was published are not stored after 0.3 s" in shown.stderr


def test_wait_is_exit_3_when_nobody_answers(run: Run, published: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that stays away."""
    monkeypatch.setattr(published, "away", True)
    monkeypatch.setattr(cli.wait, "POLL_SECONDS", 0.05)
    shown = run("wait", "--timeout", "0.3")
    assert shown.exit_code == 3
    assert shown.stderr == "disruptions: the broker did not answer: away\n"


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("counts", "--by", "colour"), "--by: there is no 'colour'"),
        (("counts", "--type", "both"), "lead, support"),
        (("extract", "--from", "2021", "--to", "2022-06-30"), "--from"),
        (("extract", *PERIOD, "--as-at", "2022-07-04T09:00:00"), "--as-at"),
        (("extract", *PERIOD, "--standing", "SITTING"), "SITTING"),
        (("extract", "--from", "2022-06-30", "--to", "2021-07-01"), "period"),
        (("threats", "--known-at", "soon"), "--known-at"),
    ],
)
def test_misuse_is_exit_2_and_one_line_that_names_the_place(run: Run, arguments: tuple[str, ...], names: str) -> None:
    """No trace, nothing on stdout."""
    shown = run(*arguments)
    assert shown.exit_code == 2
    assert shown.stdout == ""
    assert shown.stderr.startswith("disruptions: ")
    assert shown.stderr.count("\n") == 1
    assert names in shown.stderr


@pytest.mark.parametrize("arguments", [("extract",), ("explain",), ("counts", "--nonsense"), ("nonsense",)])
def test_what_cannot_be_parsed_is_exit_2(run: Run, arguments: tuple[str, ...]) -> None:
    """As the shell expects."""
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("command", ["counts", "threats", "rejected", "wait"])
def test_nothing_running_is_exit_3_with_the_remedy(run: Run, command: str, tmp_path: Path) -> None:
    """The directory has never been used."""
    shown = run(command, "--state", str(tmp_path / "none"))
    assert shown.exit_code == 3
    assert "disruptions up --state" in shown.stderr


def test_an_api_that_has_gone_is_exit_3(run: Run, tmp_path: Path) -> None:
    """addresses.json outlived what it names."""
    (tmp_path / "addresses.json").write_text('{"read_api": "http://127.0.0.1:1"}')
    shown = run("counts", "--state", str(tmp_path))
    assert shown.exit_code == 3
    assert "http://127.0.0.1:1 does not answer" in shown.stderr


def test_every_table_stays_within_eighty_columns(run: Run) -> None:
    """Whatever is asked for."""
    for arguments in (
        ("counts", "--by", "org,region,pillar,kind,crime_type,category,standing,month"),
        ("extract", *PERIOD, "--by", "org,crime_type"),
        ("threats", "--by", "org,kind,crime_type"),
        ("rejected",),
        ("explain", "D-3"),
        ("wait",),
    ):
        assert max(map(len, run(*arguments).stdout.splitlines())) <= 80, arguments


def start_command(state: Path, *arguments: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """A command as a process of its own."""
    environment = os.environ | {"DISRUPTIONS_STATE": str(state), "COLUMNS": "80", "TERM": "xterm"}
    command = [sys.executable, "-m", "cli.main", *arguments]
    return subprocess.Popen(command, env=environment, stdout=stdout, stderr=subprocess.PIPE, text=True)


def read_drawn(terminal: int) -> str:
    """What has been drawn on the terminal up to the first whole picture, or to its end."""
    seen, waiting = b"", select.poll()  # not select.select, which knows no descriptor over 1,023
    waiting.register(terminal, select.POLLIN)
    while b"Total" not in seen:
        assert waiting.poll(PATIENCE_SECONDS * 1000), seen
        seen += os.read(terminal, 65536)
    return seen.decode()


def test_watch_ends_cleanly_on_ctrl_c(state_of_api: Path) -> None:
    """Exit 0, the last picture left standing, nothing on stderr."""
    terminal, theirs = pty.openpty()
    watching = start_command(state_of_api, "counts", "--by", "org", "--watch", stdout=theirs)
    os.close(theirs)
    picture = read_drawn(terminal)
    watching.send_signal(signal.SIGINT)
    _, err = watching.communicate(timeout=PATIENCE_SECONDS)
    os.close(terminal)
    assert (watching.returncode, err) == (0, "")
    assert "moved: the last 5 minutes; newest event" in picture
    assert "metropolitan" in picture


def test_watch_as_json_is_a_line_whenever_the_position_moves(state_of_api: Path) -> None:
    """One line, as nothing moves here."""
    watching = start_command(state_of_api, "counts", "--json", "--watch")
    assert watching.stdout is not None
    assert json.loads(watching.stdout.readline())["rows"] == [{"n": 2}]
    watching.send_signal(signal.SIGINT)
    out, err = watching.communicate(timeout=PATIENCE_SECONDS)
    assert (watching.returncode, out, err) == (0, "", "")


def test_a_reader_that_goes_away_is_no_trace(state_of_api: Path) -> None:
    """As with ``| head``."""
    asked = start_command(state_of_api, "rejected", "--json")
    assert asked.stdout is not None
    asked.stdout.close()
    _, err = asked.communicate(timeout=PATIENCE_SECONDS)
    assert "Traceback" not in err


CLOCKS = {"as_at", "known_at", "complete_through", "age_seconds"}  # and, of what moved, since when


def drop_instants(body: dict[str, Any]) -> dict[str, Any]:
    """A body without the instants of its asking."""
    clocks = CLOCKS | ({"since"} if "seconds" in body else set())
    return {name: value for name, value in body.items() if name not in clocks}


def test_a_server_is_asked_directly_with_the_same_results(
    address: str, over_http: Settings, published: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With CLICKHOUSE_DSN the same questions have the same bodies as over the read API."""
    monkeypatch.setattr("queries.store_answers.open_published", lambda *_: published)
    assert isinstance(over_http.clickhouse_dsn, SecretStr)
    server = open_store(over_http)
    migrate_store(server)
    fill_store(server)
    server.close()
    direct, asked = StoreClient(over_http), ApiClient(address)
    questions: list[tuple[type[Query[Any]], dict[str, str]]] = [
        (CountQuery, {"by": "org,region,pillar"}),
        (ExtractQuery, {"from_": "2021-07-01", "to": "2022-06-30", "standing": "all", "by": "standing"}),
        (ThreatQuery, {"by": "org"}),
        (MovementQuery, {"seconds": "300"}),
        (RejectionQuery, {}),
        (DisruptionQuery, {"disruption_id": "D-3"}),
        (PositionQuery, {}),
    ]
    for question, options in questions:
        assert drop_instants(direct.ask(question, **options)) == drop_instants(asked.ask(question, **options)), question
