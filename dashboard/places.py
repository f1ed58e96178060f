"""What the pages of the nation, a region and an organisation have in common: their figures, what moved, what came."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from dashboard.cube import Cube
from dashboard.figures import LEAD, SUPPORT, Figures
from dashboard.links import (
    link_changes,
    link_disruption,
    link_moves,
    link_organisation,
    link_rates,
    link_threat,
    link_threats,
    link_undisrupted,
)
from dashboard.place_charts import draw_bars
from dashboard.regions import list_members
from dashboard.site import PageRequest
from dashboard.view import View
from dashboard.words import FEED_SENTENCES, FEED_TAGS, name_symbol
from ledger.instants import find_year_start, format_instant
from methodology.feeds import FeedVerdict
from queries.answer import read_clock
from queries.arrival_queries import RecentQuery, SpanQuery
from queries.balance_queries import SECONDS_USUALLY, MovementQuery, ThreatQuery
from queries.feed_answers import FeedAnswer, FeedRow
from queries.feed_queries import FeedQuery
from queries.threat_lists import ThreatListQuery

MOVEMENTS_MOST: Final = 10
RECENT_SHOWN: Final = 10
GROWS_DAYS: Final = 91
"""How long after its end most of a period is still being entered."""
LOOKED_BACK: Final = (("24 hours", timedelta(days=1)), ("7 days", timedelta(days=7)))
SILENT: Final = (FeedVerdict.FEED_DOWN, FeedVerdict.EVENTS_MISSING, FeedVerdict.NEVER_HEARD)
"""Verdicts by which the newest days may lack disruptions, the worst first."""
PlaceFilter = Mapping[str, str]
"""``{"org": code}`` or ``{"region": name}``; empty for the nation."""


def compose_place(page: PageRequest, place: PlaceFilter) -> dict[str, Any]:
    """Compose what the templates of all three are given, of one place."""
    figures = Figures(page, place)
    total = figures.compare_total()
    pillars, crime_types = figures.compare_by("pillar"), figures.compare_by("crime_type")
    return {
        "total": total,
        "rates_link": link_rates(page.view, **place),
        "earlier": page.view.find_year_earlier(),
        "still_grows": (page.today - page.view.end).days < GROWS_DAYS and page.view.is_live,
        "pillars": pillars,
        "pillar_chart": draw_bars("pillars", "Lead disruptions by pillar", pillars),
        "kinds": figures.compare_by("kind"),
        "crime_types": crime_types,
        "crime_type_chart": draw_bars("crime-types", "Lead disruptions by crime type", crime_types),
        "regions": figures.compare_by("region"),
        "organisations": figures.compare_by("org"),
        "support": figures.compare_by("pillar", SUPPORT),
        "support_total": figures.compare_total(SUPPORT),
        "uncounted": figures.list_uncounted(LEAD),
        "span": find_span(page, place) if total.now == 0 else None,
        "movement": find_movement(page, place),
        "recent": list_recent(page, place) if place else [],
    }


def find_span(page: PageRequest, place: PlaceFilter) -> dict[str, Any] | None:
    """Find between which days there are lead disruptions, and the link to the year that ends with the last of them."""
    query = SpanQuery(by=("region",), org=place.get("org"), as_at=page.view.as_at, known_at=page.view.known_at)
    held = [row for row in page.ask(query)["rows"] if place.get("region") in {None, row["region"]}]
    if not held:
        return None
    first, last = (
        pick(date.fromisoformat(str(row[name])) for row in held) for name, pick in (("first", min), ("last", max))
    )
    year = page.view.choose_period(find_year_start(last), last)
    return {"first": first, "last": last, "link": year.link_to(page.path)}


def find_movement(page: PageRequest, place: PlaceFilter) -> dict[str, Any]:
    """Find by how much the lead counts of a place moved in the last minutes, the most first; of a past view nothing."""
    found: dict[str, Any] = {"is_live": page.view.is_live, "minutes": SECONDS_USUALLY // 60, "rows": []}
    if not page.view.is_live:
        return found
    answer = page.ask(MovementQuery(by=("region", "org", "pillar"), org=place.get("org")))
    since = answer["since"]
    moved = sorted(
        (row for row in answer["rows"] if place.get("region") in {None, row["region"]}),
        key=lambda row: -abs(int(row["n"])),
    )
    rows = [
        row | {"link": link_moves(page.view, since, org=str(row["org"]), pillar=str(row["pillar"]))}
        for row in moved[:MOVEMENTS_MOST]
    ]
    total = sum(int(row["n"]) for row in moved)
    return found | {
        "rows": rows,
        "cells": len(moved),
        "total": total,
        "link": link_moves(page.view, since, **place),
        "back": list_looks_back(page.view, place),
    }


def list_looks_back(view: View, place: PlaceFilter) -> list[tuple[str, str]]:
    """List links to what moved for longer: of an organisation its disruptions, else the difference by what is below."""
    now, link = read_clock().replace(second=0, microsecond=0), link_moves if "org" in place else link_changes
    asked = {**place, "by": "org"} if "region" in place else place
    return [(name, link(view, format_instant(now - length), **asked)) for name, length in LOOKED_BACK]


def list_recent(page: PageRequest, place: PlaceFilter) -> list[dict[str, Any]]:
    """List the newest entries of a place."""
    view = page.view
    orgs = tuple(list_codes(place)) if place else ()
    query = RecentQuery(orgs=orgs, limit=RECENT_SHOWN, as_at=view.as_at, known_at=view.known_at)
    return [
        row
        | {
            "reference": row["disruption_id"] or row["threat_id"],
            "story": link_story(view, row),
            "reached": datetime.fromisoformat(row["ledger_time"]),
            "entered": datetime.fromisoformat(row["entered_at"]),
            "link": link_organisation(view, row["org"]),
        }
        for row in page.ask(query)["rows"]
    ]


def link_story(view: View, row: Mapping[str, Any]) -> str:
    """Link to the story of what an entry is of."""
    if row["disruption_id"] is None:
        return link_threat(view, row["threat_id"])
    return link_disruption(view, row["disruption_id"])


def find_threats(page: PageRequest, place: PlaceFilter) -> dict[str, Any]:
    """Find the threat count of a place (rule 8), by kind and by crime type."""
    query = ThreatQuery(
        by=("region", "kind", "crime_type"), org=place.get("org"), as_at=page.view.as_at, known_at=page.view.known_at
    )
    answer = page.ask(query)
    cube = Cube(answer["rows"])
    if "region" in place:
        cube = cube.hold_rows(region=place["region"])
    tables = {
        name: sorted(
            (
                (name_symbol(name, one), count, link_threats(page.view, **place, **{name: one}))
                for one, count in cube.sum_by(name).items()
            ),
            key=lambda row: -row[1],
        )
        for name in ("kind", "crime_type")
    }
    return {
        "total": cube.sum_total(),
        "link": link_threats(page.view, **place),
        "as_at": datetime.fromisoformat(answer["as_at"]),
        "undisrupted": count_undisrupted(page, place),
        "undisrupted_link": link_undisrupted(page.view, **place),
        "kinds": tables["kind"],
        "crime_types": tables["crime_type"],
    }


def count_undisrupted(page: PageRequest, place: PlaceFilter) -> int:
    """Count the active threats of a place of which nobody recorded a lead disruption in the view's period."""
    view = page.view
    query = ThreatListQuery(
        org=place.get("org"),
        region=place.get("region"),
        undisrupted_from=view.start,
        undisrupted_to=view.end,
        as_at=view.as_at,
        known_at=view.known_at,
        limit=1,
    )
    return page.ask(query)["total"]


def find_feeds(page: PageRequest, place: PlaceFilter) -> FeedAnswer:
    """Find how the feeds of a place do, as they are now."""
    query = FeedQuery(start=page.view.start, end=page.view.end, org=place.get("org"))
    answer, held = page.ask(query), set(list_codes(place))
    rows = [row for row in answer["rows"] if row["org"] in held]
    return {**answer, "rows": rows}


def compose_arrival(page: PageRequest, place: PlaceFilter) -> dict[str, Any]:
    """Compose how the events of a place arrive, and whose newest days may be missing."""
    feeds = find_feeds(page, place)
    return {"feeds": feeds, "silent": list_silent(feeds), "tags": FEED_TAGS, "sentences": FEED_SENTENCES}


def list_silent(answer: FeedAnswer) -> list[tuple[FeedVerdict, list[FeedRow]]]:
    """List the feeds of which the newest days may be missing, by verdict."""
    found = [(verdict, [row for row in answer["rows"] if row["verdict"] == verdict]) for verdict in SILENT]
    return [(verdict, rows) for verdict, rows in found if rows]


def list_codes(place: PlaceFilter) -> list[str]:
    """List the organisations of a place, by code."""
    return [place["org"]] if "org" in place else list_members(place.get("region"))
