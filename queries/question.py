"""One question to the postings, built from fixed SQL and parameters: nothing a reader wrote is ever part of the SQL."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from ledger.entries import Account
from ledger.facts import Millis
from ledger.instants import LATEST, count_days, count_millis, find_end_of_day
from ledger.vocabulary import DisruptionType
from methodology.dimensions import Dimension
from queries.choices import choose_organisation
from queries.leg_sums import LegTest, SummedCells, add_legs, make_reader, pass_any
from sinks.closings import Carried
from sinks.grains import Grain, find_coarsest
from sinks.integrity import list_offsets
from sinks.organisations import find_moves, select_region
from sinks.store import Store
from sinks.told_legs import ChainedOutput

EACH: Final = "each"  # in rows of their own, never summed
_KINDS: Final = {str: "String", int: "Int32", bool: "Bool"}
INSTANT = "fromUnixTimestamp64Milli({%s:Int64}, 'UTC')"
KNOWN: Final = f"entered_at <= {INSTANT % 'as_at'} AND ledger_time <= {INSTANT % 'known_at'}"
"""Had been entered, and learnt; its parameters are of ``bind_instants``."""
LAST: Final = count_millis(find_end_of_day(LATEST))  # that the tables can hold
ACCOUNT = "organisation, type, pillar, kind, crime_type, category, event_date, standing"

_LEAD_OF_DAYS: Final = (
    f"type = '{DisruptionType.LEAD}' AND event_date >= {{undisrupted_from:Date32}}"
    " AND event_date <= {undisrupted_to:Date32}"
)

Rows = list[dict[str, str | int]]


def bind_bound(instant: datetime | None) -> Millis:
    """Bind up to when rows are asked for; None: all, and no instant before 1970 is taken for that."""
    return LAST if instant is None else count_millis(instant)


def bind_instants(as_at: datetime | None, known_at: datetime | None) -> dict[str, Millis]:
    """Bind by when rows must have been entered, and learnt; None: whenever."""
    return {"as_at": bind_bound(as_at), "known_at": bind_bound(known_at)}


class Question:
    """A sum of signs over one table of postings, by dimensions, under conditions."""

    def __init__(self, table: str, by: Sequence[Dimension], region_on: str) -> None:
        self._table = table
        self._by = by
        self._region_on = region_on
        self._held: list[str] = []  # conditions on accounts
        self._bounds: list[str] = []  # conditions on postings
        self._tests: list[LegTest] = []  # the same conditions, of a leg
        self._carried: Carried | None = None
        self._parameters: dict[str, Any] = {}
        self._derived = {one.derived for one in by}
        self.filters: dict[str, Any] = {}
        self._start: date | None = None
        self._undisrupted = False

    def _hold_accounts(self, sql: str, test: Callable[[Account], bool]) -> None:
        """Hold it to accounts of which this is true: in SQL, and of a leg's account."""
        self._held.append(sql)
        self._tests.append(lambda leg, _: test(leg.account))

    def _bound_postings(self, sql: str, test: LegTest) -> None:
        """Sum only postings of which this is true: in SQL, and of a leg."""
        self._bounds.append(sql)
        self._tests.append(test)

    def hold_field(self, field: str, operator: str, value: str | int | bool, *, name: str | None = None) -> None:
        """Hold it to accounts whose ``field`` (a name of ours) compares so to the value."""
        key, is_equal = f"p{len(self._parameters)}", operator == "="
        sql = f"{field} {operator} {{{key}:{_KINDS[type(value)]}}}"
        self._hold_accounts(sql, lambda account: (getattr(account, field) == value) is is_equal)
        self._parameters[key] = value
        self.filters[name or field] = value if is_equal else f"{operator} {value}"

    def choose_value(self, field: str, value: str | None, *, otherwise: str) -> None:
        """Choose this value of ``field``; None for none, which the filters then say in the word ``otherwise``."""
        if value is None:
            self.filters[field] = otherwise
        else:
            self.hold_field(field, "=", value)

    def hold_organisation(self, field: str, asked: str | None) -> None:
        """Hold it to accounts of this organisation; None for all of them.

        Raises:
            Misuse: no organisation has that code, or ever had.
        """
        if asked is not None:
            self.hold_field(field, "=", choose_organisation(asked), name="org")

    def hold_derived(self, dimension: Dimension, value: str) -> None:
        """Hold it to accounts of which this dimension, that no field of theirs holds, has the value."""
        key = f"p{len(self._parameters)}"
        sql = f"{self._write_dimension(dimension, self._parameters)} = {{{key}:String}}"
        read = make_reader(dimension)
        self._hold_accounts(sql, lambda account: read(account) == value)
        self._parameters[key] = value
        self._derived.add(dimension.derived)
        self.filters[dimension.name] = value

    def bound_dates(self, start: date, end: date) -> None:
        """Hold it to event dates from ``start`` to ``end``, both included."""
        self._start, first, last = start, count_days(start), count_days(end)
        sql = "event_date >= {start:Date32} AND event_date <= {end:Date32}"
        self._hold_accounts(sql, lambda account: first <= account.event_date <= last)
        self._parameters |= {"start": start, "end": end}
        self.filters |= {"from": start.isoformat(), "to": end.isoformat()}

    def hold_undisrupted(self, start: date, end: date) -> None:
        """Hold a threat count to threats of which nobody recorded a lead disruption on these days, both included.

        One that does not count is one too: of a kind that the standard does not permit none ever counts, and what was
        done is no less done. One that was withdrawn is none. They are of the same instants and position as the threats.
        """
        self._undisrupted = True
        self._parameters |= {"undisrupted_from": start, "undisrupted_to": end}
        self.filters |= {"undisrupted_from": start.isoformat(), "undisrupted_to": end.isoformat()}

    def stand_at(self, position: Mapping[int, int]) -> None:
        """Sum only what lies below ``position``, partition by partition; of others nothing."""
        self._bound_postings("offset < {position:Array(Int64)}[partition + 1]", pass_any)  # past the array's end: 0
        self._parameters["position"] = list_offsets(position)

    def begin_at(self, position: Mapping[int, int]) -> None:
        """Sum only what does not lie below ``position``, partition by partition; of others all."""
        self._bound_postings("offset >= {begun:Array(Int64)}[partition + 1]", pass_any)  # past the array's end: 0
        self._parameters["begun"] = list_offsets(position)

    def bound_instants(self, as_at: datetime | None, known_at: datetime | None) -> None:
        """Sum only what had been entered by ``as_at`` and learnt by ``known_at``; None bounds nothing."""
        if as_at is not None:
            entered = self._parameters["as_at"] = count_millis(as_at)
            self._bound_postings(f"entered_at <= {INSTANT % 'as_at'}", lambda leg, _: leg.entered_at <= entered)
        if known_at is not None:
            learnt = self._parameters["known_at"] = count_millis(known_at)
            self._bound_postings(f"ledger_time <= {INSTANT % 'known_at'}", lambda _, learnt_at: learnt_at <= learnt)

    def begin_after(self, instant: datetime) -> None:
        """Sum only what was learnt after ``instant``."""
        after = self._parameters["after"] = count_millis(instant)
        self._bound_postings(f"ledger_time > {INSTANT % 'after'}", lambda _, learnt_at: learnt_at > after)

    def find_grain(self) -> Grain | None:
        """Find the grain of closings that tells apart all that is asked; None where only the postings do."""
        if self._table != "postings":
            return None
        cuts = find_moves() if "region" in self._derived else set()
        if self._start is not None:
            end: date = self._parameters["end"]
            cuts |= {self._start, self._start + timedelta(days=1), end + timedelta(days=1)}
        return find_coarsest(cuts, by_month="month" in self._derived)

    def start_from(self, carried: Carried, position: Mapping[int, int]) -> None:
        """Sum a closing, and of the postings those after it, where the question stands at ``position``."""
        self._carried = carried
        self._parameters |= {"closing": carried.closing.closing, **carried.bind_later(position)}

    def ask_store(self, store: Store) -> Rows:
        """Ask. Notes in ``filters`` where the literal reading of the period would differ (rule 11)."""
        return self.format_cells(self.ask_cells(store))

    def ask_cells(self, store: Store) -> SummedCells:
        """Ask for the sums that are not 0, by either reading of the period, in their order."""
        names = [one.name for one in self._by]
        found = store.query(*self.write_sql())
        return {tuple([row[name] for name in names]): (row["n"], row["literal"]) for row in found}

    def format_cells(self, cells: SummedCells) -> Rows:
        """Return sums as rows; notes in ``filters`` where the literal reading of the period would differ."""
        if self._start is not None:
            self._note_literal(sum(n for n, _ in cells.values()), sum(literal for _, literal in cells.values()))
        names = [one.name for one in self._by]
        return [{**dict(zip(names, cell, strict=True)), "n": n} for cell, (n, _) in cells.items() if n]

    def find_key(self) -> str:
        """Find what tells this question from others, wherever it stands."""
        asked = {name: value for name, value in self._parameters.items() if name != "position"}
        return repr((self._table, self._by, self._region_on, self._held, self._bounds, asked))

    def add_legs(self, cells: SummedCells, outputs: Iterable[ChainedOutput]) -> SummedCells | None:
        """Add to sums the legs of what was stored since, each held to the same conditions as in SQL; None where legs
        of disruptions cannot be held to them.
        """
        if self._table != "postings" or len(self._tests) != len(self._held) + len(self._bounds):
            return None
        start = None if self._start is None else count_days(self._start)
        return add_legs(cells, outputs, self._tests, self._by, start)

    def write_sql(self) -> tuple[str, dict[str, Any]]:
        """Write the statement and its parameters.

        FINAL (LIMIT 1 BY, where few rows make it quicker): a leg written twice counts once. PREWHERE: the conditions go
        before that, which changes nothing, because the content of a position never changes, and is quicker.
        """
        parameters = dict(self._parameters)
        columns = [f"{self._write_dimension(one, parameters)} AS d{number}" for number, one in enumerate(self._by)]
        names = [f"d{number} AS `{one.name}`" for number, one in enumerate(self._by)]
        literal = "sumIf(sign, event_date > {start:Date32})" if self._start else "sum(sign)"
        inner = ", ".join([*columns, "sum(sign) AS n", f"{literal} AS literal"])
        keys = ", ".join(f"d{number}" for number in range(len(self._by)))
        grouped = f" GROUP BY {keys}" if keys else ""
        ordered = f" ORDER BY {keys}" if keys else ""
        return (
            f"SELECT {', '.join([*names, 'n', 'literal'])} FROM (SELECT {inner} FROM {self._write_source()}{grouped})"  # noqa: S608  (names of ours alone; values are parameters)
            f" WHERE n != 0 OR literal != 0{ordered}"
        ), parameters

    def write_legs(self) -> tuple[str, dict[str, Any]]:
        """Write where the postings are that it sums, none from a closing, and the parameters: for who lists them."""
        held = [*self._held, *self._bounds, *([self._write_undisrupted()] if self._undisrupted else [])]
        return f"{self._table} FINAL PREWHERE {' AND '.join(held)}", dict(self._parameters)

    def _write_undisrupted(self) -> str:
        """Write that a threat is none of those that a lead disruption is of, below the same bounds."""
        disrupted = " AND ".join([_LEAD_OF_DAYS, *self._bounds])
        return (
            f"threat_id NOT IN (SELECT threat_id FROM postings FINAL PREWHERE {disrupted}"  # noqa: S608  (names of ours alone; values are parameters)
            " GROUP BY threat_id HAVING sum(sign) > 0)"
        )

    def _write_source(self) -> str:
        """Write what is summed: the postings, or a closing and the postings after it."""
        if self._carried is None:
            return self.write_legs()[0]
        below = [*self._held, *self._bounds]
        closed = " AND ".join(["closing = {closing:UUID}", *self._held])
        fields = ", ".join(sorted({"event_date", *(one.field for one in self._by)}))
        return (
            f"(SELECT {fields}, n AS sign FROM closing_balances PREWHERE {closed} UNION ALL"  # noqa: S608  (names of ours alone)
            f" SELECT {fields}, toInt64(sign) AS sign FROM {self._carried.select_later(*below)})"
        )

    def _write_dimension(self, dimension: Dimension, parameters: dict[str, Any]) -> str:
        if dimension.derived == "region":
            sql, more = select_region(dimension.field, self._region_on)
            parameters |= more
            return sql
        if dimension.derived == "month":
            return f"formatDateTime({dimension.field}, '%Y-%m')"
        return dimension.field

    def _note_literal(self, inclusive: int, literal: int) -> None:
        start, end = self._parameters["start"], self._parameters["end"]
        if literal != inclusive:
            after = end + timedelta(days=1)
            self.filters["literal"] = {"reads": f"greater than {start}, less than {after}", "n": literal}
