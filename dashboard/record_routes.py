"""The records behind a figure, over the read API: as JSON, or as CSV for a spreadsheet."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from dashboard.parameters import Format, FromDay, Instant, ToDay, Value
from dashboard.representations import TABLES, choose_form, describe_forms
from dashboard.table_files import send_table, tabulate_records, tabulate_threats
from queries.listed_queries import RECORDS_MOST, RECORDS_USUALLY, RecordsQuery
from queries.record_answers import EntryAnswer
from queries.record_queries import EntryQuery
from queries.store_answers import StoreAnswers
from queries.threat_lists import THREATS_MOST, THREATS_USUALLY, ThreatListQuery

Text = str | None
Place = Annotated[Text, Query(description="`next` of the answer before.", examples=["2022-06-14:0:1187:0"])]
Limit = Annotated[
    Text,
    Query(description=f"How many to list: {RECORDS_USUALLY} unless asked (as CSV all), {RECORDS_MOST:,} at most."),
]

Undisrupted = Annotated[
    Text,
    Query(
        description="Only threats of which nobody recorded a lead disruption, counted or not, from, or to, this day."
    ),
]


def route_listing(answers: StoreAnswers) -> APIRouter:
    """Route the list of records."""
    router = APIRouter(tags=["records"])

    @router.get("/records", response_model=RecordsQuery.find_answer(), responses=describe_forms(TABLES))
    def records(  # noqa: PLR0913, PLR0917  (the fields of a figure)
        request: Request,
        from_: FromDay,
        to: ToDay,
        as_at: Instant = None,
        known_at: Instant = None,
        org: Value = None,
        region: Value = None,
        type: Value = None,
        pillar: Value = None,
        kind: Value = None,
        crime_type: Value = None,
        category: Value = None,
        standing: Value = None,
        month: Value = None,
        threat_id: Value = None,
        after: Place = None,
        limit: Limit = None,
        format: Format = None,
    ) -> Response:
        """The disruptions that a figure is made of: exactly those whose legs add up to it."""
        asked = {"from": from_, "to": to, "as_at": as_at, "known_at": known_at, "month": month, "after": after}
        account = {"org": org, "region": region, "type": type, "standing": standing, "category": category}
        threat = {"pillar": pillar, "kind": kind, "crime_type": crime_type, "threat_id": threat_id}
        as_table = choose_form(format, request.headers.get("accept", ""), TABLES) != "json"
        most = str(RECORDS_MOST) if as_table and limit is None else limit
        answer = answers.answer_query(RecordsQuery.parse_fields(**asked, **account, **threat, limit=most))
        return send_table(request, answer, format, lambda: tabulate_records(answer))

    @router.get("/entries/{partition}/{offset}")
    def entry(partition: str, offset: str) -> EntryAnswer:
        """What became of one position of `soc.published`, with the event as it was sent: its fields and its bytes."""
        return answers.answer_query(EntryQuery.parse_fields(partition=partition, offset=offset))

    return router


def route_threat_list(answers: StoreAnswers) -> APIRouter:
    """Route the list of threats."""
    router = APIRouter(tags=["records"])

    @router.get("/threats/listed", response_model=ThreatListQuery.find_answer(), responses=describe_forms(TABLES))
    def list_threats(  # noqa: PLR0913, PLR0917  (the fields of a figure)
        request: Request,
        as_at: Instant = None,
        known_at: Instant = None,
        org: Value = None,
        region: Value = None,
        kind: Value = None,
        crime_type: Value = None,
        undisrupted_from: Undisrupted = None,
        undisrupted_to: Undisrupted = None,
        after: Annotated[Text, Query(description="`next` of the answer before.")] = None,
        limit: Annotated[
            Text, Query(description=f"How many: {THREATS_USUALLY} unless asked, {THREATS_MOST:,} most.")
        ] = None,
        format: Format = None,
    ) -> Response:
        """The threats that a threat count is made of (rule 8): exactly those whose legs add up to it.

        With `undisrupted_from` or `undisrupted_to`, those of which no lead disruption of these days is recorded.
        """
        whom = {"org": org, "region": region, "kind": kind, "crime_type": crime_type}
        which = whom | {"undisrupted_from": undisrupted_from, "undisrupted_to": undisrupted_to}
        query = ThreatListQuery.parse_fields(as_at=as_at, known_at=known_at, after=after, limit=limit, **which)
        answer = answers.answer_query(query)
        return send_table(request, answer, format, lambda: tabulate_threats(query, answer))

    return router
