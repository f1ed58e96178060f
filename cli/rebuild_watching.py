"""Waiting for the next generation of the tables to catch up, with its rate and the time left on a terminal."""

import time
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ledger.errors import Unavailable
from queries.api_client import ApiClient
from queries.rebuild_answer import NOBODY_BUILDS, RebuildAnswer
from terminal.tables import open_console

LOOK_SECONDS: Final = 0.25


def await_following(client: ApiClient) -> RebuildAnswer:
    """Wait until what is built has caught up; say what it waits for. Raises Unavailable: it is built no more."""
    columns = (TextColumn("rebuild"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[pace]}"))
    terminal = open_console(error=True)
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task, told = bar.add_task("rebuild", total=None, pace=""), None
        while True:
            found = client.read_rebuild()
            if found["trouble"] != told:
                told = found["trouble"]
                if told is not None:
                    terminal.print(f"waits: {told}", soft_wrap=True)
            bar.update(task, completed=found["done"], total=found["total"] or None, pace=describe_pace(found))
            if found["state"] == "FOLLOWING":
                return found
            if found["state"] == "NONE":
                raise Unavailable(NOBODY_BUILDS)
            time.sleep(LOOK_SECONDS)


def describe_pace(found: RebuildAnswer) -> str:
    """Describe how quickly it goes and how long it takes."""
    if not found["per_second"]:
        return ""
    left = f", {found['seconds_left']:,.0f} s left" if found["seconds_left"] else ""
    return f"{found['per_second']:,.0f} a second{left}"
