"""``disruptions explain``: one disruption's story."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.rejected import draw_rejection
from ledger.instants import read_in_london
from queries.client import open_client
from queries.record_queries import DisruptionQuery
from terminal.exit_codes import NOT_FINE
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


def explain_disruption(
    disruption: Annotated[str, typer.Argument(metavar="DISRUPTION", help="The disruption's reference.")],
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Tell one disruption's story: its entries, what they posted, and the Kafka positions behind it.

    Exit 1 when nothing is known of it.

    \b
    Example: disruptions explain MET-2022-000123
    """
    found = open_client(state).ask(DisruptionQuery, disruption_id=disruption)
    if as_json:
        print_json(found)
    else:
        open_console().print(draw_story(found))
    if not found["threats"] and not found["refusals"]:
        raise typer.Exit(NOT_FINE)


def draw_story(found: Mapping[str, Any]) -> RenderableType:
    """Draw the whole story: per threat, then the rejections that name it."""
    heading = Text(f"OFFICIAL-SENSITIVE\nDisruption {found['disruption_id']}", style="bold")
    parts: list[RenderableType] = [heading, draw_facts({"Position": format_positions(found["position"])})]
    for threat in found["threats"]:
        parts += draw_threat(threat)
    if len(found["threats"]) > 1:
        parts.append(Text("The same reference lives under several threats: they are different disruptions.", "yellow"))
    if found["refusals"]:
        parts += [Text("\nRejected events that name it", style="bold"), *map(draw_rejection, found["refusals"])]
    if len(parts) == 2:
        parts.append(Text("Nothing is stored of it: no entry and no rejected event names it."))
    return Group(*parts)


def draw_threat(threat: dict[str, Any]) -> list[RenderableType]:
    """Draw what stands under one threat: where it stands now, its entries, its postings."""
    return [
        Text(f"\nUnder threat {threat['threat_id']}", style="bold"),
        Text("\n".join(map(describe_standing, threat["stands_in"])) or "Stands in no account: it was withdrawn."),
        draw_entries(threat["entries"]),
        Text(describe_judges(threat["entries"])),
        draw_postings(threat["postings"]),
    ]


def describe_standing(account: AnswerRow) -> str:
    """Say where it stands, and why it is or is not in the figure."""
    return f"{account['standing']}: {MEANINGS[account['standing']]}\n{spell_account(account)}"


def spell_account(account: AnswerRow) -> str:
    """Spell an account in one line of words."""
    names = ("type", "organisation", "event_date", "pillar", "category", "kind", "crime_type")
    return ", ".join(str(account[name]) for name in names)


def draw_entries(entries: list[AnswerRow]) -> Table:
    """Draw one line an entry, in the order of positions."""
    table = open_table("Entries", "Position", "Version", "Verdict", "Entered (London)", "Known (London)")
    for row in entries:
        instants = (shorten_instant(row[name]) for name in ("entered_at", "ledger_time"))
        table.add_row(format_position(row), str(row["version"]), row["verdict"], *instants)
    return table


def describe_judges(entries: list[AnswerRow]) -> str:
    """Describe by which rules and software the entries were judged, in the order of positions."""
    judges: dict[tuple[str, str], list[str]] = {}
    for row in entries:
        judges.setdefault((row["rules_version"], row["software"]), []).append(format_position(row))
    lines = (f"{' '.join(places)}: rules {rules}, {software}" for (rules, software), places in judges.items())
    return "\n".join(["Judged by", *lines]) if judges else ""


def draw_postings(legs: list[AnswerRow]) -> Table:
    """Draw one line a leg: the sign, the account, from which entry instant on."""
    table = open_table("Postings", "Position", "Sign", "Account", "From (London)")
    for leg in legs:
        table.add_row(
            format_position(leg),
            f"{leg['sign']:+d}",
            f"{leg['standing']}: {spell_account(leg)}",
            shorten_instant(leg["entered_at"]),
        )
    return table


def open_table(title: str, *headings: str) -> Table:
    """Return an empty table."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading, no_wrap=heading != "Account")
    return table


def format_position(row: AnswerRow) -> str:
    """Format a position in soc.published."""
    return f"{row['partition']}:{row['offset']}"


def shorten_instant(instant: str) -> str:
    """Format an instant in London's time, to the second; the heading names the zone."""
    return f"{read_in_london(instant):%Y-%m-%d %H:%M:%S}"
