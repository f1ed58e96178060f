"""A machine as it may be: names, streams, terminals and directories that nobody thought of. Never a trace."""

import json
import os
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.live.adversary.running import COMMAND_SECONDS, DISRUPTIONS, Done, RunningLedger
from tests.live.cli_events import make_disruption, make_threat

NOBODY = (
    "setpriv --reuid=12345 --regid=12345 --clear-groups --inh-caps=+dac_read_search --ambient-caps=+dac_read_search"
)
COUNTED = {"rows": [{"n": 1}]}
needs_root = pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="another user is needed")


@pytest.fixture(scope="module", autouse=True)
def stored(ledger: RunningLedger) -> None:
    """One disruption, whose reference has a letter that ASCII does not."""
    events = [make_threat(1, "T-OCG", "metropolitan"), make_disruption(2, "dé-1", "2022-03-01", "2022-03-02")]
    sent = ledger.run_command("publish", "-", stdin="".join(json.dumps(event) + "\n" for event in events))
    assert (sent.returncode, sent.stderr) == (0, "")
    assert ledger.run_command("wait").returncode == 0


def run_shell(ledger: RunningLedger, line: str, **environment: str) -> Done:
    """A line of bash in which ``$D`` is the console script, with that ledger's environment."""
    known = os.environ | ledger.environment | environment | {"D": DISRUPTIONS}
    command = ["bash", "-o", "pipefail", "-c", line]
    return subprocess.run(
        command, env=known, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False, errors="replace"
    )


def hold_sentence(done: Done, code: int, *named: str) -> None:
    """One line on standard error, with that exit code, naming what it must."""
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("disruptions: "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    for text in named:
        assert text in done.stderr


def list_readers(ledger: RunningLedger) -> list[str]:
    """Who has read, in order."""
    return [json.loads(line)["reader"] for line in (ledger.state / "logs" / "reads.log").read_text().splitlines()]


def test_a_login_name_may_have_any_letter(ledger: RunningLedger) -> None:
    """The log of reads has it whole, whatever the locale; a number where there is no name."""
    for locale in ("C.UTF-8", "C"):
        shown = run_shell(ledger, '"$D" counts --json', LOGNAME="Zoë", LC_ALL=locale)
        assert (shown.returncode, shown.stderr) == (0, "")
        assert json.loads(shown.stdout)["rows"] == [{"n": 1}]
    assert list_readers(ledger)[-2:] == ["Zoë", "Zoë"]


@needs_root
def test_a_user_without_a_name_is_answered(ledger: RunningLedger) -> None:
    """As in a container, or when the directory service is away."""
    shown = run_shell(ledger, f'{NOBODY} "$D" counts --json')
    assert (shown.returncode, shown.stderr) == (0, "")
    assert list_readers(ledger)[-1] == "uid 12345"


@needs_root
def test_a_state_that_may_not_be_written_is_named(ledger: RunningLedger, tmp_path: Path) -> None:
    """By `up` and by the publisher, whose outbox is there."""
    unnumbered = make_disruption(9, "D-9", "2022-03-01", "2022-03-02", source_sequence=None)
    row, brokers = json.dumps(unnumbered), ledger.bootstrap_servers
    for command in (f"up --state {tmp_path}", f"publish - --state {tmp_path}/none <<< {shlex.quote(row)}"):
        refused = run_shell(ledger, f'{NOBODY} "$D" {command}', KAFKA_BOOTSTRAP_SERVERS=brokers)
        hold_sentence(refused, 2, str(tmp_path))


def test_a_state_that_is_a_file_is_named(ledger: RunningLedger, tmp_path: Path) -> None:
    """By every command that looks there."""
    state = tmp_path / "state"
    state.write_text("not a directory")
    for command in ("up", "counts", "publish -"):
        hold_sentence(run_shell(ledger, f'"$D" {command} --state {state} </dev/null'), 2, str(state))


@pytest.mark.parametrize("command", ["counts --json", "explain dé-1", "--help"])
def test_an_output_that_cannot_be_written_is_exit_3(ledger: RunningLedger, command: str) -> None:
    """A full disk behind it, or closed; with nowhere to say so, the exit code says it."""
    hold_sentence(run_shell(ledger, f'"$D" {command} >/dev/full'), 3, "standard output", "No space left on device")
    assert run_shell(ledger, f'"$D" {command} >/dev/full 2>/dev/full').returncode == 3


def test_closed_streams_are_no_trouble_to_what_is_not_printed(ledger: RunningLedger) -> None:
    """A closed output is exit 3; closed input and error leave the figures as they are."""
    hold_sentence(run_shell(ledger, '"$D" counts >&-'), 3, "standard output")
    shown = run_shell(ledger, '"$D" counts --json <&- 2>&-')
    assert (shown.returncode, json.loads(shown.stdout)["rows"]) == (0, [{"n": 1}])
    assert run_shell(ledger, '"$D" counts --by colour <&- >&- 2>&-').returncode == 2


def test_a_reader_that_has_had_enough_ends_a_command_quietly(ledger: RunningLedger) -> None:
    """As with ``| head``."""
    for command in ("rejected --json", "explain dé-1", "counts --json --watch"):
        ended = run_shell(ledger, f'"$D" {command} | true')
        assert (ended.returncode in (0, 1), ended.stderr) == (True, ""), command


@pytest.mark.parametrize("environment", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}])
def test_every_letter_can_be_printed_whatever_the_alphabet(ledger: RunningLedger, environment: dict[str, str]) -> None:
    """Escaped where the output has no such letter; JSON stays JSON."""
    told = run_shell(ledger, '"$D" explain dé-1', **environment)
    assert (told.returncode, told.stderr) == (0, "")
    assert "Disruption d" in told.stdout
    body = json.loads(run_shell(ledger, '"$D" explain dé-1 --json', **environment).stdout)
    assert body["disruption_id"] == "dé-1"


@pytest.mark.parametrize("environment", [{"TERM": "dumb", "COLUMNS": "0"}, {"COLUMNS": "1"}, {"COLUMNS": "wide"}])
def test_any_terminal_will_do(ledger: RunningLedger, environment: dict[str, str]) -> None:
    """However narrow."""
    for command in ("counts --by org", "explain dé-1"):
        shown = run_shell(ledger, f'"$D" {command}', **environment)
        assert (shown.returncode, shown.stderr) == (0, ""), command


class Odd(BaseHTTPRequestHandler):
    """A read API of which nobody thought: it answers ``body``, whatever is asked."""

    body: Any

    def do_GET(self) -> None:
        """Answer it."""
        body = json.dumps(self.body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: the tests speak."""


@contextmanager
def serve_oddly(body: Any) -> Iterator[str]:
    """Serve it; the address."""
    server = HTTPServer(("127.0.0.1", 0), type("Odder", (Odd,), {"body": body}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_what_nobody_foresaw_is_one_sentence_with_the_details_elsewhere(ledger: RunningLedger, tmp_path: Path) -> None:
    """Exit 3; the details are a trace without anything of the data. Without a state directory the sentence is all."""
    (tmp_path / "state").mkdir()
    odd = ledger.get_api("counts").json() | {"as_at": "hunter2"}  # an answer by its type, whose instant is none
    with serve_oddly(odd) as address:
        line = shlex.join([DISRUPTIONS, "counts", "--state", str(tmp_path / "state")])
        kept = run_shell(ledger, line, DISRUPTIONS_READ_API=address)
        lost = run_shell(ledger, f'"$D" counts --state {tmp_path}/none', DISRUPTIONS_READ_API=address)
    log = tmp_path / "state" / "logs" / "faults.log"
    hold_sentence(kept, 3, "a fault of the software's own", "ledger/instants.py:", str(log))
    hold_sentence(lost, 3, "details could not be written")
    assert "terminal/tables.py" in log.read_text()
    assert "hunter2" not in log.read_text() + kept.stderr + lost.stderr
