"""The threats that a threat count is made of (rule 8): whatever the count is asked by, a list of its threats is."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Final, Self, cast

from ledger.instants import EARLIEST, LATEST
from methodology.dimensions import THREAT_DIMENSIONS
from queries.balance_queries import take_organisation
from queries.balances import begin_threats
from queries.basis import Basis
from queries.listed_queries import ACCOUNT_VALUES, REGIONS, take_listed
from queries.period_query import hold_period
from queries.plain import make_plain
from queries.query import Query, WrittenFields
from queries.question import Question
from queries.record_answers import ThreatListAnswer
from queries.records import answer_page
from queries.snapshot import Snapshot
from sinks.store import Row

THREATS_MOST: Final = 100_000
THREATS_USUALLY: Final = 100
UNDISRUPTED: Final = ("undisrupted_from", "undisrupted_to")
_ACCOUNT: Final = "owner, kind, crime_type, tier"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatListQuery(Query[ThreatListAnswer]):
    """The threats behind a threat count, in the order of their ids.

    Args:
        undisrupted_from: with ``undisrupted_to``, both days included: only threats of which nobody recorded a lead
            disruption, counted or not, on these days. Of one of them alone the other is as far as days go.
        after: the id of the last threat that was listed before; None begins.
    """

    PATH: ClassVar[str] = "threats/listed"

    as_at: datetime | None = None
    known_at: datetime | None = None
    org: str | None = None
    region: str | None = None
    kind: str | None = None
    crime_type: str | None = None
    undisrupted_from: date | None = None
    undisrupted_to: date | None = None
    after: str | None = None
    limit: int = THREATS_USUALLY

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        first, last = (fields.take_optional_day(name) for name in UNDISRUPTED)
        if first is not None or last is not None:
            first, last = first or EARLIEST, last or LATEST
            hold_period(first, last, UNDISRUPTED[1])
        return cls(
            undisrupted_from=first,
            undisrupted_to=last,
            as_at=fields.take_instant("as_at"),
            known_at=fields.take_instant("known_at"),
            org=take_organisation(fields),
            region=take_listed(fields, "region", REGIONS),
            after=fields.take_text("after"),
            limit=fields.take_whole("limit", THREATS_MOST, THREATS_USUALLY),
            **{name: take_listed(fields, name, ACCOUNT_VALUES[name]) for name in ("kind", "crime_type")},
        )


def answer_threat_list(snapshot: Snapshot, query: ThreatListQuery) -> ThreatListAnswer:
    """Answer with a page of the threats, how many there are in all, and where the next page goes on."""
    snapshot.begin_completeness()
    basis = Basis(snapshot, query.as_at, query.known_at)
    question = begin_threats(basis.as_at)
    hold_threats(question, query)
    basis.bound_rows(question)
    listed = [_describe_threat(row) for row in snapshot.store.query(*_write_listing(question, query))]
    rows = listed[: query.limit]
    more = rows[-1]["threat_id"] if len(listed) > query.limit else None
    return cast(ThreatListAnswer, answer_page(snapshot, question, basis, rows, more))


def hold_threats(question: Question, query: ThreatListQuery) -> None:
    """Hold a threat count to the accounts that a query asks for."""
    question.hold_organisation("owner", query.org)
    for name in ("kind", "crime_type"):
        if (value := getattr(query, name)) is not None:
            question.hold_field(name, "=", value)
    if query.region is not None:
        question.hold_derived(THREAT_DIMENSIONS["region"], query.region)
    if query.undisrupted_from is not None and query.undisrupted_to is not None:
        question.hold_undisrupted(query.undisrupted_from, query.undisrupted_to)


def _write_listing(question: Question, query: ThreatListQuery) -> tuple[str, dict[str, Any]]:
    """Write the statement that lists one page, and one threat more, each with the posting that put it there last."""
    legs, parameters = question.write_legs()
    after = " WHERE threat_id > {after:String}" if query.after is not None else ""
    parameters |= {"limit": query.limit + 1} | ({} if query.after is None else {"after": query.after})
    return (
        f"SELECT threat_id, {_ACCOUNT}, maxIf(tuple(entered_at, ledger_time, partition, offset), sign = 1) AS came"  # noqa: S608  (names of ours alone; values are parameters)
        f" FROM {legs}{after} GROUP BY threat_id, {_ACCOUNT} HAVING sum(sign) != 0"
        f" ORDER BY threat_id, {_ACCOUNT} LIMIT {{limit:UInt32}}"
    ), parameters


def _describe_threat(row: Row) -> Row:
    place = zip(("entered_at", "ledger_time", "partition", "offset"), row["came"], strict=True)
    described: Row = make_plain(
        {
            "threat_id": row["threat_id"],
            "organisation": row["owner"],
            **{name: row[name] for name in ("kind", "crime_type", "tier")},
            **dict(place),
        }
    )
    return described
