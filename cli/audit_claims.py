"""``disruptions audit claims``: what others published, beside what the ledger counts."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from audit.claims import CheckedTable, check_claims
from audit.claims_file import load_claims, load_london
from queries.audited import AuditedStore
from queries.client import open_client
from terminal.claims_table import draw_claims, tally_agreement
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import open_console, print_json


def check_outside_claims(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Claims in TOML. Default: what was published of London.")
    ] = None,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Check what others published against what the ledger counts.

    A file of claims names the questions and, for each claim, the words of its
    source and what they say: exact, rounds_to_pct, at_least, less_than,
    approx_fraction. Exit 1 where a claim does not agree, or an answer that was
    asked for as known at an instant may still grow.

    \b
    Example: disruptions audit claims
             disruptions audit claims annual-report.toml --json
    """
    table = load_london() if file is None else load_claims(file)
    found = check_claims(table, AuditedStore(open_client(state)))
    if as_json:
        print_json(found.make_body())
    else:
        open_console().print(draw_table(found))
    if not found.agrees or found.list_growing():
        raise typer.Exit(NOT_FINE)


def draw_table(found: CheckedTable) -> RenderableType:
    """Draw the claims, where they are from, and what the ledger's side of them is worth."""
    title = Text(f"OFFICIAL\n{found.table.title}", style="bold").append(f"\n{found.table.source}", style="dim not bold")
    verdict = Text(f"{tally_agreement(found.checked)}.", style="green" if found.agrees else "bold red")
    growing = [f"INCOMPLETE: the answer {name!r} may still grow" for name in found.list_growing()]
    return Group(title, draw_claims(found.checked), verdict, *(Text(one, style="bold yellow") for one in growing))
