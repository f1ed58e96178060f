"""``disruptions unloadable``: records of the output topics that the store did not take."""

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from queries.client import open_client
from queries.health_answers import SetAsideRow, UnloadableAnswer
from queries.record_queries import UnloadableQuery
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import open_console, print_json

COLUMNS = tuple(SetAsideRow.__annotations__)
NUMBERS = {"partition", "offset"}


def show_unloadable(
    again: Annotated[
        bool, typer.Option("--load-again", help="Try every one of them once more; safe at any time.")
    ] = False,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Show records of soc.entries and soc.rejected that the store did not take: where each lies, and why.

    \b
    Each is garbage that somebody else wrote there, or a good record that met a fault
    which is mended by now: load those again. Exit 1 while any is left.

    \b
    Example: disruptions unloadable
             disruptions unloadable --load-again
    """
    asked = open_client(state)
    done = asked.load_again() if again else None
    body = asked.ask(UnloadableQuery)
    if as_json:
        print_json(body if done is None else {**body, **done})
    else:
        open_console().print(draw_unloadable(body))
        if done is not None:
            open_console().print(f"{done['loaded']:,} loaded, {done['left']:,} left")
    if body["rows"]:
        raise typer.Exit(NOT_FINE)


def draw_unloadable(body: UnloadableAnswer) -> Table | Text:
    """Draw a row for each record that was set aside."""
    if not body["rows"]:
        return Text("Everything in the output topics is stored.")
    cut = f", the first {len(body['rows']):,} of {body['total']:,}" if body["truncated"] else ""
    table = Table(title=f"Set aside{cut}", title_justify="left", pad_edge=False)
    for name in COLUMNS:
        table.add_column(name.replace("_", " ").capitalize(), justify="right" if name in NUMBERS else "left")
    for row in body["rows"]:
        cells: Mapping[str, object] = row
        table.add_row(*[str(cells[name]) for name in COLUMNS])
    return table
