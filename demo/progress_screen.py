"""The live picture while the year is admitted: progress, and lead and support in tables of their own.

On a terminal it is redrawn in place; elsewhere a plain line is printed now and then. Every count is an answer of the
read API; what has moved is the difference from the answer before it.
"""

import time
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ledger.errors import Unavailable
from queries.balance_queries import CountQuery
from queries.client import Askable
from queries.record_queries import PositionQuery

FRAME_SECONDS = 0.4
LINE_SECONDS = 2.0
STALLED_SECONDS = 45.0  # without one more event published or stored
REGION_WIDTH = 24


class WatchedFeed(Protocol):
    """What is being published, as far as the screen looks at it."""

    total: int
    acknowledged: int  # events that the broker has confirmed

    def check(self) -> bool:
        """Return whether all is acknowledged; raise what went wrong."""
        ...


class ProgressFrame(NamedTuple):
    """One look at the ledger."""

    seconds: float
    acknowledged: int
    stored: int
    lead: Mapping[str, int]
    support: Mapping[str, int]
    lead_moved: Mapping[str, int]
    support_moved: Mapping[str, int]

    def drop_movement(self) -> "ProgressFrame":
        """Return the same without its movement."""
        return self._replace(lead_moved={}, support_moved={})


class ProgressWatch:
    """Looks at the ledger again and again, and remembers the look before."""

    def __init__(self, asked: Askable, feed: WatchedFeed) -> None:
        self._asked = asked
        self._feed = feed
        self._started = self._moved_at = time.monotonic()
        self._progress = (0, 0)
        self._lead: Mapping[str, int] = {}
        self._support: Mapping[str, int] = {}

    def take_frame(self) -> tuple[ProgressFrame, bool]:
        """Return a frame, and whether everything published is stored."""
        sent = self._feed.check()
        stored, published = self._ask_positions()
        self._refuse_stall((self._feed.acknowledged, stored))
        lead, support = self._count_by_region("lead"), self._count_by_region("support")
        frame = ProgressFrame(
            time.monotonic() - self._started,
            self._feed.acknowledged,
            stored,
            lead,
            support,
            _find_moved(self._lead, lead),
            _find_moved(self._support, support),
        )
        self._lead, self._support = lead, support
        return frame, sent and stored >= published >= self._feed.total

    def _refuse_stall(self, progress: tuple[int, int]) -> None:
        if progress != self._progress:
            self._progress, self._moved_at = progress, time.monotonic()
        elif time.monotonic() - self._moved_at > STALLED_SECONDS:
            raise Unavailable(f"nothing has moved for {STALLED_SECONDS:g} s: see logs/ under the state directory")

    def _ask_positions(self) -> tuple[int, int]:
        body = self._asked.ask(PositionQuery)
        return sum(body["stored"].values()), sum(body["published"].values())

    def _count_by_region(self, type: str) -> dict[str, int]:
        return {
            str(row["region"]): int(row["n"]) for row in self._asked.ask(CountQuery, by="region", type=type)["rows"]
        }


def watch_until_stored(console: Console, asked: Askable, feed: WatchedFeed) -> ProgressFrame:
    """Show the ledger filling until all that is published is stored; returns the last look.

    Raises:
        Unavailable: nothing moves any more.
    """
    watch = ProgressWatch(asked, feed)
    return _redraw_frames(console, watch, feed) if console.is_terminal else _print_lines(console, watch, feed)


def _redraw_frames(console: Console, watch: ProgressWatch, feed: WatchedFeed) -> ProgressFrame:
    with Live(console=console, auto_refresh=False) as live:
        while True:
            frame, done = watch.take_frame()
            frame = frame.drop_movement() if done else frame
            live.update(draw_frame(frame, feed.total), refresh=True)
            if done:
                return frame
            time.sleep(FRAME_SECONDS)


def _print_lines(console: Console, watch: ProgressWatch, feed: WatchedFeed) -> ProgressFrame:
    while True:
        frame, done = watch.take_frame()
        console.print(format_line(frame, feed.total))
        if done:
            console.print(Group(Text(), draw_tables(frame.drop_movement())))
            return frame
        time.sleep(LINE_SECONDS)


def format_line(frame: ProgressFrame, total: int) -> str:
    """Format a frame on one line; lead and support apart."""
    return (
        f"{frame.seconds:5.1f} s  published {frame.acknowledged:>6,} of {total:,}  stored {frame.stored:>6,}"
        f"  lead {sum(frame.lead.values()):>6,}  support {sum(frame.support.values()):>5,}"
    )


def draw_frame(frame: ProgressFrame, total: int) -> RenderableType:
    """Draw a frame for a terminal."""
    bars = Table.grid(padding=(0, 1))
    for name, n in (("published", frame.acknowledged), ("stored", frame.stored)):
        bars.add_row(name, ProgressBar(total, min(n, total), width=40), f"{n:,} of {total:,}")
    return Group(bars, Text(), draw_tables(frame), Text(f"{frame.seconds:.1f} s", style="dim"))


def draw_tables(frame: ProgressFrame) -> RenderableType:
    """Draw lead and support side by side, each with a total of its own."""
    both = Table.grid(padding=(0, 3))
    both.add_row(
        _draw_table("LEAD", frame.lead, frame.lead_moved), _draw_table("SUPPORT", frame.support, frame.support_moved)
    )
    return both


def _draw_table(title: str, counts: Mapping[str, int], moved: Mapping[str, int]) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=0, show_footer=True)
    table.add_column(f"{title}, counted", "Total", width=REGION_WIDTH, no_wrap=True)
    table.add_column("n", f"{sum(counts.values()):,}", justify="right", no_wrap=True, min_width=6)
    if any(moved.values()):
        table.add_column("+/-", f"{sum(moved.values()):+,}", justify="right", no_wrap=True, min_width=6)
    for region, n in sorted(counts.items()):
        movement = [f"{moved[region]:+,}" if moved[region] else ""] if any(moved.values()) else []
        table.add_row(region, f"{n:,}", *movement)
    return table


def _find_moved(before: Mapping[str, int], after: Mapping[str, int]) -> Mapping[str, int]:
    return Counter({region: n - before.get(region, 0) for region, n in after.items()})
