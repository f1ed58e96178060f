"""``disruptions demo``: the whole of it in a minute, on a seeded national year.

    1. a fresh state directory; the local whole starts while the year is made
    2. the year is published, and the ledger watched while it admits it
    3. London's published figures beside the ledger's; the same year as at two instants; the rejections
    4. where to ask further; everything stops

Every count shown is an answer of the ledger. Exit 1 if one differs from what was published.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console

from demo import pages
from demo.fresh_directory import choose_directory, leave_marker
from demo.progress_screen import watch_until_stored
from demo.year_publisher import YearPublisher
from infra import logs
from infra.settings import Settings, load_settings
from ledger.errors import Misuse
from local.signals import stop_on_signals
from local.stack import LocalStack, run_stack
from queries.api_client import ApiClient
from synthetic import make_national_year
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE
from terminal.tables import open_console

YEAR = 2022
INTERRUPTED = 130  # as shells say it
FOREIGN = ("kafka_bootstrap_servers", "schema_registry_url", "clickhouse_dsn")


def demo(
    seed: Annotated[int, typer.Option(help="Every seed is another year with the same London.")] = 1,
    keep: Annotated[bool, typer.Option("--keep", help="Keep it running afterwards, until Ctrl-C.")] = False,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, metavar="N", help="Stream workers.")] = 1,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state",
            envvar="DISRUPTIONS_STATE",
            metavar="DIR",
            help="Directory of the local whole; what an earlier demo left in it is cleared. Default: .state.",
        ),
    ] = None,
) -> None:
    """Run the ledger end to end on this machine: a national year, live counts, London's figures.

    \b
    Starts the local whole, publishes a synthetic year, shows the counts while it
    is admitted, compares London's with the published figures, extracts the year
    as at two instants, lists the rejections, and stops. Exit 1 if a figure differs.

    \b
    Example: disruptions demo --keep
    """
    settings = build_settings(choose_directory(state, DEFAULT_STATE))
    agreed = None
    with stop_on_signals() as stopped, log_to_file(settings):
        agreed = run_demo(open_console(), settings, seed=seed, workers=workers, keep=stopped if keep else None)
    if agreed is not True:
        raise typer.Exit(INTERRUPTED if agreed is None else NOT_FINE)


@contextmanager
def log_to_file(settings: Settings) -> Iterator[None]:
    """Log this process beside its children: the screen is for the pages."""
    file = settings.state / "logs" / "demo.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as stream:
        logs.configure_log(settings, stream)
        yield


def build_settings(ground: Path) -> Settings:
    """Return the settings of a whole that is all the demo's own: made-up events never reach anybody's broker.

    Raises:
        Misuse: the environment names a broker, registry or store.
    """
    settings = load_settings(ground, recorded=False)
    named = [name.upper() for name in FOREIGN if getattr(settings, name) is not None]
    if named:
        raise Misuse(f"the demo publishes made-up events, so it runs all by itself: unset {', '.join(named)}")
    return settings


def run_demo(
    screen: Console, settings: Settings, *, seed: int, workers: int, keep: threading.Event | None = None
) -> bool:
    """Run the four steps; return whether every figure agrees. With ``keep``, wait for it before it stops.

    Args:
        screen: where to show it.
        settings: of an empty state directory.
        seed: of the year.
        workers: how many stream workers.
        keep: an event to wait for at the end; None ends at once.
    """
    started = monotonic()
    screen.print(pages.draw_welcome(seed, YEAR))
    try:
        with ThreadPoolExecutor(1) as maker:
            made = maker.submit(make_national_year, seed, YEAR)
            with run_stack(settings, workers=workers) as whole:
                screen.print(pages.describe_stack(whole.settings, monotonic() - started))
                known = _restore_given_path(whole, settings)
                agreed = _show_pages(screen, known, YearPublisher(whole, made.result()))
                leave_marker(settings.state)  # all is published: what comes during --keep is somebody's
                screen.print(pages.draw_farewell(known, monotonic() - started, kept=keep is not None), soft_wrap=True)
                if keep is not None:
                    _keep_running(whole, keep)
    finally:
        leave_marker(settings.state)
    return agreed


def _keep_running(whole: LocalStack, stopped: threading.Event) -> None:
    with suppress(KeyboardInterrupt):
        whole.wait_for(stopped)


def _restore_given_path(whole: LocalStack, settings: Settings) -> Settings:
    """Return where it runs, with the state directory as it was given: for people to copy."""
    return whole.settings.model_copy(update={"state": settings.state})


def _show_pages(screen: Console, settings: Settings, feed: YearPublisher) -> bool:
    asked = ApiClient(str(settings.read_api))
    feed.start()
    watch_until_stored(screen, asked, feed)
    agreed = True
    for page in (pages.show_london, pages.show_two_instants, pages.show_rejections):
        shown, right = page(asked, settings)
        screen.print(shown)
        agreed = agreed and right
    return agreed
