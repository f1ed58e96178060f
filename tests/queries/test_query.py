"""Questions are read from strings in one place, and refuse in the names of their fields."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime

import pytest

from ledger.errors import Misuse
from queries.balance_queries import ChangeQuery, CountQuery, ExtractQuery, MovementQuery, ThreatQuery
from queries.errors import WrongField
from queries.query import Query
from queries.record_queries import DisruptionQuery, RejectionQuery, StoredRowsQuery
from terminal.exit_codes import describe_misuse


def test_a_question_is_typed_once_it_is_read() -> None:
    """Names apart, days as dates, an instant that was a date as its end in London (BST: 22:59:59.999 in UTC)."""
    found = ExtractQuery.parse_fields(from_="2021-07-01", to="2022-06-30", as_at="2022-07-04", by="org, pillar")
    end = datetime(2022, 7, 4, 22, 59, 59, 999000, tzinfo=UTC)
    assert found == ExtractQuery(
        start=date(2021, 7, 1), end=date(2022, 6, 30), as_at=end, by=("org", "pillar"), org=None, type=None
    )
    with pytest.raises(FrozenInstanceError):
        setattr(found, "org", "kent")  # noqa: B010  (a plain assignment is refused by the type checker already)


@pytest.mark.parametrize(
    ("kind", "written", "field"),
    [
        (CountQuery, {"by": "colour"}, "by"),
        (CountQuery, {"org": "atlantis"}, "org"),
        (CountQuery, {"type": "both"}, "type"),
        (CountQuery, {"colour": "red"}, "colour"),
        (ExtractQuery, {"to": "2022-06-30"}, "from"),
        (ExtractQuery, {"from_": "2022-06-30", "to": "2021-07-01"}, "to"),
        (ExtractQuery, {"from_": "2021-07-01", "to": "2022-06-30", "standing": "SITTING"}, "standing"),
        (ThreatQuery, {"as_at": "2022-07-04T09:00:00"}, "as_at"),
        (ThreatQuery, {"by": "pillar"}, "by"),
        (MovementQuery, {"seconds": "0"}, "seconds"),
        (ChangeQuery, {}, "since"),
        (ChangeQuery, {"since": "9"}, "since"),
        (RejectionQuery, {"code": "misrouted"}, "code"),
        (RejectionQuery, {"limit": "many"}, "limit"),
        (DisruptionQuery, {"disruption_id": " "}, "disruption_id"),
    ],
)
def test_a_question_that_makes_no_sense_names_its_field(
    kind: type[Query[object]], written: dict[str, str], field: str
) -> None:
    """As the read API calls it."""
    with pytest.raises(WrongField) as refused:
        kind.parse_fields(**written)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("error", "worded"),
    [
        (WrongField("as_at", "it has no zone"), "--as-at: it has no zone"),
        (
            WrongField("disruption_id", "the reference of a disruption is empty"),
            "the reference of a disruption is empty",
        ),
        (Misuse("something else"), "something else"),
    ],
)
def test_the_command_line_words_a_field_as_its_option(error: Misuse, worded: str) -> None:
    """An argument has no option; its sentence says what it is."""
    assert describe_misuse(error) == worded


def test_stored_rows_are_asked_for_in_a_range_of_a_table() -> None:
    """Bounds that are not given are not sent."""
    assert StoredRowsQuery(table="entries", partition=1, first=0).filters == {"partition": "1", "first": "0"}
    with pytest.raises(WrongField, match="table: there is no 'secrets'"):
        StoredRowsQuery(table="secrets")
    with pytest.raises(WrongField, match="first"):
        StoredRowsQuery(table="entries", first=2, last=1)
