"""The disruptions that a figure is made of: those whose legs, on its own basis and of its own accounts, do not cancel.

The total is the figure, asked as every figure is; the list is made from the legs one by one. That the two agree is a
test, and shows what a number is made of.
"""

from datetime import date, timedelta
from typing import Any, Final, cast

from methodology.dimensions import DIMENSIONS
from methodology.measures import MEASURE
from queries.answer import Answer
from queries.basis import Basis
from queries.choices import ALL, choose_standing, choose_type
from queries.keyset import ListPlace, format_place
from queries.listed_queries import RecordsQuery
from queries.plain import format_balance, make_plain
from queries.question import ACCOUNT, EACH, Question
from queries.record_answers import RecordsAnswer
from queries.snapshot import Snapshot
from sinks.store import Row, Store

_PLACE: Final = "event_date, partition, offset, leg"


RECENT_DAYS: Final = 31


def answer_records(snapshot: Snapshot, query: RecordsQuery) -> RecordsAnswer:
    """Answer with a page of the records, how many there are in all, and where the next page goes on."""
    snapshot.begin_completeness()
    question, basis = build_question(query), Basis(snapshot, query.as_at, query.known_at)
    basis.bound_rows(question)
    listed = [make_plain(row) for row in _find_page(snapshot.store, question, query)]
    if query.threat_id is None:  # closings do not tell threats apart
        basis.carry_forward(question)
    rows = listed[: query.limit]
    more = format_place(_find_place(rows[-1])) if len(listed) > query.limit else None
    return cast(RecordsAnswer, answer_page(snapshot, question, basis, rows, more))


def answer_page(
    snapshot: Snapshot, question: Question, basis: Basis, rows: list[Row], more: str | None
) -> dict[str, Any]:
    """Answer with a page of what a figure is made of; the figure itself is asked as every figure is."""
    figure = question.ask_store(snapshot.store)
    through = snapshot.find_complete_through()
    answer = format_balance(
        Answer(
            rows=figure,
            position=basis.position,
            as_at=basis.as_at,
            known_at=basis.find_known_at(through),
            complete_through=through,
            measure=MEASURE,
            filters=question.filters,
        )
    )
    return {**answer, "rows": rows, "total": sum(int(row["n"]) for row in figure), "next": more}


def build_question(query: RecordsQuery) -> Question:
    """Build the question whose sum is the figure."""
    question = Question("postings", [], "event_date")
    hold_cell(question, query)
    return question


def hold_cell(question: Question, query: RecordsQuery) -> None:
    """Hold a question to the accounts and the days that a query asks for."""
    question.choose_value("type", choose_type(query.type, ()), otherwise=EACH)
    question.choose_value("standing", choose_standing(query.standing), otherwise=ALL)
    question.hold_organisation("organisation", query.org)
    question.bound_dates(*query.find_period())
    for name, value in query.list_account().items():
        question.hold_field(name, "=", value)
    if query.region is not None:
        question.hold_derived(DIMENSIONS["region"], query.region)


def _find_page(store: Store, question: Question, query: RecordsQuery) -> list[Row]:
    """Find one page, and one record more: among the latest days first, and among all only where those are too few."""
    first, last = query.find_period()
    if query.after is not None:
        last = min(last, query.after.event_date)
    recent = max(first, last - timedelta(days=RECENT_DAYS))
    rows = store.query(*_write_listing(question, query, recent, last))
    if len(rows) <= query.limit and recent > first:
        rows = store.query(*_write_listing(question, query, first, last))
    return rows


def _write_listing(question: Question, query: RecordsQuery, first: date, last: date) -> tuple[str, dict[str, Any]]:
    """Write the statement that lists one page, and one record more, of the events from ``first`` to ``last``.

    What put a record there is the last leg into its account at the last entry instant at which more went in than out:
    what a later entry takes back is passed over.
    """
    legs, parameters = question.write_legs()
    legs += " AND event_date >= {listed_first:Date32} AND event_date <= {listed_last:Date32}"
    parameters |= {"limit": query.limit + 1, "listed_first": first, "listed_last": last}
    after = ""
    if query.after is not None:
        parameters |= {f"after_{name}": value for name, value in query.after._asdict().items()}
        bound = "{after_event_date:Date32}, {after_partition:Int32}, {after_offset:Int64}, {after_leg:UInt32}"
        after = f"WHERE ({_PLACE}) < ({bound})"
    instants = f"""SELECT threat_id, disruption_id, {ACCOUNT}, entered_at AS at, sum(sign) AS net,
        maxIf(tuple(partition, offset, leg, ledger_time), sign = 1) AS last
        FROM {legs} GROUP BY threat_id, disruption_id, {ACCOUNT}, at"""  # noqa: S608  (names of ours alone; values are parameters)
    standing = f"""SELECT threat_id, disruption_id, {ACCOUNT}, maxIf(at, net > 0) AS entered_at,
        argMaxIf(last, at, net > 0) AS came
        FROM ({instants}) GROUP BY threat_id, disruption_id, {ACCOUNT} HAVING sum(net) != 0"""  # noqa: S608  (names of ours, as above)
    placed = f"""SELECT threat_id, disruption_id, {ACCOUNT}, entered_at, tupleElement(came, 4) AS ledger_time,
        tupleElement(came, 1) AS partition, tupleElement(came, 2) AS offset, tupleElement(came, 3) AS leg
        FROM ({standing})"""  # noqa: S608  (names of ours, as above)
    order = ", ".join(f"{one} DESC" for one in _PLACE.split(", "))
    return f"SELECT * FROM ({placed}) {after} ORDER BY {order} LIMIT {{limit:UInt32}}", parameters  # noqa: S608  (names of ours, as above)


def _find_place(row: Row) -> ListPlace:
    return ListPlace(row["event_date"], row["partition"], row["offset"], row["leg"])
