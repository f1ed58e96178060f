"""Figures are published by the command line, proved again by every replay, and named where they do not follow."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from audit.published_figures import read_figures
from infra.topics import FIGURES
from queries.api_client import ApiClient
from queries.balance_queries import ExtractQuery
from schemas.figures import PublishedFigure, compute_figure_id, encode_figure
from schemas.registry import pin_ids
from tests.live.audited import READY_SECONDS, THREATS, Whole, eventually

PERIOD = {"from_": "2022-01-01", "to": "2022-12-31"}


def publish(whole: Whole, *options: str) -> tuple[int, str, str]:
    """Exit code, output and errors of ``disruptions audit publish-figure``."""
    script = str(Path(sys.executable).with_name("disruptions"))
    said = ("--note", "Table 2", "--published-by", "hmicfrs", "--state", str(whole.settings.state))
    done = subprocess.run(
        [script, "audit", "publish-figure", *options, *said],
        check=False,
        capture_output=True,
        env={**os.environ, **whole.environment},
        timeout=READY_SECONDS,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def ask(whole: Whole) -> Any:
    """The year, as the read API answers it."""
    return ApiClient(whole.environment["DISRUPTIONS_READ_API"]).ask(ExtractQuery, **PERIOD)


def forge(whole: Whole, figure: PublishedFigure) -> None:
    """Write a record into the topic, behind everybody's back."""
    producer = Producer(whole.settings.build_kafka_options())
    producer.produce(FIGURES, encode_figure(figure, pin_ids()), figure.figure_id, 0)
    producer.produce(FIGURES, b"no figure", b"key", 1)
    assert producer.flush(READY_SECONDS) == 0


def test_a_published_figure_is_proved_by_every_replay(whole: Whole) -> None:
    """Refused while it may grow; the same once and for ever after; a forged one, and what is none, are named."""
    year = ("--from", "2022-01-01", "--to", "2022-12-31", "--by", "org,pillar")
    code, _, trouble = publish(whole, *year, "--as-at", "2190-01-01", "--known-at", "2190-01-01")
    assert (code, "give a --known-at no later than that" in trouble) == (1, True), trouble
    eventually(lambda: (found := ask(whole))["complete"] and found["complete_through"] is not None)
    instants = ("--as-at", "2022-12-31", "--known-at", ask(whole)["complete_through"])
    for was_there in (False, True):
        code, shown, trouble = publish(whole, *year, *instants, "--json")
        assert code == 0, trouble
        body = json.loads(shown)
        assert (body["partition"], body["offset"], body["was_there"]) == (0, 0, was_there)
    # Of each threat C (pursue) stands, and A, which was amended to prevent.
    assert [(row["org"], row["pillar"], row["n"]) for row in body["rows"]] == [
        ("metropolitan", "PREVENT", THREATS),
        ("metropolitan", "PURSUE", THREATS),
    ]
    code, shown, trouble = publish(whole, "--threats", *instants)
    assert code == 0, trouble
    assert "Published, for ever." in shown
    code, verdict = whole.audit()
    assert (code, verdict["figures"]) == (0, 2), verdict
    first, threats = [one.figure for one in read_figures(whole.settings, pin_ids()).figures]
    assert first is not None
    assert threats is not None
    assert (first.figure_id, threats.cells[0].n) == (body["figure_id"], THREATS)
    forged = first._replace(cells=(first.cells[0]._replace(n=THREATS + 1), first.cells[1]))
    forge(whole, forged._replace(figure_id=compute_figure_id(forged)))
    code, verdict = whole.audit()
    assert code == 1
    assert verdict["figures"] == 2
    assert {(one["kind"], one["place"]) for one in verdict["shown"]} == {
        ("FIGURE_DIFFERS", "soc.figures partition 0 offset 2"),
        ("UNREADABLE", "soc.figures partition 1 offset 0"),
    }
