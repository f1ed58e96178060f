"""A broker that hangs, which is stopped by SIGSTOP and keeps its connections: who asks is told within seconds."""

import html
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from tests.live.adversary.running import RunningLedger, await_true
from tests.live.cli_events import make_disruption, make_threat, write_ndjson
from tests.patience import PATIENT

SECONDS = 12.0  # a page waits 3 s for the broker; the rest is a machine that has other work
COMMAND_SECONDS = 20.0  # a command 5 s, and it has a process to start; each waited 30 s before
YEAR = "from=2021-07-01&to=2022-06-30"
FIGURE = ("--from", "2021-07-01", "--to", "2022-06-30", "--as-at", "2022-07-04", "--known-at", "2022-07-04")
SENTENCES = {
    "figures": "published figures (soc.figures) cannot be read: the broker ",
    "audit": "checkpoints (soc.checkpoints) cannot be read: the broker ",
    "seal": "checkpoints (soc.checkpoints) cannot be read: the broker ",
}
READING = ("figures", "figures/0/0", "v1/figures", "v1/figures/0/0", "audit", "v1/seal")
OTHERS = (
    *("", "organisations", "organisations/kent", "regions/eastern", "rates", "threats", "records", "refusals", "feeds"),
    *("compare?then_as_at=2022-01-01", "compare/moves?then_as_at=2022-01-01", "entries/0/0", "feeds/kent", "signals"),
    *("alerts", "status", "disruptions?disruption_id=R-1", "organisations/kent/reconcile?day=2022-06-15", "metrics"),
    *("v1/alerts", "v1/counts", "v1/changes?since=none", "v1/threats", "v1/feeds", "v1/health", "v1/invariants"),
    *("v1/live", "v1/ready", "v1/positions", "v1/rebuild", "v1/recent", "v1/rejected", "v1/refusals", "v1/span"),
    *(f"v1/{one}?{YEAR}" for one in ("extract", "records", "rates", "signals", "public")),
    *(f"v1/{one}?{YEAR}&then_as_at=2022-01-01" for one in ("compare", "compare/moves")),
    *("v1/reconcile?org=kent&day=2022-06-15", "v1/unloadable", "v1/disruptions/R-1", "v1/entries/0/0"),
)
"""Pages and answers that do without the broker, or say that it did not answer."""


@contextmanager
def halt_broker(ledger: RunningLedger) -> Iterator[None]:
    """Stop its process for a while."""
    broker = ledger.find_part("broker")
    broker.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        broker.send_signal(signal.SIGCONT)


def ask_timed(ledger: RunningLedger, path: str) -> tuple[str, int, str, float]:
    """A page or an answer: its path, its status, its text, and the seconds that it took."""
    began = time.monotonic()
    found = httpx.get(f"{ledger.addresses['read_api']}/{path}", **PATIENT)
    return path, found.status_code, html.unescape(found.text), time.monotonic() - began


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLedger]:
    """A ledger whose supervisor is patient: no broker that hangs is started anew within this test."""
    made = RunningLedger(tmp_path_factory.mktemp("patient"), {"DISRUPTIONS_PART_SILENCE_SECONDS": "600"})
    try:
        yield made.start_up()
    finally:
        made.kill_up()


@pytest.fixture(scope="module")
def published(ledger: RunningLedger) -> RunningLedger:
    """A ledger with a published figure that is sealed."""
    events = [make_threat(1, "T-1", "kent"), make_disruption(10, "R-1", "2022-06-14", "2022-06-15", threat_id="T-1")]
    assert ledger.run_command("publish", "-", stdin=write_ndjson(events)).returncode == 0
    said = ("--note", "Table 2", "--published-by", "hmicfrs")
    await_true(lambda: ledger.run_command("audit", "publish-figure", *FIGURE, *said).returncode == 0, 60, ledger.log)
    await_true(lambda: ledger.get_api("seal").json().get("figures") == 1, 60, ledger.log)
    return ledger


def test_a_broker_that_hangs_keeps_nobody_waiting(published: RunningLedger) -> None:
    """What is read of it is said not to be read, to many at once; then it answers, and so do they."""
    asked = READING * 3
    with halt_broker(published), ThreadPoolExecutor(len(asked)) as together:
        time.sleep(1.0)  # what was read within the second before would be given again
        for path, status, text, seconds in together.map(lambda one: ask_timed(published, one), asked):
            sentence = SENTENCES[path.removeprefix("v1/").split("/")[0]]
            assert (status, sentence in text, seconds < SECONDS) == (503, True, True), (path, seconds, text)
        for command, said in (("figures", SENTENCES["figures"]), ("seals", SENTENCES["seal"])):
            began = time.monotonic()
            done = published.run_command("audit", command)
            assert (done.returncode, said in done.stderr) == (3, True), done.stderr
            assert time.monotonic() - began < COMMAND_SECONDS
        slow = [path for path, _, _, seconds in (ask_timed(published, one) for one in OTHERS) if seconds > SECONDS]
        assert slow == []
    await_true(lambda: {ask_timed(published, one)[1] for one in READING} == {200}, 60, published.log)
