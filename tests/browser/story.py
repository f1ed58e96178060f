"""What the browser's ledger holds, by hand: a lead disruption a day for two years, and one of each that is not counted.

The period is the year to 30 June 2022: 365 are counted in it, and 365 in the year before. Each was entered the morning
after it happened, so that an extraction of 1 January 2022 sees those of up to 30 December: 183.
"""

import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from confluent_kafka import Consumer, TopicPartition

from cli.wait import await_stored
from infra.settings import Settings, load_settings
from infra.topics import PUBLISHED
from ledger.facts import Fact
from ledger.vocabulary import FigureSubject
from producers import Publisher
from producers.files import publish_files
from queries.balance_queries import ExtractQuery
from queries.client import open_client
from queries.figure_question import FigureQuestion
from services.figures import make_figure, publish_figure
from tests.live.cli_events import make_disruption, make_threat, write_ndjson
from tests.live.intake_proof import CODEC

DISRUPTIONS: Final = str(Path(sys.executable).with_name("disruptions"))
FIRST: Final = date(2020, 7, 1)
DAYS: Final = 730
PERIOD: Final = "from=2021-07-01&to=2022-06-30"
COUNTED, COUNTED_BEFORE, COUNTED_BY_NEW_YEAR = 365, 365, 183
WHO: Final = ("metropolitan", "kent", "essex", "greater-manchester", "west-midlands", "rocu-eastern", "nca", "btp")
PILLARS: Final = ("PURSUE", "PURSUE", "PURSUE", "PREVENT", "PROTECT", "PREPARE", "PURSUE")
CATEGORIES: Final = ("MAJOR", "MODERATE", "MINOR")
CRIMES: Final = ("DRUGS", "FRAUD", "CYBER", "MSHT")
NEW_DAY: Final = "2023-08-01"
KAFKA_SECONDS: Final = 20.0
STORED_SECONDS: Final = 300.0


def list_events() -> list[dict[str, Any]]:
    """List them: threats of each recorder first."""
    threats = [
        make_threat(1 + number, f"T-{who}", who, assessed_on="2020-01-10", entered_at="2020-01-10T09:00:00Z")
        | {"crime_type": CRIMES[number % len(CRIMES)]}
        for number, who in enumerate(WHO)
    ]
    return threats + [record_day(number) for number in range(DAYS)] + list_uncounted()


def record_day(number: int) -> dict[str, Any]:
    """Record the disruption of a day."""
    day, who = FIRST + timedelta(days=number), WHO[number % len(WHO)]
    return make_disruption(100 + number, f"D-{number}", f"{day}", f"{day + timedelta(days=1)}") | {
        "threat_id": f"T-{who}",
        "recorded_by": who,
        "pillar": PILLARS[number % len(PILLARS)],
        "category": CATEGORIES[number % len(CATEGORIES)],
        "source_sequence": number // len(WHO) + 2,
    }


def list_uncounted() -> list[dict[str, Any]]:
    """List one that is not assessed, one that awaits its threat, one of support, and one that is refused."""
    kent = {"threat_id": "T-kent", "recorded_by": "kent"}
    support = {"threat_id": "T-rocu-eastern", "recorded_by": "rocu-eastern", "type": "SUPPORT", "benefits": "essex"}
    return [
        make_disruption(901, "U-1", "2022-03-01", "2022-03-02", **kent, category="UNASSESSED"),
        make_disruption(902, "U-2", "2022-03-02", "2022-03-03", threat_id="T-none", recorded_by="kent"),
        make_disruption(903, "U-3", "2022-03-03", "2022-03-04", **support),
        make_disruption(904, "U-4", "2022-03-04", "2022-03-05", **kent, type="SUPPORT", benefits="essex"),
    ]


def list_new(number: int) -> list[dict[str, Any]]:
    """List one more disruption, of a day that none of the others has."""
    return [make_disruption(950 + number, f"N-{number}", NEW_DAY, "2023-08-02", threat_id="T-kent", recorded_by="kent")]


def publish_events(state: Path, events: list[dict[str, Any]]) -> None:
    """Publish events and wait until they are stored."""
    given = state.parent / "events.ndjson"
    given.write_text(write_ndjson(events))
    publish_file(state, given)


def publish_file(state: Path, file: Path) -> None:
    """Publish a file and wait until it is stored: what ``disruptions publish`` and ``wait`` do, without their start."""
    with Publisher(load_settings(state)) as publisher:
        publish_files([file], publisher)
        publisher.flush()
    _, done, _ = await_stored(open_client(state), time.monotonic() + STORED_SECONDS)
    assert done


def publish_year(state: Path, least: int = COUNTED) -> None:
    """Publish the figure of the year by pillar, as at its end, once the ledger is complete with so many in it."""
    client, settings = open_client(state), load_settings(state)
    deadline = time.monotonic() + STORED_SECONDS
    written = {"from_": "2021-07-01", "to": "2022-06-30", "by": "pillar", "as_at": "2022-07-04"}
    while True:
        through = client.ask(ExtractQuery, **written)["complete_through"]
        answer = client.ask(ExtractQuery, **written, known_at=through)
        if through is not None and sum(int(row["n"]) for row in answer["rows"]) >= least:
            break
        assert time.monotonic() < deadline
        time.sleep(0.5)
    question = FigureQuestion(FigureSubject.DISRUPTIONS, {**written, "known_at": through})
    publish_figure(settings, make_figure(question, answer, "Annual report, table 2", "hmicfrs"))


def read_published(settings: Settings, position: str) -> Fact:
    """Read the event at a position of ``soc.published``, ``partition:offset``, as Kafka has it."""
    partition, offset = (int(one) for one in position.split(":"))
    consumer = Consumer(settings.build_kafka_options() | {"group.id": "browser", "enable.auto.commit": False})
    try:
        consumer.assign([TopicPartition(PUBLISHED, partition, offset)])
        message = consumer.poll(KAFKA_SECONDS)
        assert message is not None
        assert message.error() is None
        return CODEC.decode(message.value())
    finally:
        consumer.close()
