"""``disruptions extract``: the reproducible extraction."""

from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ledger.errors import Misuse
from ledger.instants import format_for_people
from queries.balance_queries import ExtractQuery
from queries.client import open_client
from queries.public_release import PublicQuery
from terminal.exit_codes import NOT_FINE, exit_incomplete
from terminal.options import DEFAULT_STATE, AsAt, By, Json, KnownAt, Org, State, Type
from terminal.tables import (
    HEADINGS,
    AnswerJson,
    AnswerRow,
    describe_period,
    draw_disruptions,
    draw_facts,
    open_console,
    print_json,
)

HIDDEN = "[c]"  # the government's sign of a confidential figure


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
    public: Annotated[
        bool, typer.Option("--public", help="For public release: small cells, and what gives them away, hidden.")
    ] = False,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Extract the disruptions of a period, as at an instant: the same answer for ever.

    Exit 1 when --known-at is asked for and the answer is not complete: it may
    still grow.

    \b
    Example: disruptions extract --from 2021-07-01 --to 2022-06-30 \\
               --as-at 2022-07-04 --known-at 2022-07-04T09:00:00Z --by org
             disruptions extract --from 2021-07-01 --to 2022-06-30 --public \\
               --by region,pillar
    """
    if public:
        hold_releasable({"--type": type, "--standing": standing, "--org": org})
        show_release(
            open_client(state).ask(PublicQuery, from_=first, to=last, as_at=as_at, known_at=known_at, by=by), as_json
        )
        return
    answer = open_client(state).ask(
        ExtractQuery, from_=first, to=last, as_at=as_at, known_at=known_at, by=by, type=type, standing=standing, org=org
    )
    if as_json:
        print_json(answer)
    else:
        open_console().print(draw_disruptions(answer))
    exit_incomplete(answer, known_at)


def hold_releasable(given: dict[str, str | None]) -> None:
    """Hold that no option cuts a release into pieces that could be subtracted from each other. Raises Misuse."""
    for name, value in given.items():
        if value is not None:
            raise Misuse(f"{name} does not go with --public: a release is of all lead disruptions that count")


def show_release(answer: AnswerJson, as_json: bool) -> None:
    """Print a release; it is complete or it is not one. Exit 1 where it is not."""
    if as_json:
        print_json(answer)
    else:
        open_console().print(draw_release(answer))
    if not answer["complete"]:
        raise typer.Exit(NOT_FINE)


def draw_release(answer: AnswerJson) -> RenderableType:
    """Draw the cells, and what the hidden ones are."""
    rows: list[AnswerRow] = answer["rows"]
    names = [name for name in (rows[0] if rows else {}) if name != "n"]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name in names:
        table.add_column(HEADINGS.get(name, name), overflow="fold")
    table.add_column("Lead", justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*(str(row[name]) for name in names), HIDDEN if row["n"] is None else f"{row['n']:,}")
    said = describe_period(answer["filters"]) | {
        "As at": format_for_people(answer["as_at"]),
        "Known at": f"{format_for_people(answer['known_at'])}{', complete' if answer['complete'] else ', INCOMPLETE'}",
        HIDDEN: f"{answer['hidden_means']} ({answer['hidden']:,})",
        "Measure": answer["measure"],
    }
    title = "LEAD disruptions, for public release"
    return Group(Text(f"OFFICIAL\n{title}", style="bold"), draw_facts(said), table)
