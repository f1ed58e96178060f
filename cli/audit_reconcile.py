"""``disruptions audit reconcile``: what a force sent, and what of it arrived."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.event_ids import read_ids
from cli.feeds import spell_jumps
from cli.own_list import NEVER_SEEN, compare_list
from dashboard.words import JUMP_SENTENCE
from ledger.instants import format_for_people
from queries.client import open_client
from queries.reconcile_answers import ReconcileAnswer
from queries.reconcile_queries import ReconcileQuery
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import AnswerRow, draw_facts, format_positions, open_console, print_json

SHOWN_MOST = 50
VERDICTS = ("ADMITTED", "REFUSED", NEVER_SEEN)


def reconcile_days(
    org: Annotated[str, typer.Option("--org", metavar="ORG", help="The recording organisation, by its slug.")],
    day: Annotated[str | None, typer.Option("--day", metavar="DATE", help="The day of entry, in London.")] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="DATE", help="Or the first day of several.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DATE", help="And the last, included.")] = None,
    ids: Annotated[
        Path | None,
        typer.Option(
            "--ids", metavar="FILE", help="Your own list: ids, CSV with event_id, or NDJSON of events; - for stdin."
        ),
    ] = None,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Hold what a force sent on a day against what arrived.

    The day is that of entry in London (entered_at), not of the event and not
    of arrival. Numbers of the force's sequence that never arrived are named.
    The day of such a number is not known: it counts where its neighbours say
    that it may be of this day. With --ids every id of your list is told:
    admitted and where it stands, rejected and why, or never seen; and every
    event of the day that your list lacks.

    Exit 0: all of it is there. Exit 1: something is missing, or the answer is
    not complete yet, as the day is not over or not all of it is stored.

    \b
    Example: disruptions audit reconcile --org kent --day 2022-06-15
             disruptions audit reconcile --org kent --day 2022-06-15 --ids ours.csv
    """
    listed = None if ids is None else read_ids(ids)
    client, days = open_client(state), {"day": day, "from_": start, "to": end}
    answer = client.ask(ReconcileQuery, org=org, **days)
    own = None if listed is None else compare_list(client, listed, org, days)
    if as_json:
        print_json(answer | {"list": own} if own else answer)
    else:
        open_console().print(draw_reconciliation(answer, own))
    if not is_whole(answer, own):
        raise typer.Exit(NOT_FINE)


def is_whole(answer: ReconcileAnswer, own: dict[str, Any] | None) -> bool:
    """Tell whether everything is known to be there, on both sides; past a jump of the numbers, a list alone says so."""
    gone = answer["missing"] or answer["recent"] or answer["unarrived"] or (answer["jumps"] and own is None)
    differs = own is not None and (NEVER_SEEN in own["verdicts"] or own["unlisted"])
    return answer["complete"] and not gone and not differs


def draw_reconciliation(answer: ReconcileAnswer, own: dict[str, Any] | None) -> RenderableType:
    """Draw the sentence, what it stands on, and what the force's own list says beside it."""
    days = answer["start"] if answer["start"] == answer["end"] else f"{answer['start']} to {answer['end']}"
    facts = {"Days of entry": days, "Position": format_positions(answer["position"])}
    parts: list[RenderableType] = [Text(f"OFFICIAL\n{tell_sent(answer)}", style="bold"), draw_facts(facts)]
    parts += [Text(one) for one in list_cautions(answer)]
    if own is not None:
        parts += [Text(f"\n{tell_list(own)}", style="bold"), draw_events(own)]
    return Group(*parts)


def tell_sent(answer: ReconcileAnswer) -> str:
    """Tell in one sentence what was sent, and what of it is missing."""
    spans = ["-".join(map(str, dict.fromkeys((gap["first"], gap["last"])))) for gap in answer["gaps"]]
    named = f"; sequence {', '.join(spans)} {'is' if answer['missing'] == 1 else 'are'} missing" if spans else ""
    counts = f"{answer['admitted']:,} admitted, {answer['refused']:,} rejected"
    return f"{answer['org']} sent {answer['sent']:,}: {counts}{named or ', none missing'}"


def list_cautions(answer: ReconcileAnswer) -> list[str]:
    """List what else is to be known of the answer."""
    through = answer["complete_through"]
    reach = "nothing is known to be complete" if through is None else f"complete through {format_for_people(through)}"
    said = {
        f"not complete: ask again once the days are over and all of them is stored ({reach})": not answer["complete"],
        f"{answer['recent']:,} numbers were overtaken so lately that they may be on their way": answer["recent"],
        f"{answer['unarrived']:,} numbers that the last heartbeat claims have not arrived": answer["unarrived"],
        f"its numbers jump {spell_jumps(answer['jumps'])}: {JUMP_SENTENCE}": answer["jumps"],
        f"{answer['resent']:,} events came again and were counted once": answer["resent"],
        f"{answer['unread']:,} rejections of these days name no recorder that can be read": answer["unread"],
        f"{answer['behind']:,} stored events are still to be read": answer["behind"],
    }
    return [sentence for sentence, holds in said.items() if holds]


def tell_list(own: dict[str, Any]) -> str:
    """Tell in one sentence what became of the force's own list."""
    verdicts = own["verdicts"]
    counts = [
        f"{verdicts.get(one, 0):,} {one.lower().replace('_', ' ')}" for one in ("ADMITTED", "REFUSED", NEVER_SEEN)
    ]
    more = {"came again": own["resent"], "of other recorders": own["of_others"], "of other days": own["of_other_days"],
            "listed more than once": own["listed_twice"]}  # fmt: skip
    counts += [f"{n:,} {what}" for what, n in more.items() if n]
    return f"Your list has {own['listed']:,}: {', '.join(counts)}; {len(own['unlisted']):,} events are not on it"


def draw_events(own: dict[str, Any]) -> RenderableType:
    """Draw the events that somebody has to look at; all are in the JSON."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for heading in ("Event", "What became of it", "Position"):
        table.add_column(heading, overflow="fold")
    asked = [row for row in own["events"] if row["verdict"] != "ADMITTED"]
    rows = [(row, row["code"] if row.get("code") else "never seen") for row in asked]
    rows += [(row, f"{row['verdict'].lower()}, not on your list") for row in own["unlisted"]]
    for row, told in rows[:SHOWN_MOST]:
        table.add_row(row["event_id"], told, _spell_place(row))
    hidden = f"and {len(rows) - SHOWN_MOST:,} more: see --json" if len(rows) > SHOWN_MOST else ""
    return Group(table, Text(hidden)) if rows else Text("")


def _spell_place(row: AnswerRow) -> str:
    return f"{row['partition']}:{row['offset']}" if "partition" in row else ""
