"""The index of organisations: region by region, each with its code and how what it leads divides among the pillars."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from dashboard.charts.shares import ShareChart, WholeBar, draw_share_bars
from dashboard.figures import Compared, Figures
from dashboard.links import link_region
from dashboard.regions import list_members, write_slug
from dashboard.site import Site
from dashboard.view import View
from dashboard.words import name_symbol
from ledger.organisations import list_regions
from ledger.vocabulary import Pillar

PILLARS: Final = tuple(name_symbol("pillar", one) for one in Pillar)
NATION: Final = "England and Wales"
CrossedRow = tuple[Compared, str, list[Compared]]
"""An organisation's total, its code, and its number of each pillar."""


def route_organisations(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/organisations", response_class=HTMLResponse)
    def list_organisations(request: Request) -> Any:
        """List all there are."""
        page = site.open_page(request)
        figures = Figures(page, {})
        lines = {line.symbol: line for line in figures.compare_by("org")}
        rows = {code: (line, code, figures.compare_by("pillar", org=code)) for code, line in lines.items()}
        nation = WholeBar(NATION, [line.now for line in figures.compare_by("pillar")])
        groups = [
            compose_group(page.view, region, nation, [rows[code] for code in list_members(region)])
            for region in list_regions()
        ]
        return page.draw_page("organisations.html", groups=groups, pillars=PILLARS)

    return router


def compose_group(view: View, region: str, nation: WholeBar, rows: Sequence[CrossedRow]) -> dict[str, Any]:
    """Compose the chart and the table of a region; where nothing is counted there is no chart."""
    slug, name = write_slug(region), name_symbol("region", region)
    counted = any(line.now for line, *_ in rows)
    return {
        "id": slug,
        "name": name,
        "link": link_region(view, region),
        "rows": rows,
        "chart": draw_shares(slug, name, nation, rows) if counted else None,
    }


def draw_shares(slug: str, name: str, nation: WholeBar, rows: Sequence[CrossedRow]) -> Markup:
    """Draw how the organisations of a region divide what they lead among the pillars, below how the nation does."""
    bars = [WholeBar(line.name, [cell.now for cell in cells]) for line, _, cells in rows]
    return draw_share_bars(
        ShareChart(
            name=f"shares-{slug}",
            title=f"Lead disruptions by pillar, in shares: {name}",
            unit="lead disruptions",
            parts=PILLARS,
            bars=[nation, *bars],
        )
    )
