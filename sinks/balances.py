"""Balances: every count is a sum of signed legs, as the record stood at ``as_at``, as known at ``known_at``.

- Lead unless asked, and never lead and support in one number: unless ``type`` is a dimension, exactly one type is in an
  answer. With ``type`` a dimension and no type asked for, both are there, each in rows of its own.
- ``COUNTED`` unless another standing is asked for. ``all`` means every standing: rows of their own when ``standing`` is
  a dimension, otherwise their total (every disruption that is not withdrawn).
- Event dates are inclusive. Zero rows are left out. Unknown is a value, never null.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ledger.errors import Misuse
from ledger.identity import uk_day
from methodology.measures import DIMENSIONS, MEASURE, THREAT_COUNT, THREAT_DIMENSIONS
from sinks.answer import Answer, millis, now
from sinks.completeness import Horizons, is_complete
from sinks.organisations import day
from sinks.positions import stored
from sinks.question import ALL, EACH, Question, chosen_standing, chosen_type, dimensions
from sinks.store import Store


def counts(
    store: Store,
    published: Horizons,
    *,
    by: Sequence[str] = (),
    org: str | None = None,
    type: str | None = None,
) -> Answer:
    """Live balances of the disruptions that count, as of now."""
    return _disruptions(store, published, _question(by, org, type, None), now(), now())


def extract(  # noqa: PLR0913  (the options of the command, each by its name)
    store: Store,
    published: Horizons,
    *,
    start: date,
    end: date,
    by: Sequence[str] = (),
    org: str | None = None,
    type: str | None = None,
    standing: str | None = None,
    as_at: datetime | None = None,
    known_at: datetime | None = None,
) -> Answer:
    """The disruptions whose event date lies from ``start`` to ``end``, both included (rules 9 to 11)."""
    if end < start:
        raise Misuse(f"the period ends ({end}) before it starts ({start})")
    question = _question(by, org, type, standing)
    question.between(start, end)
    return _disruptions(store, published, question, as_at or now(), known_at or now())


def threats(  # noqa: PLR0913  (the options of the command, each by its name)
    store: Store,
    published: Horizons,
    *,
    by: Sequence[str] = (),
    org: str | None = None,
    as_at: datetime | None = None,
    known_at: datetime | None = None,
) -> Answer:
    """The threat count of rule 8, by the threats' own accounts. ``region`` is the owner's on the day of ``as_at``."""
    as_at, known_at = as_at or now(), known_at or now()
    extraction_day = day(uk_day(millis(as_at)))
    question = Question("threat_postings", dimensions(by, THREAT_DIMENSIONS), f"toDate32('{extraction_day}')")
    for condition in THREAT_COUNT:
        question.hold(condition.field, condition.operator, condition.value)
    question.hold_organisation("owner", org)
    return _answer(store, published, question, as_at, known_at)


def movement(
    store: Store,
    seconds: float,
    *,
    by: Sequence[str] = (),
    org: str | None = None,
    type: str | None = None,
) -> Answer:
    """By how much the counted balances moved through what the ledger learnt in the last ``seconds``.

    ``newest`` is when the ledger last learnt of anything: how old the figures are.
    """
    instant = now()
    question = _question(by, org, type, None)
    question.as_of(instant, instant)
    question.learnt_after(instant - timedelta(seconds=seconds))
    return Answer(
        rows=question.rows(store),
        position=stored(store),
        as_at=instant,
        known_at=instant,
        complete=False,
        measure=MEASURE,
        filters=question.filters | {"seconds": seconds},
        newest=newest(store),
    )


def newest(store: Store) -> datetime | None:
    """Append time of the newest stored event; None when there is none."""
    row = store.query("SELECT max(ledger_time) AS newest, count() AS n FROM entries")[0]
    found: datetime = row["newest"]
    return found.replace(tzinfo=UTC) if row["n"] else None


def _question(by: Sequence[str], org: str | None, type: str | None, standing: str | None) -> Question:
    question = Question("postings", dimensions(by, DIMENSIONS), "event_date")
    question.choose("type", chosen_type(type, by), otherwise=EACH)
    question.choose("standing", chosen_standing(standing), otherwise=ALL)
    question.hold_organisation("organisation", org)
    return question


def _disruptions(store: Store, published: Horizons, question: Question, as_at: datetime, known_at: datetime) -> Answer:
    return _answer(store, published, question, as_at, known_at)


def _answer(store: Store, published: Horizons, question: Question, as_at: datetime, known_at: datetime) -> Answer:
    question.as_of(as_at, known_at)
    position = stored(store)  # before the rows: they hold at least this
    rows = question.rows(store)
    filters: dict[str, Any] = question.filters
    return Answer(
        rows=rows,
        position=position,
        as_at=as_at,
        known_at=known_at,
        complete=is_complete(published, position, known_at),
        measure=MEASURE,
        filters=filters,
    )
