"""``disruptions rates``: lead disruptions a week, against the recorder's own past."""

from typing import Annotated

import typer

from queries.client import open_client
from queries.rate_query import RateQuery
from terminal.exit_codes import exit_incomplete
from terminal.options import DEFAULT_STATE, AsAt, Json, KnownAt, Org, Region, State
from terminal.rate_table import draw_rates
from terminal.tables import open_console, print_json


def show_rates(
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First event date, included.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last event date, included.")],
    org: Org = None,
    region: Region = None,
    pillar: Annotated[str | None, typer.Option("--pillar", metavar="PILLAR", help="Of this pillar alone.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", metavar="KIND", help="Against this kind alone.")] = None,
    crime_type: Annotated[
        str | None, typer.Option("--crime-type", metavar="TYPE", help="Of this crime type alone.")
    ] = None,
    as_at: AsAt = None,
    known_at: KnownAt = None,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Show lead disruptions a week and per 100 active threats, with process limits.

    Whole weeks, Monday to Sunday, that are over; of those that are still filling,
    what they are expected to become. Of the nation, unless an organisation or a
    region is asked for.

    \b
    Example: disruptions rates --org kent --from 2021-07-01 --to 2022-06-30 \\
               --as-at 2022-07-04
    """
    whom = {"org": org, "region": region, "pillar": pillar, "kind": kind, "crime_type": crime_type}
    answer = open_client(state).ask(RateQuery, from_=first, to=last, as_at=as_at, known_at=known_at, **whom)
    if as_json:
        print_json(answer)
    else:
        open_console().print(draw_rates(answer))
    exit_incomplete(answer, known_at)
