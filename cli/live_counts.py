"""``disruptions counts --watch``: the live table, with what the last minutes moved and how old that is."""

import json
import time
from contextlib import suppress
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from ledger.errors import Unavailable
from queries.balance_queries import SECONDS_USUALLY, CountQuery, MovementQuery
from queries.client import Askable
from terminal.tables import AnswerJson, draw_disruptions, open_console

REFRESH_SECONDS = 1.0


def watch_counts(asked: Askable, *, by: str | None, org: str | None, type: str | None, as_json: bool) -> None:
    """Redraw until Ctrl-C; with ``as_json`` one line of JSON whenever the position has moved."""
    try:
        if as_json:
            _print_lines(asked, by=by, org=org, type=type)
        else:
            _redraw_frames(asked, by=by, org=org, type=type)
    except KeyboardInterrupt:
        return


def _redraw_frames(asked: Askable, **question: str | None) -> None:
    seen = draw_frame(asked, **question)  # the first question's misuse is an error, not a redraw
    with Live(seen, console=open_console(), auto_refresh=False, vertical_overflow="ellipsis") as live:
        while True:
            time.sleep(REFRESH_SECONDS)
            try:
                seen = draw_frame(asked, **question)
                live.update(seen, refresh=True)
            except Unavailable as error:
                live.update(Group(seen, Text(f"waiting: {error}", style="yellow")), refresh=True)


def draw_frame(asked: Askable, **question: str | None) -> RenderableType:
    """Draw one picture: how fresh it is, and the balances with their movement."""
    answer = asked.ask(CountQuery, **question)
    movement = asked.ask(MovementQuery, seconds=str(SECONDS_USUALLY), **question)
    return Group(Text(describe_freshness(movement)), draw_disruptions(answer, moved=movement["rows"]))


def describe_freshness(movement: AnswerJson) -> str:
    """Say how far back the movement goes, and how old the newest of it is."""
    span = f"moved: the last {int(movement['seconds']) // 60} minutes"
    if movement["age_seconds"] is None:
        return f"{span}; nothing is stored yet. Ctrl-C ends."
    return f"{span}; newest event {float(movement['age_seconds']):,.1f} s ago. Ctrl-C ends."


def _print_lines(asked: Askable, **question: str | None) -> None:
    answer = asked.ask(CountQuery, **question)  # as above
    before: Any = None
    while True:
        if answer["position"] != before:
            print(json.dumps(answer), flush=True)  # noqa: T201  (stdout is this command's product)
        before = answer["position"]
        time.sleep(REFRESH_SECONDS)
        with suppress(Unavailable):
            answer = asked.ask(CountQuery, **question)
