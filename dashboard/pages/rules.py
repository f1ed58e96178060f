"""Words and rules: what the words of the pages mean, and the numbered rules by which disruptions are counted."""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.glossary import GLOSSARY
from dashboard.rule_book import read_rules
from dashboard.site import Site

HEADINGS: Final = {
    "Counting": "How disruptions and threats are counted",
    "Admission": "Why an event is rejected",
    "Feeds": "When a feed is down",
    "Recording-quality signals": "When recording is asked about",
}


def route_rules(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/rules", response_class=HTMLResponse)
    def show_rules(request: Request) -> Any:
        """Show the words, then the rules."""
        page = site.open_page(request)
        return page.draw_page("rules.html", glossary=GLOSSARY, sections=read_rules(), headings=HEADINGS)

    return router
