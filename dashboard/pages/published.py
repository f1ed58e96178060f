"""Published figures: what was said for ever, by whom, and one of them with every cell beside what the store says."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.links import link_file, link_records, link_threats
from dashboard.pages.compare import DIMENSIONS
from dashboard.pages.compare import PATH as COMPARE_PATH
from dashboard.site import Site
from dashboard.view import View
from ledger.vocabulary import DisruptionType, FigureSubject
from queries.answer import read_clock
from queries.choices import ALL
from queries.figure_answers import PublishedFigureAnswer
from queries.figure_queries import FigureListQuery, PublishedFigureQuery

PATH: Final = "/figures"
HEADINGS: Final = DIMENSIONS | {
    "all": "All",
    "type": "Type",
    "standing": "Standing",
    "assessment_type": "Assessment",
    "moderation_status": "Moderation",
    "tier": "Tier",
}
NUMBERS: Final = ("Published", "Counted again for those instants", "Now")
CONSTANT: Final = frozenset({"assessment_type", "moderation_status"})
"""What every threat of a threat count has alike."""
LISTED_THREATS: Final = frozenset({"org", "region", "kind", "crime_type"})


def route_published(site: Site) -> APIRouter:
    """Route the pages."""
    router = APIRouter()

    @router.get(PATH, response_class=HTMLResponse)
    def show_published(request: Request) -> Any:
        """Show the figures that were published, newest first."""
        page = site.open_page(request)
        after = page.fields.take_text("after")
        answer = page.ask(FigureListQuery.parse_fields(after=after))
        following = answer["next"] and page.view.link_to(PATH, {"after": answer["next"]})
        return page.draw_page(
            "published.html",
            answer=answer,
            headings=HEADINGS,
            begins=after is None,
            first=page.view.link_to(PATH),
            following=following,
        )

    @router.get(f"{PATH}/{{partition}}/{{offset}}", response_class=HTMLResponse)
    def show_figure(request: Request, partition: str, offset: str) -> Any:
        """Show one figure: who, when and why, its cells, and whether it still follows."""
        page = site.open_page(request)
        answer = page.ask(PublishedFigureQuery.parse_fields(partition=partition, offset=offset))
        return page.draw_page(
            "published_figure.html",
            answer=answer,
            figure=answer["figure"],
            columns=[HEADINGS.get(name, name) for name in answer["figure"]["by"] or ["all"]] + list(NUMBERS),
            lines=[cell | {"link": link_cell(page.view, answer, cell)} for cell in answer["cells"]],
            file=link_file(f"{PATH}/{partition}/{offset}", {}),
            total_now=sum_now(answer),
            comparison=link_comparison(answer) if has_changed(answer) else None,
        )

    return router


def link_cell(view: View, answer: PublishedFigureAnswer, cell: Mapping[str, Any]) -> str | None:
    """Link to the records that a cell was made of, as they were known then; None where no list has them."""
    figure = answer["figure"]
    seen = find_view(view, figure)
    if seen is None or figure["subject"] is None:
        return None
    named = {name: str(cell[name]) for name in figure["by"]}
    whose = {"org": figure["organisation"]} if figure["organisation"] else {}
    if figure["subject"] == FigureSubject.THREATS:
        filters = whose | {name: value for name, value in named.items() if name not in CONSTANT}
        return link_threats(seen, **filters) if filters.keys() <= LISTED_THREATS else None
    kind = {"type": figure["type"] or DisruptionType.LEAD.value, "standing": figure["standing"] or ALL}
    return link_records(seen, **whose | kind | named)


def find_view(view: View, figure: Mapping[str, Any]) -> View | None:
    """Find the view of a figure's period and instants; None where a page cannot show it: it is of the future."""
    if figure["as_at"] is None:
        return None
    as_at, known_at = (datetime.fromisoformat(figure[name]) for name in ("as_at", "known_at"))
    if max(as_at, known_at) > read_clock():
        return None
    start, end = (date.fromisoformat(day) if day else None for day in (figure["from"], figure["to"]))
    return View(start=start or view.start, end=end or view.end, as_at=as_at, known_at=known_at)


def sum_now(answer: PublishedFigureAnswer) -> int | None:
    """Sum what the figure is now; None where it was not asked, or has lead beside support, which are never added."""
    cells = [cell["now"] for cell in answer["cells"]]
    known = [number for number in cells if isinstance(number, int)]
    is_one_type = answer["figure"]["subject"] == FigureSubject.THREATS or answer["figure"]["type"] is not None
    return sum(known) if known and len(known) == len(cells) and is_one_type else None


def has_changed(answer: PublishedFigureAnswer) -> bool:
    """Tell whether the figure of now is another than the one that was published."""
    return any(cell["now"] is not None and cell["now"] != cell["n"] for cell in answer["cells"])


def link_comparison(answer: PublishedFigureAnswer) -> str | None:
    """Link to why the figure of now is another; None where no comparison asks what the figure was asked."""
    figure = answer["figure"]
    counted = figure["subject"] == FigureSubject.DISRUPTIONS and figure["standing"] == "COUNTED"
    if not counted or figure["type"] is None or figure["from"] is None or figure["to"] is None:
        return None
    by = next((name for name in figure["by"] if name in DIMENSIONS), None)
    period = View(start=date.fromisoformat(figure["from"]), end=date.fromisoformat(figure["to"]))
    then = {"then_as_at": figure["as_at"], "then_known_at": figure["known_at"]}
    asked = {"by": by, "org": figure["organisation"], "type": figure["type"].lower()}
    return period.link_to(COMPARE_PATH, then | asked)
