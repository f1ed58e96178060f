"""The rejections desk: what intake rejected, by code and recorder, what to do about each, and what has answered it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.site import PageRequest, Site
from dashboard.words import SYMBOLS
from queries.keyset import parse_position
from queries.record_answers import EntryAnswer
from queries.record_queries import EntryQuery, RejectionDeskQuery

PATH: Final = "/refusals"
FILTERS: Final = ("code", "org", "event_id", "reference")
SHOWN: Final = "20"


def route_desk(site: Site) -> APIRouter:
    """Route the page; who asks for a record's fields leaves a line of its own in the log of reads."""
    router = APIRouter()

    @router.get(PATH, response_class=HTMLResponse)
    def show_rejections(request: Request) -> Any:
        """Show rejections, the newest first."""
        page = site.open_page(request)
        asked = {name: page.fields.take_text(name) for name in FILTERS}
        known_at = page.view.list_fields().get("known_at")
        after = page.fields.take_text("after")
        found = page.ask(RejectionDeskQuery.parse_fields(**asked, known_at=known_at, after=after, limit=SHOWN))
        shown = show_record(page)
        return page.draw_page(
            "refusals.html",
            found=found,
            asked=asked,
            shown=shown,
            codes=SYMBOLS["code"],
            recorders=list_recorders(found["groups"], asked["org"]),
            reasons=sum_reasons(found["groups"]),
            next=link_next(page, asked, found["next"]),
        )

    return router


def list_recorders(groups: Iterable[Mapping[str, Any]], asked: str | None) -> dict[str, str]:
    """List who may be chosen: every organisation, and who is not on the list and yet is named by what is found."""
    named = {str(row["recorder"]) for row in groups} | {asked or ""}
    strangers = {one: one for one in sorted(named - SYMBOLS["org"].keys()) if one}
    return dict(sorted(SYMBOLS["org"].items(), key=lambda one: one[1])) | strangers


def sum_reasons(groups: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Sum what is found by reason, the most first."""
    found: Counter[str] = Counter()
    for row in groups:
        found[row["code"]] += row["n"]
    return found.most_common()


def show_record(page: PageRequest) -> EntryAnswer | None:
    """Show the record of the position that was asked for; None where none was: all are masked."""
    asked = page.fields.take_text("show")
    if asked is None:
        return None
    partition, offset = parse_position(asked, "show")
    return page.ask(EntryQuery(partition=partition, offset=offset))


def link_next(page: PageRequest, asked: Mapping[str, str | None], more: str | None) -> str | None:
    """Link to the next page, where there is one."""
    return None if more is None else page.view.link_to(PATH, {**asked, "after": more})
