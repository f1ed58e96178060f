"""What became of one Kafka position: what the ledger keeps of it, with the event as it was sent, masked nowhere."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.site import Site
from queries.record_queries import EntryQuery

LINE_CHARACTERS = 64


def route_entry(site: Site) -> APIRouter:
    """Route the page; the log of reads has each of its addresses."""
    router = APIRouter()

    @router.get("/entries/{partition}/{offset}", response_class=HTMLResponse)
    def show_entry(request: Request, partition: str, offset: str) -> Any:
        """Show what became of a position."""
        page = site.open_page(request)
        entry = page.ask(EntryQuery.parse_fields(partition=partition, offset=offset))
        return page.draw_page("entry.html", entry=entry, lines=cut_lines(entry["value"] or ""))

    return router


def cut_lines(spelled: str) -> list[str]:
    """Cut bytes in hexadecimal into lines, each with the number of its first byte."""
    starts = range(0, len(spelled), LINE_CHARACTERS)
    return [f"{at // 2:06x}  {_split_bytes(spelled[at : at + LINE_CHARACTERS])}" for at in starts]


def _split_bytes(line: str) -> str:
    return " ".join(line[at : at + 4] for at in range(0, len(line), 4))
