"""``disruptions compare``: then beside now, and the difference by cause."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ledger.instants import format_for_people
from methodology.causes import CAUSE_SENTENCES, name_cause
from queries.client import open_client
from queries.compare_queries import CompareQuery
from queries.differences import sum_cells
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, By, Json, Org, Region, State, Type
from terminal.tables import (
    HEADINGS,
    TYPES,
    describe_period,
    draw_facts,
    format_positions,
    open_console,
    print_json,
    select_rows,
)

PLACES = {"org": "Organisation", "region": "Region"}
APART = "The same by one clock apart."


def compare_states(
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First event date, included.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last event date, included.")],
    then: Annotated[
        str | None, typer.Option("--then", metavar="INSTANT", help="The record as at, and as known at, this instant.")
    ] = None,
    now: Annotated[
        str | None, typer.Option("--now", metavar="INSTANT", help="The same of the later record. Default: live.")
    ] = None,
    then_as_at: Annotated[str | None, typer.Option("--then-as-at", metavar="INSTANT", help=APART)] = None,
    then_known_at: Annotated[str | None, typer.Option("--then-known-at", metavar="INSTANT", help=APART)] = None,
    now_as_at: Annotated[str | None, typer.Option("--now-as-at", metavar="INSTANT", help=APART)] = None,
    now_known_at: Annotated[str | None, typer.Option("--now-known-at", metavar="INSTANT", help=APART)] = None,
    by: By = None,
    type: Type = None,
    org: Org = None,
    region: Region = None,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Compare the figures of a period then and now: the causes sum to the difference in every cell.

    --then means both clocks: as the record stood, and as this ledger knew it. With
    --then-as-at alone it is the record as it stood then, by all that is known now.
    Exit 1 when an instant of the ledger's clock is asked for and the answer is not
    complete: it may still grow.

    \b
    Example: disruptions compare --from 2021-07-01 --to 2022-06-30 \\
               --then-as-at 2022-07-04 --now-as-at 2023-01-31 --by org
    """
    answer = open_client(state).ask(
        CompareQuery,
        from_=first,
        to=last,
        then=then,
        then_as_at=then_as_at,
        then_known_at=then_known_at,
        now=now,
        now_as_at=now_as_at,
        now_known_at=now_known_at,
        by=by,
        type=type,
        org=org,
        region=region,
    )
    if as_json:
        print_json(answer)
    else:
        open_console().print(draw_comparison(answer))
    fixed = {"then": then or then_known_at, "now": now or now_known_at}
    if any(instant and not answer[name]["complete"] for name, instant in fixed.items()):  # type: ignore[literal-required]  # two of its fields
        raise typer.Exit(NOT_FINE)


def draw_comparison(answer: Mapping[str, Any]) -> RenderableType:
    """Draw heading, a table of each type that was asked for, and what the causes mean."""
    asked = str(answer["filters"]["type"])
    kinds = (asked,) if asked in TYPES else TYPES
    tables = [draw_cells(select_rows(kind, answer["rows"]), kind.capitalize()) for kind in kinds]
    heading = Text(f"OFFICIAL\n{' and '.join(kinds)} disruptions that count, then beside now", style="bold")
    return Group(heading, draw_basis(answer), *tables, draw_meanings(answer["rows"]))


def draw_basis(answer: Mapping[str, Any]) -> Table:
    """Draw what was compared: period, states, position."""
    filters = answer["filters"]
    states = {name.capitalize(): describe_state(answer[name]) for name in ("then", "now")}
    place = {name: filters[field] for field, name in PLACES.items() if field in filters}
    position = {"Position": format_positions(answer["position"]), "Measure": answer["measure"]}
    return draw_facts(place | describe_period(filters) | states | position)


def describe_state(state: Mapping[str, Any]) -> str:
    """Describe one state by both clocks, and whether it is for ever."""
    as_at, known_at = (format_for_people(state[clock]) for clock in ("as_at", "known_at"))
    return f"as at {as_at}, known at {known_at}, {'complete' if state['complete'] else 'may still grow'}"


def draw_cells(rows: list[Mapping[str, Any]], counted: str) -> Table:
    """Draw one line a cell, and a total below them."""
    names = [name for name in HEADINGS if rows and name in rows[0]]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_footer=bool(names))
    for index, name in enumerate(names):
        table.add_column(HEADINGS[name], footer="" if index else "Total", overflow="fold")
    total = sum_cells(rows)
    for heading, value in (("then", f"{total['then']:,}"), ("now", f"{total['now']:,}"), ("difference", "")):
        shown = value or f"{total['difference']:+,}"
        table.add_column(f"{counted} {heading}" if heading == "then" else heading.capitalize(), shown, justify="right")
    table.add_column("By cause", spell_causes(total["causes"]), ratio=1)
    for row in rows or [total]:
        counts = f"{row['then']:,}", f"{row['now']:,}", f"{row['difference']:+,}"
        table.add_row(*(str(row[name]) for name in names), *counts, spell_causes(row["causes"]))
    return table


def spell_causes(causes: Mapping[str, int]) -> str:
    """Spell causes in one line of words: ``entered late +12, withdrawn -3``."""
    return ", ".join(f"{name_cause(cause)} {n:+,}" for cause, n in causes.items())


def draw_meanings(rows: Iterable[Mapping[str, Any]]) -> RenderableType:
    """Draw what each cause that was met means."""
    met = {cause for row in rows for cause in row["causes"]}
    return draw_facts({name_cause(one): sentence for one, sentence in CAUSE_SENTENCES.items() if one in met})
