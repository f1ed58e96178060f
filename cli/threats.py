"""``disruptions threats``: the threat count of rule 8."""

from queries.balance_queries import ThreatQuery
from queries.client import open_client
from terminal.exit_codes import exit_incomplete
from terminal.options import DEFAULT_STATE, AsAt, Json, KnownAt, Org, State, ThreatsBy
from terminal.tables import draw_threats, open_console, print_json


def show_threats(
    as_at: AsAt = None,
    known_at: KnownAt = None,
    by: ThreatsBy = None,
    org: Org = None,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Show active threats: tactical, moderated, serious and organised, not tier 5, not closed.

    Exit 1 when --known-at is asked for and the answer is not complete: it may
    still grow.

    \b
    Example: disruptions threats --as-at 2022-07-04 --by org,crime_type
    """
    answer = open_client(state).ask(ThreatQuery, by=by, org=org, as_at=as_at, known_at=known_at)
    if as_json:
        print_json(answer)
    else:
        open_console().print(draw_threats(answer))
    exit_incomplete(answer, known_at)
