"""A body is said once, by the type that its question names: what is answered is that, and so is what is documented."""

import importlib
import pkgutil
import re
from typing import Any

import httpx
import pytest

import queries
from infra.settings import Settings
from queries import arrival_queries, balance_queries, compare_queries, feed_queries, record_queries
from queries.alerts import AlertQuery, StandingAlertsQuery
from queries.figure_queries import FigureListQuery, PublishedFigureQuery, SealQuery
from queries.listed_queries import RecordsQuery
from queries.public_release import PublicQuery
from queries.query import Query
from queries.rate_query import RateQuery
from queries.reconcile_queries import DayFatesQuery, EventFatesQuery, ReconcileQuery
from queries.signal_queries import SignalQuery, SignalRecordsQuery
from queries.store_answers import StoreAnswers
from queries.threat_lists import ThreatListQuery
from sinks.store import Store
from tests.dashboard.bodies import find_fault
from tests.dashboard.conftest import Known, make_event_id

YEAR = {"from": "2021-07-01", "to": "2022-06-30"}
ASKED: dict[type[Query[Any]], dict[str, str]] = {
    balance_queries.CountQuery: {"by": "org,pillar"},
    balance_queries.ExtractQuery: YEAR,
    balance_queries.ThreatQuery: {"by": "kind"},
    balance_queries.MovementQuery: {"seconds": "300"},
    balance_queries.ChangeQuery: {"since": "none", "by": "org"},
    arrival_queries.SpanQuery: {"by": "org"},
    arrival_queries.RecentQuery: {},
    compare_queries.CompareQuery: {**YEAR, "then": "2022-07-04", "by": "org"},
    compare_queries.MoveQuery: {**YEAR, "then": "2022-07-04"},
    feed_queries.FeedQuery: {},
    feed_queries.FeedEventQuery: {"org": "kent"},
    record_queries.RejectionQuery: {},
    record_queries.RejectionDeskQuery: {},
    record_queries.UnloadableQuery: {},
    record_queries.DisruptionQuery: {"disruption_id": "D-3"},
    record_queries.AssessmentsQuery: {"threat_id": "T-1"},
    record_queries.EntryQuery: {"partition": "1", "offset": "1"},
    record_queries.PositionQuery: {},
    record_queries.HealthQuery: {},
    record_queries.InvariantQuery: {},
    AlertQuery: {},
    StandingAlertsQuery: {},
    DayFatesQuery: {"org": "kent", "day": "2022-07-03"},
    EventFatesQuery: {"ids": make_event_id(4)},
    PublicQuery: YEAR,
    RateQuery: YEAR,
    ReconcileQuery: {"org": "kent", "day": "2022-07-03"},
    RecordsQuery: YEAR,
    SealQuery: {},
    SignalQuery: YEAR,
    SignalRecordsQuery: {**YEAR, "org": "kent", "signal": "LATE_ENTRY"},
    ThreatListQuery: {},
}
OF_TOPICS = {FigureListQuery, PublishedFigureQuery}  # no broker is here: tests/live asks them of one


def list_kinds() -> set[type[Query[Any]]]:
    """The kinds of question that there are."""
    for module in pkgutil.iter_modules(queries.__path__):
        importlib.import_module(f"queries.{module.name}")
    found: list[Any] = [Query]
    for kind in found:
        found += kind.__subclasses__()
    return {kind for kind in found if hasattr(kind, "PATH") and getattr(kind, "__slots__", None) is not None}


def test_every_question_is_answered_by_the_body_that_it_names(
    settings: Settings, store: Store, published: Known
) -> None:
    """No field more and none less, down to the rows; so is every other answer that a test here comes by."""
    answers = StoreAnswers(settings, store, published)
    faults = [find_fault(kind, answers.answer_query(kind.parse_fields(**fields))) for kind, fields in ASKED.items()]
    assert faults == [None] * len(ASKED)
    assert {kind.__name__ for kind in ASKED.keys() | OF_TOPICS} == {kind.__name__ for kind in list_kinds()}


def test_several_positions_are_answered_as_each_alone_in_the_order_in_which_they_are_asked(
    settings: Settings, store: Store, published: Known
) -> None:
    """A rejection (0:3) between two entries; what is not stored (0:2 is, 1:7 and 9:0 are not) is left out."""
    answers = StoreAnswers(settings, store, published)
    asked = ((1, 1), (0, 3), (1, 7), (0, 2), (9, 0))
    found = answers.answer_at(answers.take_snapshot(), record_queries.EntriesQuery(places=asked))
    assert [(one["partition"], one["offset"], one["outcome"]) for one in found] == [
        (1, 1, "ADMITTED"),
        (0, 3, "REFUSED"),
        (0, 2, "ADMITTED"),
    ]
    for one in found:
        alone = record_queries.EntryQuery(partition=one["partition"], offset=one["offset"])
        assert answers.answer_query(alone) == one
    assert [leg["sign"] for leg in found[0]["postings"]] == [-1, 1]
    assert answers.answer_at(answers.take_snapshot(), record_queries.EntriesQuery(places=())) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"seen": "now"}, "PositionQuery: seen: Extra inputs are not permitted"),
        ({"stored": {0: 4}}, "PositionQuery: stored.0.[key]: Input should be a valid string"),
        ({"stored": {"0": "4"}}, "PositionQuery: stored.0: Input should be a valid integer"),
        ({"stored": None}, "PositionQuery: stored: Input should be a valid dictionary"),
    ],
)
def test_a_body_that_is_not_what_its_question_names_is_told(change: dict[str, Any], fault: str) -> None:
    """By the place; a field that is missing too."""
    body: dict[str, Any] = {"stored": {"0": 4}, "published": {"0": 4}, "undecided": {}}
    assert find_fault(record_queries.PositionQuery, body) is None
    assert find_fault(record_queries.PositionQuery, body | change) == fault
    del body["undecided"]
    assert find_fault(record_queries.PositionQuery, body) == "PositionQuery: undecided: Field required"


def test_an_endpoint_documents_the_body_of_its_own_question(client: httpx.Client) -> None:
    """Under the type's name, with its fields in their order."""
    described = client.get("/openapi.json").json()
    bodies: dict[str, set[str]] = {}
    for kind in list_kinds():
        bodies.setdefault(kind.PATH, set()).add(kind.find_answer().__name__)
    held = 0
    for path, methods in described["paths"].items():
        named = bodies.get(re.sub(r"/\{.*", "", path.removeprefix("/v1/")))
        content = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        name = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
        if named and name:
            held += 1
            assert name in named, path
    assert held == 33  # every kind of question but the two that pages alone ask; a disruption has two addresses
    fields = described["components"]["schemas"]["StateAnswer"]["properties"]
    assert list(fields) == ["as_at", "known_at", "complete"]
    assert fields["as_at"]["description"] == "As the record stood then (entry time)."
