"""``disruptions feeds``: who is heard, who is silent, and what is missing."""

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dashboard.words import COMPARISON_CAVEAT, FEED_SENTENCES, JUMP_SENTENCE, name_symbol
from ledger.instants import format_for_people
from queries.client import open_client
from queries.feed_answers import SequenceJump
from queries.feed_queries import FeedQuery
from terminal.options import DEFAULT_STATE, Json, KnownAt, Org, State
from terminal.tables import AnswerJson, AnswerRow, draw_facts, format_positions, open_console, print_json


def show_feeds(org: Org = None, known_at: KnownAt = None, as_json: Json = False, state: State = DEFAULT_STATE) -> None:
    """Show every recorder's feed: whether it is heard, its last event, and numbers of its sequence that are missing.

    By region and name, never ranked. A feed is down when its heartbeat is
    overdue; one that is in time and complete had nothing to send. As known at
    a past instant are what had arrived and alerts: old heartbeats are not kept.

    \b
    Example: disruptions feeds
             disruptions feeds --org kent --known-at 2022-07-04
    """
    answer = open_client(state).ask(FeedQuery, org=org, known_at=known_at)
    if as_json:
        print_json(answer)
    else:
        open_console().print(draw_feeds(answer))


def draw_feeds(answer: AnswerJson) -> RenderableType:
    """Draw the feeds, what their verdicts mean, and which numbers are missing."""
    rows: list[AnswerRow] = answer["rows"]
    facts = {
        "Known at" if answer["known_at"] else "Judged at": format_for_people(answer["judged_at"]),
        "Position": format_positions(answer["position"]),
    }
    behind = {"Behind": f"{answer['behind']:,} stored events are still to be read"} if answer["behind"] else {}
    meanings = {
        name_symbol("feed_verdict", one): FEED_SENTENCES[one] for one in dict.fromkeys(map(_read_verdict, rows))
    }
    missing = {row["org"]: spell_missing(row) for row in rows if row["missing"] or row["unarrived"]}
    parts: list[RenderableType] = [
        Text("OFFICIAL\nFeeds", style="bold"),
        draw_facts(facts | behind),
        draw_table(rows, answer["known_at"]),
    ]
    if missing:
        parts += [Text("Missing numbers", style="bold"), draw_facts(missing), Text("")]
    if jumps := {row["org"]: spell_jumps(row["jumps"]) for row in rows if row["jumps"]}:
        parts += [Text("Jumps of numbers", style="bold"), draw_facts(jumps), Text(f"{JUMP_SENTENCE.capitalize()}.\n")]
    return Group(*parts, draw_facts(meanings), Text(f"\n{COMPARISON_CAVEAT}"))


def draw_table(rows: list[AnswerRow], known_at: str | None) -> Table:
    """Draw one line a recorder."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for heading in ("Organisation", "What is known", "Last heartbeat", "Last event"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        verdict = name_symbol("feed_verdict", _read_verdict(row))
        heard = "not kept" if known_at else spell_instant(row["heard_at"])
        table.add_row(row["org"], verdict, heard, spell_instant(row["last_event_at"]))
    return table


def spell_missing(row: AnswerRow) -> str:
    """Spell which numbers are missing, as far as they are listed, and how many in all."""
    spans = ["-".join(map(str, dict.fromkeys((gap["first"], gap["last"])))) for gap in row["gaps"]]
    beyond = [f"{row['unarrived']:,} claimed after {row['last_sequence'] or 0}"] if row["unarrived"] else []
    return f"{row['missing'] + (row['unarrived'] or 0):,}: {', '.join(spans + beyond)}"


def spell_jumps(jumps: Iterable[SequenceJump]) -> str:
    """Spell from where to where numbers jump."""
    return ", ".join(f"from {one['last']} to {one['next']}" for one in jumps)


def spell_instant(text: str | None) -> str:
    """Spell an instant, or that there is none."""
    return "never" if text is None else format_for_people(text).removesuffix(" Europe/London")


def _read_verdict(row: AnswerRow) -> str:
    return str(row["verdict"])
