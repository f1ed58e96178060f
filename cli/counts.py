"""``disruptions counts``: live balances."""

from typing import Annotated

import typer

from cli.live_counts import watch_counts
from queries.balance_queries import CountQuery
from queries.client import open_client
from terminal.options import DEFAULT_STATE, By, Json, Org, State, Type
from terminal.tables import draw_disruptions, open_console, print_json


def show_counts(
    by: By = None,
    org: Org = None,
    type: Type = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Redraw until Ctrl-C, with the last minutes' movement.")
    ] = False,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Show live balances of the disruptions that count, now.

    Lead disruptions unless --type support is asked for; the two are never added.

    \b
    Example: disruptions counts --by org,pillar
             disruptions counts --org metropolitan --by crime_type --watch
    """
    asked = open_client(state)
    if watch:
        watch_counts(asked, by=by, org=org, type=type, as_json=as_json)
        return
    answer = asked.ask(CountQuery, by=by, org=org, type=type)
    if as_json:
        print_json(answer)
    else:
        open_console().print(draw_disruptions(answer))
