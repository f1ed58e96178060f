"""Every page that a browser is sent to, and what is asked of each: add the address of yours, one line.

``PAGES`` are looked at with the story's year, and by keyboard; each answers 200. ``STATES`` are pages with nothing on
them, in the past, or of what went wrong, with their status.
"""

from typing import Final

from tests.browser.story import PERIOD

PAGES: Final = (
    f"/?{PERIOD}",
    f"/organisations?{PERIOD}",
    f"/organisations/kent?{PERIOD}",
    f"/organisations/rocu-eastern?{PERIOD}",
    f"/organisations/nca?{PERIOD}",
    f"/regions/eastern?{PERIOD}",
    f"/records?{PERIOD}&org=kent&pillar=PURSUE",
    f"/disruptions?{PERIOD}&disruption_id=D-1",
    f"/threats/T-kent?{PERIOD}",
    f"/entries/0/0?{PERIOD}",
    f"/rates?{PERIOD}",
    f"/rates?{PERIOD}&org=kent",
    f"/feeds?{PERIOD}",
    f"/feeds/kent?{PERIOD}",
    f"/alerts?{PERIOD}",
    f"/status?{PERIOD}",
    f"/compare?{PERIOD}&then_as_at=2022-01-01",
    f"/compare/moves?{PERIOD}&then_as_at=2022-01-01&org=kent",
)

STATES: Final = (
    ("/?from=2019-07-01&to=2020-06-30", 200),  # a period in which nothing happened
    (f"/?{PERIOD}&as_at=2022-01-01T00:00:00Z", 200),
    ("/records?from=2019-07-01&to=2020-06-30", 200),
    ("/organisations/essex?from=2019-07-01&to=2020-06-30", 200),
    ("/organisations/atlantis", 404),
    ("/entries/0/999999", 400),
    ("/disruptions?disruption_id=D-none", 200),
    ("/nowhere", 404),
    ("/?from=yesterday", 400),
)

ALL: Final = tuple((address, 200) for address in PAGES) + STATES
