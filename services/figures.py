"""Publishing a figure, so that every replay proves it again.

The order of effects:

1. The figure is asked of the ledger; only a complete answer, which is the same for ever, is taken.
2. ``soc.figures`` is read to its end. What says the same is there already: nothing is written.
3. The record is produced and acknowledged. Where the outcome is not known, publishing again is harmless: two records of
   one figure say the same.
"""

import time
from typing import Any, Final, NamedTuple

from confluent_kafka import KafkaException, Producer

from audit.published_figures import read_figures
from infra.appending import append_record
from infra.settings import Settings
from infra.topics import FIGURES
from ledger.bounds import LARGEST_EVENT_BYTES, REASON_CHARACTERS_MAX, REFERENCE_CHARACTERS_MAX
from ledger.errors import Misuse, Unavailable
from ledger.instants import NANOS_PER_MILLI, count_days, count_millis
from ledger.vocabulary import FigureSubject
from queries.answers import BalanceAnswer
from queries.choices import ALL
from queries.client import Client
from queries.figure_question import FigureQuestion, list_cells
from queries.parsing import parse_date, parse_instant
from queries.question import EACH
from schemas.figures import PublishedFigure, compute_figure_id, encode_figure
from schemas.judged import name_software
from schemas.registry import resolve_ids
from sinks.integrity import list_offsets

PARTITION: Final = 0
ACK_SECONDS: Final = 30.0
ROOM_BYTES: Final = 10_000  # what a batch needs beside its record
SUMMED: Final = frozenset({EACH, ALL})  # words of filters that hold a figure to no one value


class LoggedPlace(NamedTuple):
    """Where a figure lies in ``soc.figures``, and whether it lay there before it was to be published."""

    partition: int
    offset: int
    was_there: bool


def ask_figure(client: Client, question: FigureQuestion) -> BalanceAnswer:
    """Ask for the figure. Raises WrongField, Unavailable."""
    return client.ask(question.kind, **question.written)


def read_figure(question: FigureQuestion, answer: BalanceAnswer) -> PublishedFigure:
    """Read the figure that an answer is, of which nobody has said anything yet.

    Raises:
        Misuse: the answer may still grow.
    """
    if not answer["complete"]:
        raise Misuse(describe_incomplete(answer))
    by, filters = question.list_dimensions(), answer["filters"]
    is_disruptions = question.subject is FigureSubject.DISRUPTIONS
    return PublishedFigure(
        figure_id="",
        subject=question.subject,
        measure=answer["measure"],
        first_day=count_days(parse_date(filters["from"], "from")) if is_disruptions else None,
        last_day=count_days(parse_date(filters["to"], "to")) if is_disruptions else None,
        as_at=count_millis(parse_instant(answer["as_at"], "as_at")),
        known_at=count_millis(parse_instant(answer["known_at"], "known_at")),
        organisation=filters.get("org"),
        type=_read_filter(filters, "type") if is_disruptions else None,
        standing=_read_filter(filters, "standing") if is_disruptions else None,
        by=by,
        cells=list_cells(by, answer),
        positions=list_positions(answer),
        note="",
        published_by="",
        published_at=time.time_ns() // NANOS_PER_MILLI,
        software=name_software(),
    )


def make_figure(question: FigureQuestion, answer: BalanceAnswer, note: str, published_by: str) -> PublishedFigure:
    """Make the figure that is published.

    Raises:
        Misuse: the answer may still grow, or what is said of it is nothing, or too long.
    """
    _hold_words("--note", note, REASON_CHARACTERS_MAX)
    _hold_words("--published-by", published_by, REFERENCE_CHARACTERS_MAX)
    figure = read_figure(question, answer)._replace(note=note, published_by=published_by)
    return figure._replace(figure_id=compute_figure_id(figure))


def describe_incomplete(answer: BalanceAnswer) -> str:
    """Say why a figure that may still grow is not published, and what to do."""
    through = answer["complete_through"]
    said = "is not known yet" if through is None else f"is {through}"
    return (
        f"the figure as known at {answer['known_at']} may still grow: the instant through which the ledger is complete "
        f"{said}; give a --known-at no later than that, or wait (`disruptions wait`) and ask again"
    )


def publish_figure(settings: Settings, figure: PublishedFigure) -> LoggedPlace:
    """Write a figure into ``soc.figures``, unless it is there.

    Raises:
        Misuse: it is too large for one record.
        Unavailable: the broker or the registry did not answer; publish it again, which is harmless.
    """
    if settings.kafka_bootstrap_servers is None:
        raise Unavailable(
            f"no broker is known under {settings.state}: start `disruptions up`, or set KAFKA_BOOTSTRAP_SERVERS"
        )
    ids = resolve_ids(settings)
    value = encode_figure(figure, ids)
    if len(value) > LARGEST_EVENT_BYTES - ROOM_BYTES:
        raise Misuse(f"--by: {len(figure.cells):,} cells are more than one figure can have; ask by fewer dimensions")
    for logged in read_figures(settings, ids).figures:
        if logged.figure is not None and compute_figure_id(logged.figure) == figure.figure_id:
            return LoggedPlace(logged.partition, logged.offset, was_there=True)
    return LoggedPlace(PARTITION, _append_value(settings, figure.figure_id, value), was_there=False)


def _append_value(settings: Settings, key: str, value: bytes) -> int:
    options = {"enable.idempotence": True, "acks": "all", "log_level": 2}
    producer = Producer(settings.build_kafka_options() | options)
    try:
        offset = append_record(producer, (FIGURES, PARTITION), key, value, ACK_SECONDS)
    except KafkaException as error:
        raise Unavailable(f"the figure is not written: {error.args[0].str()}; publish it again") from error
    if offset is None:
        raise Unavailable("the broker did not say that it has the figure: publish it again, which is harmless")
    return offset


def list_positions(answer: BalanceAnswer) -> tuple[int, ...]:
    """List where the store stood, by partition from 0."""
    position = {int(partition): offset for partition, offset in answer["position"].items()}
    return tuple(list_offsets(position))


def _read_filter(filters: dict[str, Any], name: str) -> str | None:
    value = filters[name]
    return None if value in SUMMED else str(value)


def _hold_words(option: str, text: str, most: int) -> None:
    if not text.strip() or len(text) > most or not text.isprintable():
        raise Misuse(f"{option}: say it in 1 to {most:,} characters, on one line")
