"""What ``disruptions publish`` shows while it sends: progress, refused rows, the summary.

A reader who goes away, such as ``head``, ends what is shown and never what is sent.
"""

import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infra.output_streams import drop_output
from ledger.errors import Unavailable
from producers.files import PublishSummary, RefusedRow

COUNT_BYTES: Final = 1 << 20
NOBODY_READS: Final = (errno.EPIPE, errno.EBADF)  # a reader that went away, an output that was closed
_PACKED: Final = (b"\x1f\x8b", b"PK")


class LastingConsole(Console):
    """A terminal that falls silent when nobody reads it any more."""

    def on_broken_pipe(self) -> None:
        """Show nothing from now on, instead of ending the program."""
        self.quiet = True
        drop_output(self.file)


class PublishScreen:
    """Both outputs of the command."""

    def __init__(self) -> None:
        self._out = LastingConsole(highlight=False, emoji=False, markup=False)
        self._terminal = LastingConsole(stderr=True, highlight=False, emoji=False, markup=False)

    @contextmanager
    def show_progress(self, paths: list[Path]) -> Iterator[Callable[[PublishSummary], None]]:
        """Show a bar on stderr where that is a terminal; refused rows are printed above it, wherever it is."""
        columns = (TextColumn("publish"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        shown = sys.stderr is not None and sys.stderr.isatty()
        with Progress(*columns, console=self._terminal, transient=True, disable=not shown) as bar:
            task = bar.add_task("publish", total=_count_rows(paths) if shown else None)
            yield lambda summary: bar.update(task, completed=summary.acknowledged + summary.refused_count)

    def print_refused(self, row: RefusedRow) -> None:
        """Print one line on stderr; an output that fails is no reason to stop sending."""
        try:
            self._terminal.print(f"refused {spell_refused(row)}", soft_wrap=True)
        except OSError:
            self._terminal.quiet = True

    def print_summary(self, summary: PublishSummary) -> None:
        """Print what was taken, and the counts."""
        for sentence in summary.taken:
            self._out.print(f"taken: {sentence}", soft_wrap=True)
        self._out.print(spell_counts(summary))

    def print_or_say(self, say: Callable[[], None], instead: str) -> None:
        """Say the last thing, and end quietly where nobody reads it: the work of this command is done.

        Raises:
            Unavailable: it cannot be written for another reason; says what is to be said ``instead``.
        """
        try:
            say()
            sys.stdout.flush()
        except OSError as error:
            drop_output(sys.stdout)
            if error.errno not in NOBODY_READS:
                raise Unavailable(f"standard output cannot be written ({error.strerror}): {instead}") from None


def spell_refused(row: RefusedRow) -> str:
    """Spell a refused row in one line."""
    where = f"row {row.number}" if row.last is None else f"rows {row.number} to {row.last}"
    return f"{row.file} {where}: {row.reason}"


def spell_counts(summary: PublishSummary) -> str:
    """Spell the two counts that every run ends with."""
    return f"{summary.acknowledged:,} acknowledged, {summary.refused_count:,} refused"


def _count_rows(paths: list[Path]) -> int | None:
    """Count about how many rows there are; unknown for a pipe and for what is packed."""
    if not all(path.is_file() for path in paths):
        return None
    counts = [_count_lines(path) for path in paths]
    return None if None in counts else sum(count or 0 for count in counts)


def _count_lines(path: Path) -> int | None:
    with path.open("rb") as file:
        first = file.read(COUNT_BYTES)
        if first.startswith(_PACKED):
            return None
        return first.count(b"\n") + sum(block.count(b"\n") for block in iter(lambda: file.read(COUNT_BYTES), b""))
