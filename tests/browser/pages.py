"""Every page that a browser is sent to, and what is asked of each: add the address of yours, one line.

Those of the navigation are there by themselves. ``PAGES`` are looked at with the story's year; each answers 200.
``STATES`` are pages with nothing on them, in the past, or of what went wrong, with their status.
"""

from typing import Final

from dashboard.site import NAVIGATION
from tests.browser.story import PERIOD

MAIN: Final = tuple(f"{path}?{PERIOD}" for path, _ in NAVIGATION)

PAGES: Final = (
    *MAIN,
    f"/organisations/kent?{PERIOD}",
    f"/organisations/rocu-eastern?{PERIOD}",
    f"/regions/eastern?{PERIOD}",
    f"/records?{PERIOD}&org=kent&pillar=PURSUE",
    "/threats?org=kent&kind=OCG",
    "/threats?org=kent&undisrupted_from=2022-03-01&undisrupted_to=2022-03-31",
    f"/disruptions?{PERIOD}&disruption_id=D-1",
    f"/threats/T-kent?{PERIOD}",
    f"/entries/0/0?{PERIOD}",
    f"/refusals?{PERIOD}&code=SUPPORT_BY_FORCE&org=kent",
    f"/rates?{PERIOD}&org=kent&beside=essex",
    f"/compare?{PERIOD}&then_as_at=2022-01-01T00:00:00Z",
    f"/compare/moves?{PERIOD}&then_as_at=2022-01-01T00:00:00Z&org=kent",
    f"/feeds/kent?{PERIOD}",
    f"/organisations/kent/reconcile?{PERIOD}&day=2022-03-05",
    f"/figures/0/0?{PERIOD}",
    f"/signals/records?{PERIOD}&signal=LATE_ENTRY&org=kent",
    f"/status?{PERIOD}",
    "/rules",
    "/disruptions",
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
    ("/refusals?event_id=none", 200),
    ("/organisations/kent/reconcile?day=2019-01-01", 200),
    ("/figures/0/999", 400),
    ("/figures?after=0:0", 200),
    ("/refusals?after=page-9", 400),
    ("/threats/T-nowhere", 200),
    ("/nowhere", 404),
    ("/?from=yesterday", 400),
)

ALL: Final = tuple((address, 200) for address in PAGES) + STATES
