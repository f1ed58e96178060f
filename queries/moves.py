"""Moves between two states of the record: what each entry instant after then did to each disruption, summed by cause.

The legs between the states are netted by disruption and entry instant, those learnt late all together; what is left is
where the disruption stood and where it stands. The store says in a number what ``methodology.causes`` tells causes
from, so every leg between the states is in the sum of exactly one of them.

Most disruptions have one leg there, which is a move as it stands. Which ones have several, so that they must be netted,
is told by hashes: where two disruptions had one hash, both would be netted, to the same moves.
"""

from collections.abc import Container, Mapping, Sequence
from functools import cache
from typing import Any, Final

from ledger.instants import count_millis, find_uk_day, make_date
from methodology.causes import Cause, Move, find_cause
from methodology.dimensions import DIMENSIONS, Dimension
from queries.answers import MoveAnswer, MoveRow
from queries.balances import hold_disruptions
from queries.choices import choose_dimensions
from queries.compare_queries import CompareQuery, MoveQuery, RecordState, hold_past
from queries.leg_sums import SummedCells
from queries.plain import key_by_text, make_plain
from queries.question import ACCOUNT, INSTANT, Question, Rows
from queries.records import hold_cell
from queries.snapshot import Snapshot
from queries.threat_sums import OF_THREATS, sum_by_threat
from sinks.store import Row

MOVE: Final = Dimension("move", "move")
_SEVERAL: Final = """cityHash64(threat_id, disruption_id) IN (
    SELECT cityHash64(threat_id, disruption_id) AS hash FROM postings PREWHERE %(bounds)s
    GROUP BY hash HAVING count() > 1 AND countIf(%(held)s) > 0)"""
_OWN: Final = """(threat_id, disruption_id, moved_at) IN (
    SELECT threat_id, assumeNotNull(disruption_id), entered_at FROM entries
    WHERE record = 'DisruptionEvent' AND verdict = 'ADMITTED' AND %(bounds)s AND %(several)s)"""
_NETTED: Final = f"""SELECT threat_id, disruption_id, entered_at <= {INSTANT % "begun_at"} AS learnt_late,
    if(learnt_late, toDateTime64(0, 3, 'UTC'), entered_at) AS moved_at, {ACCOUNT}, toInt64(sum(sign)) AS net
FROM postings FINAL PREWHERE %(bounds)s WHERE %(several)s
GROUP BY threat_id, disruption_id, learnt_late, moved_at, {ACCOUNT} HAVING net != 0"""  # noqa: S608  (names of ours)
_MOVED: Final = f"""SELECT threat_id, disruption_id, moved_at, groupArray(({ACCOUNT}, net)) AS accounts,
    toInt64(learnt_late + 2 * (sign(sum(net)) + 1)
    + 8 * (min(event_date) > {{begun_on:Date32}})
    + 16 * (min(category) != max(category))
    + 32 * ((min(organisation), min(type), min(pillar), min(event_date))
        != (max(organisation), max(type), max(pillar), max(event_date)))
    + 64 * (countIf(standing = 'AWAITING_THREAT' AND net < 0) > 0)
    + 128 * ((min(kind), min(crime_type)) != (max(kind), max(crime_type)))
    + 256 * ({_OWN})) AS move
FROM ({_NETTED}) GROUP BY threat_id, disruption_id, moved_at, learnt_late"""  # noqa: S608  (names of ours)
_LEGS: Final = f"""SELECT threat_id, disruption_id, moved_at, move,
    one.1 AS organisation, one.2 AS type, one.3 AS pillar, one.4 AS kind, one.5 AS crime_type, one.6 AS category,
    one.7 AS event_date, one.8 AS standing, one.9 AS sign
FROM ({_MOVED}) ARRAY JOIN accounts AS one"""  # noqa: S608  (names of ours)
_SINGLE: Final = f"""SELECT threat_id, disruption_id,
    if(learnt_late, toDateTime64(0, 3, 'UTC'), entered_at) AS moved_at,
    toInt64(learnt_late + 2 * (leg + 1) + 8 * (event_date > {{begun_on:Date32}})) AS move, {ACCOUNT}, leg AS sign
FROM (
    SELECT threat_id, disruption_id, entered_at, entered_at <= {INSTANT % "begun_at"} AS learnt_late, {ACCOUNT},
        toInt64(sign) AS leg
    FROM postings PREWHERE %(bounds)s AND %(held)s WHERE NOT %(several)s
)"""  # noqa: S608  (names of ours)


class MoveQuestion(Question):
    """A sum over the net legs between two states of the record, by dimensions and by the number of their move."""

    def take_between(self, position: Mapping[int, int], then: RecordState, now: RecordState) -> None:
        """Take the legs that lie in the state of now, and not in that of then, where it stands at a position."""
        self.stand_at(position)
        self.bound_instants(now.as_at, now.known_at)
        given = {"then_as_at": ("entered_at", then.as_at), "then_known_at": ("ledger_time", then.known_at)}
        inside = [f"{field} <= {INSTANT % name}" for name, (field, one) in given.items() if one is not None]
        self._bounds.append(f"NOT ({' AND '.join(inside)})")
        assert then.instant is not None  # noqa: S101  (for the type checker: the question has one)
        begun = count_millis(then.instant)
        self._parameters |= {name: count_millis(one) for name, (_, one) in given.items() if one is not None}
        self._parameters |= {"begun_at": begun, "begun_on": make_date(find_uk_day(begun))}

    def take_threats(self, threats: Sequence[str] | None) -> None:
        """Take the legs of these threats alone; None: of all."""
        if threats is not None:
            self._bounds.append(OF_THREATS)
            self._parameters["threats"] = list(threats)

    def write_listing(self, causes: Container[Cause], most: int) -> tuple[str, dict[str, Any]]:
        """Write the statement that lists the first disruptions of these causes, with the number and sum of all."""
        numbers = [number for number, cause in list_causes().items() if cause in causes]
        grouped = f"""SELECT threat_id, disruption_id, moved_at, move, sum(sign) AS net,
            {", ".join(f"argMax({one}, sign) AS {one}" for one in ACCOUNT.split(", "))}
            FROM (SELECT * FROM {self._write_source()}) WHERE has({{moves:Array(Int64)}}, move)
            GROUP BY threat_id, disruption_id, moved_at, move HAVING net != 0"""  # noqa: S608  (names of ours)
        return (
            f"SELECT *, count() OVER () AS total, sum(net) OVER () AS difference FROM ({grouped})"  # noqa: S608  (as above: names of ours)
            " ORDER BY moved_at, threat_id, disruption_id, move LIMIT {most:UInt32}"
        ), self._parameters | {"moves": numbers, "most": most}

    def _write_source(self) -> str:
        """Write it of those disruptions alone that a leg brings into what is held, or takes out of it.

        A leg that is stored twice is of one that has several; the engine reads all of a statement from the same rows.
        """
        names = {"bounds": " AND ".join(self._bounds), "held": " AND ".join(self._held)}
        names["several"] = _SEVERAL % names
        return f"({_LEGS % names} UNION ALL {_SINGLE % names}) WHERE {names['held']}"


def sum_moves(snapshot: Snapshot, query: CompareQuery) -> Rows:
    """Sum the moves that a comparison is made of, by its dimensions and by their numbers."""

    def begin_sum() -> MoveQuestion:
        question = MoveQuestion("postings", [*choose_dimensions(query.by, DIMENSIONS), MOVE], "event_date")
        hold_disruptions(question, query)
        question.bound_dates(query.start, query.end)
        return question

    def ask_store(position: Mapping[int, int], threats: Sequence[str] | None) -> SummedCells:
        question = begin_sum()
        question.take_between(position, query.then, query.now)
        question.take_threats(threats)
        return question.ask_cells(snapshot.store)

    return begin_sum().format_cells(sum_by_threat(snapshot, f"moves of {query!r}", ask_store))


def answer_moves(snapshot: Snapshot, query: MoveQuery) -> MoveAnswer:
    """Answer which disruptions moved. Raises WrongField: an instant is still to come."""
    hold_past(query.then, query.now)
    question = MoveQuestion("postings", [], "event_date")
    hold_cell(question, query.cell)
    question.take_between(snapshot.position, query.then, query.now)
    causes = set(Cause) if query.cause is None else {Cause(query.cause)}
    rows = snapshot.store.query(*question.write_listing(causes, query.cell.limit))
    return {
        "rows": [describe_move(row) for row in rows],
        "total": int(rows[0]["total"]) if rows else 0,
        "difference": int(rows[0]["difference"]) if rows else 0,
        "position": key_by_text(snapshot.position),
        "filters": question.filters | ({} if query.cause is None else {"cause": query.cause}),
    }


def describe_move(row: Row) -> MoveRow:
    """Describe one move: its cause, and the entry instant that made it; None where it was made by learning."""
    cause = list_causes()[row["move"]]
    moved_at = None if cause is Cause.LEARNT_LATE else row["moved_at"]
    shown = {name: value for name, value in row.items() if name not in ("move", "moved_at", "total", "difference")}
    described: MoveRow = make_plain(shown | {"cause": cause.value, "moved_at": moved_at})
    return described


@cache
def list_causes() -> Mapping[int, Cause]:
    """List the causes by the number of the move, as the statement above makes it."""
    return {number: find_cause(decode_move(number)) for number in range(512) if (number >> 1) & 3 < 3}


def decode_move(number: int) -> Move:
    """Read a move from its number."""
    rest = [bool(number >> place & 1) for place in range(3, 9)]
    return Move(bool(number & 1), (number >> 1 & 3) - 1, *rest)
