"""Feeds: who is heard and who is silent, and of one recorder what became of its last events."""

from datetime import datetime
from itertools import groupby
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.links import link_organisation
from dashboard.site import PageRequest, Site
from dashboard.words import FEED_SENTENCES, FEED_TAGS, JUMP_SENTENCE
from methodology.feeds import FeedVerdict, judge_past_feed
from queries.choices import choose_organisation
from queries.feed_answers import FeedAnswer
from queries.feed_queries import FeedEventQuery, FeedQuery

NAMED_MOST: Final = 10
"""Of how many feeds alike the names are listed above the table."""


def route_feed_pages(site: Site) -> APIRouter:
    """Route the pages."""
    router = APIRouter()

    @router.get("/feeds", response_class=HTMLResponse)
    def show_feeds(request: Request) -> Any:
        """Show every recorder's feed."""
        page = site.open_page(request)
        answer = ask_feeds(page, None)
        regions = [(name, list(rows)) for name, rows in groupby(answer["rows"], key=lambda row: row["region"])]
        verdicts = [
            (one, [row for row in answer["rows"] if row["verdict"] == one]) for one in list_verdicts(page.view.known_at)
        ]
        return page.draw_page(
            "feeds.html",
            answer=answer,
            regions=regions,
            verdicts=verdicts,
            named_most=NAMED_MOST,
            tags=FEED_TAGS,
            sentences=FEED_SENTENCES,
        )

    @router.get("/feeds/{org}", response_class=HTMLResponse)
    def show_feed(request: Request, org: str) -> Any:
        """Show one recorder's feed, and its last events."""
        page, code = site.open_page(request), choose_organisation(org)
        answer = ask_feeds(page, code)
        events = page.ask(FeedEventQuery(org=code))["rows"]
        return page.draw_page(
            "feed.html",
            answer=answer,
            feed=answer["rows"][0],
            events=events,
            tags=FEED_TAGS,
            sentences=FEED_SENTENCES,
            organisation_link=link_organisation(page.view, code),
            jump_sentence=JUMP_SENTENCE,
        )

    return router


def ask_feeds(page: PageRequest, org: str | None) -> FeedAnswer:
    """Ask for the feeds of a page's period, as known at its instant."""
    view = page.view
    return page.ask(FeedQuery(start=view.start, end=view.end, org=org, known_at=view.known_at))


def list_verdicts(known_at: datetime | None) -> list[FeedVerdict]:
    """List the verdicts that there may be: of a past instant those that need no heartbeat."""
    past = [judge_past_feed(True), judge_past_feed(False)]
    return past if known_at else [one for one in FeedVerdict if one != FeedVerdict.NOT_KEPT]
