"""``disruptions extract``: the reproducible extraction."""

from typing import Annotated

import typer

from queries.balance_queries import ExtractQuery
from queries.client import open_client
from terminal.exit_codes import exit_incomplete
from terminal.options import DEFAULT_STATE, AsAt, By, Json, KnownAt, Org, State, Type
from terminal.tables import draw_disruptions, open_console, print_json


def show_extract(
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First event date, included.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last event date, included.")],
    as_at: AsAt = None,
    known_at: KnownAt = None,
    by: By = None,
    type: Type = None,
    standing: Annotated[
        str | None, typer.Option("--standing", metavar="S", help="COUNTED (unless asked), another standing, or all.")
    ] = None,
    org: Org = None,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Extract the disruptions of a period, as at an instant: the same answer for ever.

    Exit 1 when --known-at is asked for and the answer is not complete: it may
    still grow.

    \b
    Example: disruptions extract --from 2021-07-01 --to 2022-06-30 \\
               --as-at 2022-07-04 --known-at 2022-07-04T09:00:00Z --by org
    """
    answer = open_client(state).ask(
        ExtractQuery, from_=first, to=last, as_at=as_at, known_at=known_at, by=by, type=type, standing=standing, org=org
    )
    if as_json:
        print_json(answer)
    else:
        open_console().print(draw_disruptions(answer))
    exit_incomplete(answer, known_at)
