"""``disruptions explain``: one disruption's story."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.rejected import one
from ledger.instants import read_in_london
from queries.client import open_client
from queries.record_queries import DisruptionQuery
from terminal.exit_codes import REFUSED
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import AnswerRow, draw_facts, format_positions, open_console, print_json

MEANINGS = {
    "AWAITING_THREAT": "not counted: no assessment of its threat is known",
    "KIND_NOT_PERMITTED": "not counted: its threat's kind was not permitted at the event date",
    "SECOND_PILLAR": "not counted: its activity already has the pillar of another",
    "UNASSESSED": "not counted: it has not been assessed",
    "CATEGORY_NOT_COUNTED": "not counted: its category is kept but never counted",
    "COUNTED": "counted",
}


def explain(
    disruption: Annotated[str, typer.Argument(metavar="DISRUPTION", help="The disruption's reference.")],
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """One disruption's story: its entries, what they posted, and the Kafka positions behind it.

    Exit 1 when nothing is known of it.

    \b
    Example: disruptions explain MET-2022-000123
    """
    found = open_client(state).ask(DisruptionQuery, disruption_id=disruption)
    if as_json:
        print_json(found)
    else:
        open_console().print(story(found))
    if not found["threats"] and not found["refusals"]:
        raise typer.Exit(REFUSED)


def story(found: Mapping[str, Any]) -> RenderableType:
    """The whole story: per threat, then the refusals that name it."""
    heading = Text(f"OFFICIAL-SENSITIVE\nDisruption {found['disruption_id']}", style="bold")
    parts: list[RenderableType] = [heading, draw_facts({"Position": format_positions(found["position"])})]
    for threat in found["threats"]:
        parts += under(threat)
    if len(found["threats"]) > 1:
        parts.append(Text("The same reference lives under several threats: they are different disruptions.", "yellow"))
    if found["refusals"]:
        parts += [Text("\nRejected events that name it", style="bold"), *map(one, found["refusals"])]
    if len(parts) == 2:
        parts.append(Text("Nothing is stored of it: no entry and no rejected event names it."))
    return Group(*parts)


def under(threat: dict[str, Any]) -> list[RenderableType]:
    """What stands under one threat: where it stands now, its entries, its postings."""
    return [
        Text(f"\nUnder threat {threat['threat_id']}", style="bold"),
        Text("\n".join(map(stands, threat["stands_in"])) or "Stands in no account: it was withdrawn."),
        entries_table(threat["entries"]),
        postings_table(threat["postings"]),
    ]


def stands(account: AnswerRow) -> str:
    """Where it stands, and why it is or is not in the figure."""
    return f"{account['standing']}: {MEANINGS[account['standing']]}\n{spelled(account)}"


def spelled(account: AnswerRow) -> str:
    """An account in one line of words."""
    names = ("type", "organisation", "event_date", "pillar", "category", "kind", "crime_type")
    return ", ".join(str(account[name]) for name in names)


def entries_table(entries: list[AnswerRow]) -> Table:
    """One line an entry, in the order of positions."""
    table = lines("Entries", "Position", "Version", "Verdict", "Entered (London)", "Known (London)")
    for row in entries:
        instants = (short(row[name]) for name in ("entered_at", "ledger_time"))
        table.add_row(place(row), str(row["version"]), row["verdict"], *instants)
    return table


def postings_table(legs: list[AnswerRow]) -> Table:
    """One line a leg: the sign, the account, from which entry instant on."""
    table = lines("Postings", "Position", "Sign", "Account", "From (London)")
    for leg in legs:
        table.add_row(place(leg), f"{leg['sign']:+d}", f"{leg['standing']}: {spelled(leg)}", short(leg["entered_at"]))
    return table


def lines(title: str, *headings: str) -> Table:
    """An empty table."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading, no_wrap=heading != "Account")
    return table


def place(row: AnswerRow) -> str:
    """A position in soc.published."""
    return f"{row['partition']}:{row['offset']}"


def short(instant: str) -> str:
    """An instant in London's time, to the second; the heading names the zone."""
    return f"{read_in_london(instant):%Y-%m-%d %H:%M:%S}"
