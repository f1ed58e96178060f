"""A log that follows another, on a real broker: begun by the command alone, sealed on, held to the one before."""

import asyncio
import html
import json
import shutil
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from confluent_kafka import Producer
from typer.testing import CliRunner

from audit.figure_seals import read_figure_seals
from audit.findings import FindingKind
from cli.main import app
from dashboard.api import build_api
from infra import topic_admin
from infra.settings import Settings
from infra.status import read_status
from infra.topics import CHECKPOINTS, ENTRIES
from local import child_processes
from proofs.keys import SigningKey
from proofs.notes import parse_note
from seals.directory import SealDirectory
from seals.keys import SealKeys, locate_key, locate_seals, name_kept, read_secret_key, read_verifiers
from seals.ledger_log import open_log
from seals.publishing import publish_cosigned
from tests.live.intake_proof import Start, read_all
from tests.patience import PATIENCE_SECONDS, await_truth
from tests.seals.log_made import make_entry
from tests.stores import open_migrated

BEGIN = "`disruptions audit begin-log --after PLACE` begins another log, which names the one before"


class SealedTopics(NamedTuple):
    """A ledger of one output, its sealer, and where what was put away of its log lies."""

    settings: Settings
    environment: dict[str, str]
    start: Callable[..., child_processes.ChildProcess]

    @property
    def away(self) -> Path:
        """Where the old log is put."""
        return self.settings.state / "old"

    def find_trouble(self) -> str:
        """What the sealer says is the matter."""
        return " ".join(one["what"] for one in read_status(self.settings.state, "sealer").get("troubles", ()))

    def count_leaves(self) -> int:
        """How many leaves the log has that is here."""
        is_here = (locate_seals(self.settings) / "keys").exists()
        newest = open_log(self.settings).history.newest if is_here else None
        return newest.checkpoint.size if newest else 0

    def put_away(self) -> SigningKey:
        """Put key, verifier keys and directory away, as it is told; the old key."""
        self.away.mkdir()
        locate_key(self.settings).rename(self.away / "seal.key")
        name_kept(locate_key(self.settings)).rename(self.away / "seal.key.verifiers")
        locate_seals(self.settings).rename(self.away / "seals")
        key = read_secret_key(self.away / "seal.key")
        assert key is not None
        return key

    def run_audit(self, *arguments: str) -> tuple[int, str]:
        """Exit code, and output with errors, of ``disruptions audit``."""
        done = CliRunner().invoke(app, ["audit", *arguments], env=self.environment | {"COLUMNS": "200"})
        return done.exit_code, done.output

    def show_seals(self, *arguments: str) -> tuple[int, Any]:
        """Exit code and body of `audit seals`."""
        code, output = self.run_audit("seals", "--json", *arguments)
        return code, json.loads(output)


@pytest.fixture
def ledger(fresh_topics: Settings, child: Start, environment_of: Callable[[Settings], dict[str, str]]) -> SealedTopics:
    """One output, sealed by a sealer that has ended."""
    environment = environment_of(fresh_topics) | {"DISRUPTIONS_SEAL_INTERVAL_SECONDS": "0.2"}

    def start_sealer(**more: str) -> child_processes.ChildProcess:
        return child("services.sealer", "--state", str(fresh_topics.state), environment=environment | more)

    made = SealedTopics(fresh_topics, environment, start_sealer)
    produce_entry(fresh_topics, 0)
    process = start_sealer()
    await_truth(lambda: made.count_leaves() == 1)
    assert child_processes.stop_child(process) == 0
    return made


def produce_entry(settings: Settings, offset: int) -> None:
    """Let the ledger write an output."""
    producer = Producer(settings.build_kafka_options())
    producer.produce(ENTRIES, make_entry(2, offset), partition=2)
    assert producer.flush(PATIENCE_SECONDS) == 0


def hold_second_history(ledger: SealedTopics) -> None:
    """Its key is still there, with its directory or without: it begins no second history."""
    kept = locate_seals(ledger.settings).rename(ledger.settings.state / "kept")
    assert "has begun already" in ledger.run_audit("begin-log", "--follow-none")[1]
    shutil.rmtree(locate_seals(ledger.settings), ignore_errors=True)
    kept.rename(locate_seals(ledger.settings))
    code, output = ledger.run_audit("begin-log", "--follow-none")
    assert (code, "has begun already" in output) == (2, True), output
    assert not read_all(ledger.settings, CHECKPOINTS)


def hold_told(settings: Settings, follows: dict[str, Any], root: bytes) -> None:
    """The read API says which log it follows, and so does the page, beside that this is not checked there."""
    with open_migrated(settings) as store:
        api = httpx.ASGITransport(build_api(settings, store))

        async def ask_path(path: str) -> httpx.Response:
            async with httpx.AsyncClient(transport=api, base_url="http://127.0.0.1") as client:
                return await client.get(path)

        said = asyncio.run(ask_path("/v1/seal")).json()["follows"]
        page = html.unescape(asyncio.run(ask_path("/audit")).text)
    assert said == follows | {"root": b64encode(root).decode()}
    shown = page.partition('id="follows"')[2].partition("</dd>")[0]
    assert f"{said['log']}, which ended with 1 leaf" in shown
    assert [one for one in (said["root"], said["key"], "not checked here") if one not in shown] == []


def test_a_log_follows_one_whose_checkpoints_are_lost(ledger: SealedTopics) -> None:
    """Its first checkpoint is signed by both keys; held to the old directory it is found right, and without it not."""
    old = open_log(ledger.settings).history.newest
    assert old is not None
    topic_admin.delete_topics(ledger.settings, [CHECKPOINTS])
    topic_admin.create_topics(ledger.settings)
    code, output = ledger.run_audit("begin-log", "--after", str(locate_seals(ledger.settings)))
    assert (code, "is still in its place" in output) == (2, True), output
    hold_second_history(ledger)
    process = ledger.start()
    await_truth(lambda: BEGIN in ledger.find_trouble())
    places = locate_key(ledger.settings), name_kept(locate_key(ledger.settings)), locate_seals(ledger.settings)
    assert [one for one in places if str(one) not in ledger.find_trouble()] == []
    child_processes.stop_child(process)
    key = ledger.put_away()
    place = str(ledger.away / "seals")
    process = ledger.start()
    await_truth(lambda: f"the log {key.name!r} was here, and" in ledger.find_trouble())
    child_processes.stop_child(process)
    assert not locate_key(ledger.settings).exists()
    code, output = ledger.run_audit("begin-log", "--after", place, "--old-key", str(ledger.away / "seal.key"))
    assert code == 0, output
    assert f"follows {key.make_verifier()} 1 " in output
    (record,) = read_all(ledger.settings, CHECKPOINTS)[0]
    hold_told(ledger.settings, {"log": key.name, "key": str(key.make_verifier()), "size": 1}, old.checkpoint.root)
    assert [one.name for one in parse_note(record.value()).signatures][1] == key.name
    code, output = ledger.run_audit("begin-log", "--after", place)
    assert (code, "follows that log already" in output) == (2, True), output
    ledger.start()
    await_truth(lambda: ledger.count_leaves() == 1)
    first, second = [one.checkpoint for one in open_log(ledger.settings).history.checkpoints]
    assert (first.size, second.follows, first.figures) == (0, first.follows, 0)
    assert first.follows is not None
    assert first.follows[1:] == (1, old.checkpoint.root)
    code, body = ledger.show_seals()
    assert (code, len(body["follows"]["checked"]), len(body["follows"]["not_checked"])) == (0, 1, 2), body
    code, body = ledger.show_seals("--after", place, "--full")
    assert (code, len(body["follows"]["checked"]), body["faults"]) == (0, 2, []), body
    assert "follows" in ledger.run_audit("seals")[1]


def test_no_sealer_begins_a_log_beside_another(ledger: SealedTopics) -> None:
    """Whether its key is missing, another name is set, or another key is there: each says what to do."""
    ledger.put_away()
    for more in ({}, {"DISRUPTIONS_SEAL_ORIGIN": "ledger.example/next"}):
        process = ledger.start(**more)
        await_truth(lambda: "is missing: put its key there" in ledger.find_trouble() and BEGIN in ledger.find_trouble())
        child_processes.stop_child(process)
        assert not locate_key(ledger.settings).exists()
    code, output = ledger.run_audit("begin-log", "--follow-none")
    assert (code, "says of none that it follows it" in output) == (0, True), output
    process = ledger.start()
    await_truth(lambda: ledger.count_leaves() == 1)
    assert open_log(ledger.settings).history.followed_name is None
    child_processes.stop_child(process)


def test_what_the_old_key_signs_later_is_a_split_view(ledger: SealedTopics) -> None:
    """The log follows the one whose checkpoints lie before it; the old key goes on to sign: everybody says so."""
    key = ledger.put_away()
    code, output = ledger.run_audit("begin-log", "--after", str(ledger.away / "seals"))
    assert (code, "did not sign that" in output) == (0, True), output
    code, output = ledger.run_audit("begin-log", "--after", str(ledger.away / "seals"))
    assert (code, "has begun already" in output) == (2, True), output
    process = ledger.start()
    await_truth(lambda: ledger.count_leaves() == 1)
    child_processes.stop_child(process)
    code, body = ledger.show_seals()
    assert (code, body["faults"], len(body["follows"]["checked"])) == (0, [], 1), body
    assert "is the one that this log says that it follows" in body["follows"]["checked"][0]
    seals = read_figure_seals(ledger.settings).compare_figures([])
    assert (seals.findings, any("'ledger" in one or "disruption" in one for one in seals.notes)) == ([], True)
    keys = SealKeys(ledger.away / "seal.key", ledger.away / "none", ledger.away / "seals")
    last = open_log(ledger.settings, read_verifiers(ledger.away / "seals")).history.newest
    assert last is not None
    later = last.checkpoint._replace(size=2, root=bytes(32), positions=(0, 0, 2, *last.checkpoint.positions[3:]))
    publish_cosigned(ledger.settings, keys.sign_text(later.write_text(), None))
    code, body = ledger.show_seals()
    named = f"this log says that it follows {key.name!r}: it names 1 leaves, and its key signed a checkpoint of 2"
    assert (code, body["faults"]) == (1, [f"split view: {named}"]), body
    (finding,) = read_figure_seals(ledger.settings).compare_figures([]).findings
    assert (finding.kind, finding.place) == (FindingKind.SEAL_DIFFERS, CHECKPOINTS)


def test_a_sealer_of_a_log_that_is_followed_seals_no_more(ledger: SealedTopics) -> None:
    """Put back in its place after its own key signed that another follows; a second one follows neither."""
    ledger.put_away()
    old = ledger.away
    arguments = ("begin-log", "--after", str(old / "seals"), "--old-key", str(old / "seal.key"))
    assert ledger.run_audit(*arguments)[0] == 0
    new = ledger.settings.state / "new"
    new.mkdir()
    locate_key(ledger.settings).rename(new / "seal.key")
    locate_seals(ledger.settings).rename(new / "seals")
    code, output = ledger.run_audit(*arguments)
    assert (code, "follows that log already, as its key signed: no other does" in output) == (2, True), output
    name_kept(locate_key(ledger.settings)).unlink()
    for name, place in (("seal.key", locate_key(ledger.settings)), ("seals", locate_seals(ledger.settings))):
        (old / name).rename(place)
    process = ledger.start()
    await_truth(lambda: "has ended" in ledger.find_trouble())
    produce_entry(ledger.settings, 1)
    time.sleep(1.0)
    assert ledger.count_leaves() == 1
    child_processes.stop_child(process)


def test_what_cannot_be_followed_is_misuse(ledger: SealedTopics, tmp_path: Path) -> None:
    """A place without a log, another key than the one that signed, and what is not said."""
    stranger = tmp_path / "stranger"
    directory = SealDirectory(stranger)
    keys = read_verifiers(locate_seals(ledger.settings))
    ledger.put_away()
    place = str(ledger.away / "seals")
    cases = {
        ("--after", str(stranger)): "there are no verifier keys of that log beside its files",
        ("--after", place, "--old-key", str(tmp_path / "none")): "is missing",
        ("--after", place, "--key", f"{keys[0]}"[:-2]): "",
        (): "say --after PLACE",
        ("--after", place, "--follow-none"): "say --after PLACE",
    }
    for arguments, said in cases.items():
        code, output = ledger.run_audit("begin-log", *arguments)
        assert (code, said in output) == (2, True), output
    assert not locate_key(ledger.settings).exists()
    assert len(read_all(ledger.settings, CHECKPOINTS)[0]) == 1
    directory.close()
