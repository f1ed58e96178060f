"""``disruptions wait``: until everything published so far is stored."""

import time
from typing import Annotated

import typer

from ledger.errors import Unavailable
from queries.client import Client, open_client
from queries.health_answers import PositionAnswer
from queries.record_queries import PositionQuery
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import draw_facts, format_positions, open_console, print_json

POLL_SECONDS = 0.2


def wait_until_stored(
    timeout: Annotated[float, typer.Option("--timeout", metavar="S", min=0, help="Give up after S seconds.")] = 60,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Return when everything published so far is stored, and print the positions.

    Exit 1 when that takes longer than the timeout, 3 when nobody answers.

    \b
    Example: disruptions publish year.ndjson && disruptions wait --timeout 120
    """
    body, done, undecided = await_stored(open_client(state), time.monotonic() + timeout)
    if as_json:
        print_json(body)
    else:
        open_console().print(draw_facts({name.capitalize(): format_positions(found) for name, found in body.items()}))
    if undecided:
        open_console(error=True).print(
            "disruptions: a transaction is open; what lies from these positions on is not published yet: "
            f"{format_positions(undecided)}"
        )
    if not done:
        behind = sum(max(0, end - body["stored"].get(p, 0)) for p, end in body["published"].items())
        open_console(error=True).print(
            f"disruptions: {behind:,} of what was published are not stored after {timeout:g} s"
        )
        raise typer.Exit(NOT_FINE)


def await_stored(asked: Client, deadline: float) -> tuple[dict[str, dict[str, int]], bool, dict[str, int]]:
    """Return the positions once they reach what was published by now, whether they have; what is open.

    What turns out to be no record (``published`` goes back to what is stored) is not waited for. The part that answers
    may be restarting meanwhile; that is waited for too.
    """
    aim = _ask_positions(asked, deadline)["published"]
    while True:
        found = _ask_positions(asked, deadline)
        stored, published = found["stored"], found["published"]
        aim = {partition: min(end, published.get(partition, end)) for partition, end in aim.items()}
        done = all(stored.get(partition, 0) >= end for partition, end in aim.items())
        if done or time.monotonic() >= deadline:
            return {"stored": stored, "published": aim}, done, found["undecided"]
        time.sleep(POLL_SECONDS)


def _ask_positions(asked: Client, deadline: float) -> PositionAnswer:
    while True:
        try:
            return asked.ask(PositionQuery)
        except Unavailable:
            if time.monotonic() >= deadline:
                raise
            time.sleep(POLL_SECONDS)
