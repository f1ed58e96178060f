"""``disruptions alerts``: what somebody should look at now, and what was."""

from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from queries.alerts import AlertQuery
from queries.client import open_client
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import AnswerJson, AnswerRow, open_console, print_json


def show_alerts(
    limit: Annotated[
        str | None, typer.Option("--limit", metavar="N", help="How many of those before to list, 100 unless asked.")
    ] = None,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Show the alerts that stand, each with what to do, and those that were raised and cleared before.

    Exit 0 while none stands, 1 while any does.

    \b
    Example: disruptions alerts
             disruptions alerts --json | jq '.standing[].sentence'
    """
    answer = open_client(state).ask(AlertQuery, limit=limit)
    if as_json:
        print_json(answer)
    else:
        open_console().print(draw_alerts(answer))
    if answer["standing"]:
        raise typer.Exit(NOT_FINE)


def draw_alerts(answer: AnswerJson) -> RenderableType:
    """Draw those that stand with what to do, then the others in a line each."""
    standing: list[AnswerRow] = answer["standing"]
    heading = Text(f"OFFICIAL\nAlerts that stand: {len(standing):,}", style="bold")
    if not answer["rows"]:
        return Group(heading, *map(draw_standing, standing), Text("Nothing was ever raised."))
    before = Text(f"\nRaised and cleared, newest first{' (more exist: --limit N)' if answer['truncated'] else ''}")
    return Group(heading, *map(draw_standing, standing), before, *map(draw_past, answer["rows"]))


def draw_standing(row: AnswerRow) -> RenderableType:
    """Draw an alert that stands: since when, what is the matter, and what to do."""
    text = Text(f"{row['at']}  {row['kind']}  {row['subject']}", style="bold")
    return Group(text, Padding(Text(f"{row['sentence']}\n{row['remedy']}"), (0, 0, 0, 4), expand=False))


def draw_past(row: AnswerRow) -> RenderableType:
    """Draw one line of what was."""
    return Text(f"{row['at']}  {row['state']:7}  {row['kind']}  {row['subject']}: {row['sentence']}")
