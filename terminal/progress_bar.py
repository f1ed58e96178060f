"""How far a command is: a bar with its rate and the time left, on a terminal; nothing elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from terminal.tables import open_console

RATE: Final = "{task.fields[rate]:,.0f}/s"


@contextmanager
def show_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error while the block lasts; gives what is told how much is done, of how much."""
    terminal = open_console(error=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn(RATE), TimeRemainingColumn())
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task, began = bar.add_task(what, total=None, rate=0), time.monotonic()

        def show_done(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, rate=done / max(time.monotonic() - began, 0.001))

        yield show_done
