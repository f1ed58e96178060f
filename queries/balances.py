"""Balances: every count is a sum of signed legs, as the record stood at ``as_at``, as known at ``known_at``.

- The rows are those of exactly one position; an instant that is not given bounds nothing (docs/decisions/0010).
- Lead unless asked, and never lead and support in one number: unless ``type`` is a dimension, exactly one type is in an
  answer. With ``type`` a dimension and no type asked for, both are there, each in rows of its own.
- ``COUNTED`` unless another standing is asked for. ``all`` means every standing: rows of their own when ``standing`` is
  a dimension, otherwise their total (every disruption that is not withdrawn).
- Event dates are inclusive. Zero rows are left out. Unknown is a value, never null.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from ledger.errors import Misuse
from ledger.instants import count_millis, find_uk_day, make_date
from methodology.measures import DIMENSIONS, MEASURE, THREAT_COUNT, THREAT_DIMENSIONS
from queries.answer import Answer, now
from queries.basis import Basis
from queries.completeness import Tails, find_complete_through
from queries.question import ALL, EACH, Question, chosen_standing, chosen_type, dimensions
from sinks.store import Store


def counts(
    store: Store,
    published: Tails,
    *,
    by: Sequence[str] = (),
    org: str | None = None,
    type: str | None = None,
) -> Answer:
    """Live balances of the disruptions that count: of all that is stored."""
    return _answer(store, published, _question(by, org, type, None), Basis(store))


def extract(  # noqa: PLR0913  (the options of the command, each by its name)
    store: Store,
    published: Tails,
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
    return _answer(store, published, question, Basis(store, as_at, known_at))


def threats(  # noqa: PLR0913  (the options of the command, each by its name)
    store: Store,
    published: Tails,
    *,
    by: Sequence[str] = (),
    org: str | None = None,
    as_at: datetime | None = None,
    known_at: datetime | None = None,
) -> Answer:
    """The threat count of rule 8, by the threats' own accounts. ``region`` is the owner's on the day of ``as_at``."""
    basis = Basis(store, as_at, known_at)
    extraction_day = make_date(find_uk_day(count_millis(basis.as_at)))
    question = Question("threat_postings", dimensions(by, THREAT_DIMENSIONS), f"toDate32('{extraction_day}')")
    for condition in THREAT_COUNT:
        question.hold(condition.field, condition.operator, condition.value)
    question.hold_organisation("owner", org)
    return _answer(store, published, question, basis)


def movement(
    store: Store,
    seconds: float,
    *,
    by: Sequence[str] = (),
    org: str | None = None,
    type: str | None = None,
) -> Answer:
    """By how much the counted balances moved through what the ledger learnt in the last ``seconds``, or later.

    Later: a broker's clock that is ahead hides no movement. ``newest`` is when the ledger last learnt of anything.
    """
    instant, basis = now(), Basis(store)
    question = _question(by, org, type, None)
    basis.bound_rows(question)
    question.learnt_after(instant - timedelta(seconds=seconds))
    return Answer(
        rows=question.rows(store),
        position=basis.position,
        as_at=basis.as_at,
        known_at=instant,
        complete_through=None,
        measure=MEASURE,
        filters=question.filters | {"seconds": seconds},
        newest=basis.newest,
    )


def _question(by: Sequence[str], org: str | None, type: str | None, standing: str | None) -> Question:
    question = Question("postings", dimensions(by, DIMENSIONS), "event_date")
    question.choose("type", chosen_type(type, by), otherwise=EACH)
    question.choose("standing", chosen_standing(standing), otherwise=ALL)
    question.hold_organisation("organisation", org)
    return question


def _answer(store: Store, published: Tails, question: Question, basis: Basis) -> Answer:
    """Ask, in the order of docs/decisions/0010: frontiers (the basis), rows, and the broker last."""
    basis.bound_rows(question)
    rows = question.rows(store)
    through = find_complete_through(published, basis.frontiers)
    filters: dict[str, Any] = question.filters
    return Answer(
        rows=rows,
        position=basis.position,
        as_at=basis.as_at,
        known_at=basis.find_known_at(through),
        complete_through=through,
        measure=MEASURE,
        filters=filters,
    )
