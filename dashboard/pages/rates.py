"""Rates: lead disruptions a week against the recorder's own past, and what the newest weeks are expected to become."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from dashboard.charts.weekly import WeeklyChart, WeekMark, WeekPoint, draw_weekly_chart
from dashboard.links import link_file, link_rates, link_records, link_threats
from dashboard.places import find_span
from dashboard.site import PageRequest, Site
from dashboard.view import View
from dashboard.words import SYMBOLS, name_regions, name_symbol
from ledger.instants import find_year_start, read_in_london
from ledger.organisations import name_organisations
from queries.alert_measures import NATION
from queries.errors import choose_field
from queries.rate_answers import RateAnswer, RateSignal, RateWeek
from queries.rate_query import RateQuery

SHOWN_DELAYS: Final = (0, 1, 2, 4, 8)
FILTERS: Final = ("pillar", "kind", "crime_type")
HINT: Final = "Choose an organisation or a region, not both; neither is England and Wales."
LABELS: Final = {
    "org": ("Organisation", "All organisations"),
    "region": ("Region", "All regions"),
    "pillar": ("Pillar", "All pillars"),
    "kind": ("Kind of threat", "All kinds of threat"),
    "crime_type": ("Crime type", "All crime types"),
    "beside": ("Beside another organisation", "None"),
}


def route_rates_page(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/rates", response_class=HTMLResponse)
    def show_rates(request: Request) -> Any:
        """Show the rates."""
        page = site.open_page(request)
        query, beside = take_questions(page)
        answer = page.ask(query)
        return page.draw_page(
            "rates.html",
            answer=answer,
            whom=name_whom(query),
            what=name_filters(query),
            chart=draw_chart(answer, query),
            weeks=[TableWeek(week, answer["signals"], page.view, query) for week in answer["weeks"]],
            delays=list_delays(answer),
            span=None if answer["total"]["n"] else find_other_year(page, query),
            threats=link_threats(page.view, **list_denominator(answer, query)),
            file=link_file("/rates", page.view.list_fields() | query.filters),
            kept=query.filters | ({} if beside is None else {"beside": beside.org}),
            fields=list_fields(query, beside),
            beside=None if beside is None else (name_whom(beside), page.ask(beside)),
        )

    return router


def list_denominator(answer: RateAnswer, query: RateQuery) -> dict[str, str]:
    """List what the threats of the denominator are asked by: a pillar is of disruptions alone."""
    return {name: value for name, value in query.filters.items() if name != "pillar"} | {
        "as_at": answer["denominator"]["as_at"]
    }


def take_questions(page: PageRequest) -> tuple[RateQuery, RateQuery | None]:
    """Take the question of the address, and the same of another organisation where one is to stand beside it."""
    seen, fields = page.view.list_fields(), page.fields
    asked = {name: fields.take_text(name) for name in ("org", "region", *FILTERS)}
    query, other = RateQuery.parse_fields(**seen, **asked), fields.take_text("beside")
    if other is None:
        return query, None
    choose_field("beside", other, name_organisations())
    return query, RateQuery.parse_fields(**seen, **asked | {"org": other, "region": None})


def name_whom(query: RateQuery) -> str:
    """Name whose disruptions are shown."""
    if query.org is not None:
        return name_symbol("org", query.org)
    return NATION if query.region is None else name_symbol("region", query.region)


def name_filters(query: RateQuery) -> str:
    """Name which of them; empty for all."""
    return ", ".join(name_symbol(name, value) for name, value in query.selected.items() if value is not None)


def draw_chart(answer: RateAnswer, query: RateQuery) -> Markup | None:
    """Draw the control chart; None of no week."""
    if not answer["weeks"]:
        return None
    what = name_filters(query)
    return draw_weekly_chart(
        WeeklyChart(
            name="rates",
            title=f"Lead disruptions a week, {name_whom(query)}{f', {what}' if what else ''}",
            unit="Lead disruptions a week",
            weeks=[_place_week(week, answer["signals"]) for week in answer["weeks"]],
        )
    )


def _place_week(week: RateWeek, signals: list[RateSignal]) -> WeekPoint:
    shows = is_forecast(week)
    return WeekPoint(
        start=date.fromisoformat(week["week"]),
        value=week["n"],
        centre=week["centre"],
        lower=week["lower_limit"],
        upper=week["upper_limit"],
        mark=find_mark(week, signals),
        is_filling=week["filling"],
        expected=week["expected"] if shows else None,
        low=week["expected_lower"] if shows else None,
        high=week["expected_upper"] if shows else None,
    )


def is_forecast(week: RateWeek) -> bool:
    """Tell whether a week is expected to become another number than is recorded."""
    return week["expected"] is not None and round(week["expected"]) != week["n"]


def find_mark(week: RateWeek, signals: list[RateSignal]) -> WeekMark:
    """Find whether a week is a signal: outside a limit, or else part of a run."""
    rules = {one["rule"] for one in signals if one["first_week"] <= week["week"] <= one["last_week"]}
    if "outside" in rules:
        return WeekMark.OUTSIDE
    return WeekMark.RUN if rules else WeekMark.COMMON


@dataclass(frozen=True, slots=True)
class TableWeek:
    """A week as a row of the table behind the chart."""

    week: RateWeek
    signals: list[RateSignal]
    view: View
    query: RateQuery

    @property
    def start(self) -> date:
        """The Monday of the week."""
        return date.fromisoformat(self.week["week"])

    @property
    def link(self) -> str:
        """Where its records are."""
        week = replace(self.view, start=self.start, end=self.start + timedelta(days=6))
        return link_records(week, **self.query.filters)

    @property
    def becomes(self) -> str:
        """What it is expected to become, in words."""
        if not is_forecast(self.week):
            return "" if self.week["expected"] is not None or not self.week["filling"] else "not known"
        low, high = self.week["expected_lower"], self.week["expected_upper"]
        return f"{self.week['expected']:,.0f} ({low:,.0f} to {high:,.0f})"

    @property
    def says(self) -> str:
        """What is to be said of it."""
        mark = find_mark(self.week, self.signals)
        said = "" if mark is WeekMark.COMMON else mark.value.capitalize()
        return "Still filling" if self.week["filling"] else said


def list_delays(answer: RateAnswer) -> list[tuple[str, float]]:
    """List how much of a week is usually in after how long."""
    days = find_end_age(answer)
    shares = {row["delay"]: row["share"] for row in answer["delays"]}
    known = [(delay, shares[delay]) for delay in SHOWN_DELAYS if shares.get(delay) is not None]
    return [(describe_age(delay, days), share) for delay, share in known]


def find_end_age(answer: RateAnswer) -> int:
    """Find how many whole days ago the newest week that is over ended: from Monday, none, to Sunday, six."""
    return (read_in_london(answer["seen_at"]) + timedelta(milliseconds=1)).weekday()


def describe_age(weeks: int, days: int) -> str:
    """Describe how long ago a week ended: ``2 weeks and 1 day``."""
    parts = [f"{n} {unit}{'s' * (n > 1)}" for n, unit in ((weeks, "week"), (days, "day")) if n]
    return " and ".join(parts) or "on its last day"


def find_other_year(page: PageRequest, query: RateQuery) -> dict[str, Any] | None:
    """Find the days of which there are disruptions, and the link to the rates of the last year of them."""
    place = {name: value for name, value in query.filters.items() if name in ("org", "region")}
    span = find_span(page, place)
    if span is None:
        return None
    year = page.view.choose_period(find_year_start(span["last"]), span["last"])
    return span | {"link": link_rates(year, **query.filters)}


def list_fields(query: RateQuery, beside: RateQuery | None) -> list[dict[str, Any]]:
    """List the fields of the form."""
    chosen: dict[str, str | None] = {**query.filters, "beside": None if beside is None else beside.org}
    return [_write_select(name, chosen.get(name)) for name in LABELS]


def _write_select(name: str, chosen: str | None) -> dict[str, Any]:
    """Write a field as the design system's macro takes it."""
    label, every = LABELS[name]
    items = [{"value": value, "text": text, "selected": value == chosen} for value, text in _list_choices(name).items()]
    return {
        "id": name,
        "name": name,
        "label": {"text": label},
        "items": [{"value": "", "text": every}, *items],
        **({"hint": {"text": HINT}} if name == "org" else {}),
    }


def _list_choices(name: str) -> dict[str, str]:
    if name in ("org", "beside"):
        return dict(sorted(name_organisations().items(), key=lambda item: item[1]))
    if name == "region":
        return name_regions()
    return {str(value): text for value, text in SYMBOLS[name].items() if not (name == "kind" and value == "UNKNOWN")}
