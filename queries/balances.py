"""Balances: every count is a sum of signed legs, as the record stood at ``as_at``, as known at ``known_at``.

- The rows are those of exactly one position; an instant that is not given bounds nothing (docs/decisions/0010).
- Where a closing says the same, the sum starts from it (docs/decisions/0016); movements and threats are always summed.
- Lead unless asked, and never lead and support in one number: unless ``type`` is a dimension, exactly one type is in an
  answer. With ``type`` a dimension and no type asked for, both are there, each in rows of its own.
- ``COUNTED`` unless another standing is asked for. ``all`` means every standing: rows of their own when ``standing`` is
  a dimension, otherwise their total (every disruption that is not withdrawn).
- Event dates are inclusive. Zero rows are left out. Unknown is a value, never null.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ledger.instants import count_millis, find_uk_day, make_date
from methodology.dimensions import DIMENSIONS, THREAT_DIMENSIONS, Dimension
from methodology.measures import MEASURE, THREAT_COUNT
from queries.answer import Answer, read_clock
from queries.balance_queries import CountQuery, DisruptionSum, ExtractQuery, MovementQuery, ThreatQuery
from queries.basis import Basis
from queries.choices import ALL, choose_dimensions, choose_standing, choose_type
from queries.question import EACH, Question
from queries.snapshot import Snapshot


def answer_count(snapshot: Snapshot, query: CountQuery) -> Answer:
    """Answer with the live balances of the disruptions that count: of all that is stored."""
    return _answer_sum(snapshot, sum_disruptions(query), Basis(snapshot))


def answer_extract(snapshot: Snapshot, query: ExtractQuery) -> Answer:
    """Answer with the disruptions whose event date lies in the period, both days included (rules 9 to 11)."""
    question = sum_disruptions(query, query.standing)
    question.bound_dates(query.start, query.end)
    return _answer_sum(snapshot, question, Basis(snapshot, query.as_at, query.known_at))


def answer_threats(snapshot: Snapshot, query: ThreatQuery) -> Answer:
    """Answer with the threat count of rule 8. ``region`` is the owner's on the day of ``as_at``."""
    basis = Basis(snapshot, query.as_at, query.known_at)
    question = begin_threats(basis.as_at, choose_dimensions(query.by, THREAT_DIMENSIONS))
    question.hold_organisation("owner", query.org)
    return _answer_sum(snapshot, question, basis)


def begin_threats(as_at: datetime, by: Sequence[Dimension] = ()) -> Question:
    """Begin the threat count of rule 8, of an extraction at this instant."""
    extraction_day = make_date(find_uk_day(count_millis(as_at)))
    question = Question("threat_postings", by, f"toDate32('{extraction_day}')")
    for condition in THREAT_COUNT:
        question.hold_field(condition.field, condition.operator, condition.value)
    return question


def answer_movement(snapshot: Snapshot, query: MovementQuery) -> Answer:
    """Answer by how much the counted balances moved through what was learnt in the last seconds, or later.

    Later: a broker's clock that is ahead hides no movement. ``newest`` is when the ledger last learnt of anything.
    """
    instant, basis = read_clock(), Basis(snapshot)
    question = sum_disruptions(query)
    basis.bound_rows(question)
    question.begin_after(instant - timedelta(seconds=query.seconds))
    return Answer(
        rows=question.ask_store(snapshot.store),
        position=basis.position,
        as_at=basis.as_at,
        known_at=instant,
        complete_through=None,
        measure=MEASURE,
        filters=question.filters | {"seconds": query.seconds},
        newest=basis.newest,
    )


def sum_disruptions(query: DisruptionSum[Any], standing: str | None = None) -> Question:
    """Begin the sum of the disruptions that a query asks for."""
    question = Question("postings", choose_dimensions(query.by, DIMENSIONS), "event_date")
    hold_disruptions(question, query, standing)
    return question


def hold_disruptions(question: Question, query: DisruptionSum[Any], standing: str | None = None) -> None:
    """Hold a question to the type, the standing and the organisation that a query asks for."""
    question.choose_value("type", choose_type(query.type, query.by), otherwise=EACH)
    question.choose_value("standing", choose_standing(standing), otherwise=ALL)
    question.hold_organisation("organisation", query.org)


def _answer_sum(snapshot: Snapshot, question: Question, basis: Basis) -> Answer:
    """Ask, in the order of docs/decisions/0010: frontiers (the snapshot), then the broker, and the rows meanwhile.

    The rows are those of exactly the basis, whenever they are read; the broker is asked after it, so that what it says
    to be published is held to what was stored before.
    """
    snapshot.begin_completeness()
    rows = basis.sum_rows(question)
    through = snapshot.find_complete_through()
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
