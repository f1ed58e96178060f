"""Figures and receipts by the command line, on a real broker, worker, store and sealer.

What is published is proved again by every replay; what is taken away as a receipt is checked against the ledger; and
each names what somebody wrote into the topics behind everybody's back.
"""

import html
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from confluent_kafka import Producer
from typer.testing import CliRunner

from audit.published_figures import read_figures
from cli.main import app
from dashboard.rendering import format_moment
from infra.settings import load_settings
from infra.topics import ENTRIES, FIGURES
from local import child_processes
from local.broker import Broker
from queries.api_client import ApiClient
from queries.balance_queries import ExtractQuery
from queries.topic_reading import KEPT_SECONDS
from schemas.figures import PublishedFigure, compute_figure_id, encode_figure
from schemas.registry import pin_ids
from seals.keys import locate_seals, read_verifiers
from tests.dashboard.page_reader import PageReader
from tests.live.audited import (
    CODEC,
    READY_SECONDS,
    SESSION_SECONDS,
    THREATS,
    AuditedStack,
    read_entries,
    run_audited,
)
from tests.live.conftest import PARTITIONS
from tests.patience import PATIENT, await_truth

YEAR = ("--from", "2022-01-01", "--to", "2022-12-31")
SAID = ("--note", "Table 2", "--published-by", "hmicfrs")
EVENT = str(UUID(int=302))  # of threat T-3, the first disruption


@pytest.fixture(scope="module")
def sealed(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditedStack]:
    """The story published, admitted, stored, and being sealed; its figures complete."""
    state, logs = tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("logs")
    chosen = {"kafka_bootstrap_servers": broker.bootstrap_servers, "partitions": PARTITIONS}
    settings = load_settings(state).model_copy(update=chosen | {"session_timeout_seconds": SESSION_SECONDS})
    started: list[child_processes.ChildProcess] = []

    def start_whole(module: str, *arguments: str, environment: dict[str, str]) -> child_processes.ChildProcess:
        command = [sys.executable, "-m", module, *arguments]
        started.append(child_processes.spawn_child(command, logs / f"{module}.log", environment))
        return started[-1]

    environment = {
        "DISRUPTIONS_STATE": str(state),
        "DISRUPTIONS_PARTITIONS": str(PARTITIONS),
        "DISRUPTIONS_SESSION_TIMEOUT_SECONDS": str(SESSION_SECONDS),
        "KAFKA_BOOTSTRAP_SERVERS": str(broker.bootstrap_servers),
    }
    try:
        with run_audited(settings, start_whole, environment) as made:
            start_whole("services.sealer", "--state", str(state), environment=environment)
            await_truth(lambda: ask_year(made)["complete_through"] is not None and ask_year(made)["complete"])
            yield made
    finally:
        for process in started:
            child_processes.kill_child(process)


def ask_year(whole: AuditedStack) -> Any:
    """The year, as the read API answers it."""
    year = {"from_": "2022-01-01", "to": "2022-12-31"}
    return ApiClient(whole.environment["DISRUPTIONS_READ_API"]).ask(ExtractQuery, **year)


def ask_page(whole: AuditedStack, path: str, status: int = 200) -> str:
    """A page of the ledger; of its records, what is a second old may be given again."""
    time.sleep(KEPT_SECONDS)
    found = httpx.get(f"{whole.environment['DISRUPTIONS_READ_API']}{path}", **PATIENT)
    assert found.status_code == status, found.text
    return found.text


def assert_shown(whole: AuditedStack, known_at: str) -> None:
    """Two figures are listed, newest first; the older one's cells lead to their records; the replay proved it."""
    listed = PageReader(ask_page(whole, "/figures"))
    rows = list(listed.tables["published"].items())[1:]
    assert [(name, cells[0].text, cells[-1].text) for name, cells in rows] == [
        ("Table 3", "nca", str(THREATS)),
        ("Table 2", "hmicfrs", str(2 * THREATS)),
    ]
    assert [one.link.partition("?")[0] for one in listed.links if one.text.startswith("Table") and one.link] == [
        "/figures/0/1",
        "/figures/0/0",
    ]
    shown = ask_page(whole, "/figures/0/0")
    cells = PageReader(shown).tables["cells"]
    assert [one.text for one in cells["Metropolitan Police Service"]] == ["Pursue", *[str(THREATS)] * 3]
    link = cells["Metropolitan Police Service"][1].link
    assert link is not None
    assert f'id="total">{THREATS}<' in ask_page(whole, link)
    proof = shown.partition('id="proof"')[2].partition("</dl>")[0]
    assert (proof.count("Yes"), "Not checked here" in proof, format_moment(known_at) in proof) == (3, False, True)
    answer = json.loads(ask_page(whole, "/v1/figures/0/0"))
    assert (answer["agrees"], answer["id_holds"], answer["proved_at"]) == (True, True, known_at)
    assert [(one["pillar"], one["n"], one["then"], one["now"]) for one in answer["cells"]] == [
        ("PREVENT", THREATS, THREATS, THREATS),
        ("PURSUE", THREATS, THREATS, THREATS),
    ]
    assert "metropolitan,PURSUE,5,5,5".replace("5", str(THREATS)) in ask_page(whole, "/v1/figures/0/0?format=csv")
    assert "no figure lies at 0:9 of soc.figures" in ask_page(whole, "/figures/0/9", 400)
    page, seal = json.loads(ask_page(whole, "/v1/figures?limit=1")), json.loads(ask_page(whole, "/v1/seal"))
    assert (page["total"], page["gone"], page["next"]) == (2, 0, "0:1")
    rest = json.loads(ask_page(whole, "/v1/figures?after=0:1"))
    assert ([one["offset"] for one in rest["rows"]], rest["next"]) == ([0], None)
    (key,) = read_verifiers(locate_seals(whole.settings))
    assert (seal["keys"], seal["cosignatures"], seal["certificate"]["agrees"]) == ([str(key)], [], True)
    assert (seal["size"], seal["figures"]) == (sum(seal["positions"].values()) + 2, 2), (
        "every position has its own output"
    )
    audit = html.unescape(ask_page(whole, "/audit"))
    assert str(seal["root"]) in audit
    assert (seal["follows"], 'id="follows">none:' in audit) == (None, True)


def run_audit(whole: AuditedStack, *arguments: str) -> tuple[int, str]:
    """Exit code, and output with errors, of ``disruptions audit``."""
    state = ("--state", str(whole.settings.state))
    done = CliRunner().invoke(app, ["audit", *arguments, *state], env=whole.environment | {"COLUMNS": "200"})
    return done.exit_code, done.output


def run_json(whole: AuditedStack, *arguments: str) -> tuple[int, Any]:
    """Exit code and body."""
    code, output = run_audit(whole, *arguments, "--json")
    return code, json.loads(output)


def test_a_receipt_is_checked_against_the_ledger(sealed: AuditedStack, tmp_path: Path) -> None:
    """Of an event: by its key alone, and online. Of a figure: not checked until it is added up."""
    event, figure = tmp_path / "event.receipt.json", tmp_path / "year.receipt.json"
    await_truth(lambda: run_audit(sealed, "receipt", "--event", EVENT, "--out", str(event))[0] == 0)
    (key,) = read_verifiers(locate_seals(sealed.settings))
    code, body = run_json(sealed, "verify", str(event), "--key", str(key))
    assert (code, body["verdict"]) == (0, "valid"), body
    code, body = run_json(sealed, "verify", str(event), "--online")
    assert (code, body["verdict"]) == (0, "valid"), body
    assert "the ledger's topics hold the same output, byte for byte" in body["checked"]
    instants = ("--as-at", "2022-12-31", "--known-at", ask_year(sealed)["complete_through"])
    asked = ("receipt", "--figure", *YEAR, *instants, "--by", "pillar", "--out", str(figure))
    await_truth(lambda: run_audit(sealed, *asked)[0] == 0)
    # Of each threat C (pursue) stands, and A, which was amended to prevent.
    cells = json.loads(figure.read_bytes())["figure"]["cells"]
    assert cells == [{"values": ["PREVENT"], "n": THREATS}, {"values": ["PURSUE"], "n": THREATS}]
    code, body = run_json(sealed, "verify", str(figure))
    assert (code, body["verdict"]) == (1, "not checked")
    code, body = run_json(sealed, "verify", str(figure), "--online")
    assert (code, body["verdict"]) == (0, "valid"), body
    # Recorded: A, B, C. Amended: A out and in. Withdrawn: B out. Six legs of each threat.
    assert f"the figure is the sum of {THREATS * 6} legs, whose digest is that of the receipt" in body["checked"]
    assert run_audit(sealed, "receipt", "--event", str(UUID(int=9_999)))[0] == 2
    assert run_audit(sealed, *asked)[0] == 2, "a file is never overwritten"


def hold_published_receipt(whole: AuditedStack, figure_id: str, file: Path) -> None:
    """Its receipt is valid by the key alone, and online; a copy that says another number is not."""
    assert run_audit(whole, "receipt", "--figure-id", figure_id, "--out", str(file))[0] == 0
    (key,) = read_verifiers(locate_seals(whole.settings))
    code, body = run_json(whole, "verify", str(file), "--key", str(key))
    assert (code, body["verdict"]) == (0, "valid"), body
    code, body = run_json(whole, "verify", str(file), "--online")
    assert (code, body["checked"][-1]) == (0, "the ledger's topic holds the same record of it, byte for byte"), body
    said = json.loads(file.read_bytes())
    assert (said["published"]["note"], said["figure"]["cells"][0]["n"]) == ("Table 2", THREATS)
    file.with_name("altered.receipt.json").write_text(file.read_text().replace(f'"n": {THREATS}', '"n": 7', 1))
    code, body = run_json(whole, "verify", str(file.with_name("altered.receipt.json")), "--online")
    assert (code, body["verdict"]) == (1, "not valid"), body
    assert run_audit(whole, "receipt", "--figure-id", "0" * 64)[0] == 2


def test_a_published_figure_is_proved_by_every_replay(sealed: AuditedStack, tmp_path: Path) -> None:
    """Refused while it may grow; the same once and for ever after; a forged one, and what is none, are named."""
    asked = ("publish-figure", *YEAR, "--by", "org,pillar", *SAID)
    code, output = run_audit(sealed, *asked, "--as-at", "2190-01-01", "--known-at", "2190-01-01")
    assert (code, "give a --known-at no later than that" in output) == (1, True), output
    instants = ("--as-at", "2022-12-31", "--known-at", ask_year(sealed)["complete_through"])
    for was_there in (False, True):
        code, body = run_json(sealed, *asked, *instants)
        assert (code, body["partition"], body["offset"], body["was_there"]) == (0, 0, 0, was_there)
    assert [(row["org"], row["pillar"], row["n"]) for row in body["rows"]] == [
        ("metropolitan", "PREVENT", THREATS),
        ("metropolitan", "PURSUE", THREATS),
    ]
    code, output = run_audit(
        sealed, "publish-figure", "--threats", *instants, "--note", "Table 3", "--published-by", "nca"
    )
    assert (code, "Published, for ever." in output) == (0, True), output
    await_truth(lambda: run_json(sealed, "seals")[1]["figures"] == 2)
    code, verdict = run_json(sealed, "replay")
    assert (code, verdict["figures"], verdict["sealed_figures"]) == (0, 2, 2), verdict
    code, listed = run_json(sealed, "figures")
    assert (code, [(one["published"], one["then"], one["now"]) for one in listed["rows"]]) == (
        0,
        [(2 * THREATS, 2 * THREATS, 2 * THREATS), (THREATS, THREATS, THREATS)],
    )
    hold_published_receipt(sealed, body["figure_id"], tmp_path / "table.receipt.json")
    assert_shown(sealed, verdict["known_at"])
    first, threats = [one.figure for one in read_figures(sealed.settings, pin_ids()).figures]
    assert first is not None
    assert threats is not None
    assert (first.figure_id, threats.cells[0].n) == (body["figure_id"], THREATS)
    write_forged_figure(sealed, first._replace(cells=(first.cells[0]._replace(n=THREATS + 1), first.cells[1])))
    code, verdict = run_json(sealed, "replay")
    assert (code, verdict["figures"]) == (1, 2)
    code, output = run_audit(sealed, "figures")
    assert (code, output.count("same"), output.count("DIFFERS")) == (1, 2, 2)
    shown = ask_page(sealed, "/figures/0/2")
    assert f"<strong>differs: {THREATS}</strong>" in shown, "what was forged says one more"
    assert "Not checked here: this machine keeps no certificate that says so" in shown
    assert "A record that is no figure" in ask_page(sealed, "/figures/1/0")
    assert "Differs" in ask_page(sealed, "/audit").partition('id="outcome"')[2].partition("</dd>")[0]
    assert {(one["kind"], one["place"]) for one in verdict["shown"]} == {
        ("FIGURE_DIFFERS", "soc.figures partition 0 offset 2"),
        ("UNREADABLE", "soc.figures partition 1 offset 0"),
    }
    write_forged_figure(sealed, first._replace(type=None))
    added = json.loads(ask_page(sealed, "/v1/figures/0/3"))
    assert (added["agrees"], added["cells"][0]["then"]) == (False, None), "it adds lead and support"


def test_a_receipt_of_a_ledger_that_was_tampered_with_is_named(sealed: AuditedStack, tmp_path: Path) -> None:
    """A second entry of a position with its sign turned: no figure is added up from such topics."""
    figure = tmp_path / "year.receipt.json"
    asked = ("receipt", "--figure", *YEAR, "--out", str(figure))
    assert run_audit(sealed, *asked)[0] == 0
    partition, value = next(one for one in read_entries(sealed.settings) if CODEC.decode_entry(one[1]).legs)
    held = CODEC.decode_entry(value)
    fact = CODEC.decode(held.source.value, held.source.headers)
    turned = tuple(leg._replace(sign=-leg.sign) for leg in held.legs)
    produce_record(sealed, ENTRIES, CODEC.encode_entry(held.source, fact, held._replace(legs=turned)), partition)
    code, body = run_json(sealed, "verify", str(figure), "--online")
    assert (code, body["verdict"]) == (1, "not valid")
    assert "REPEAT_DIFFERS" in body["fault"]
    assert run_audit(sealed, "receipt", "--figure", *YEAR)[0] == 1


def write_forged_figure(whole: AuditedStack, figure: PublishedFigure) -> None:
    """Write a figure, under an id of its own, and what is none into the topic."""
    figure = figure._replace(figure_id=compute_figure_id(figure))
    produce_record(whole, FIGURES, encode_figure(figure, pin_ids()), 0)
    produce_record(whole, FIGURES, b"no figure", 1)


def produce_record(whole: AuditedStack, topic: str, value: bytes, partition: int) -> None:
    """Write a record behind everybody's back."""
    producer = Producer(whole.settings.build_kafka_options())
    producer.produce(topic, value, b"key", partition)
    assert producer.flush(READY_SECONDS) == 0
