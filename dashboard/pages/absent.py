"""The page of what is not there: an organisation or a region that nobody has, and the nearest that there are."""

from collections.abc import Mapping
from urllib.parse import quote

from fastapi.responses import Response

from dashboard.site import PageRequest
from ledger.choices import find_nearest, quote_briefly


def draw_absent(page: PageRequest, what: str, asked: str, known: Mapping[str, str], path: str) -> Response:
    """Draw the page that says that there is no such thing, and which is nearest.

    Args:
        what: "Organisation".
        asked: what stood in the address.
        known: each that there is, by what an address calls it, and its name.
        path: of the page of one of them, with ``{}`` where that goes.
    """
    nearest = [(known[one], page.view.link_to(path.format(quote(one)))) for one in find_nearest(asked, known)]
    return page.draw_page("absent.html", 404, what=what, asked=quote_briefly(asked), nearest=nearest)
