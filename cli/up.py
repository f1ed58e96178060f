"""``disruptions up``: the local whole until Ctrl-C or SIGTERM."""

import sys
from typing import Annotated

import structlog
import typer

from infra import logs
from infra.output_streams import drop_output
from infra.settings import Settings, load_settings
from local.signals import stop_on_signals
from local.stack import run_stack
from terminal.options import DEFAULT_STATE, State


def run_up(
    state: State = DEFAULT_STATE,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, max=64, metavar="N", help="Stream workers. Default: 1.")
    ] = None,
) -> None:
    """Start the local whole and keep it running; Ctrl-C or SIGTERM stops it cleanly, starting again resumes.

    \b
    Starts Apache Kafka (unless KAFKA_BOOTSTRAP_SERVERS names one), the topics,
    the stream workers, the loader, the read API and the pages, and restarts what ends.

    \b
    Example: disruptions up --workers 2
    """
    settings = load_settings(state, recorded=False)
    logs.configure_log(settings)
    with stop_on_signals() as stopped, run_stack(settings, workers=workers, log=structlog.get_logger()) as whole:
        print_addresses(whole.settings)
        whole.wait_for(stopped)


def print_addresses(settings: Settings) -> None:
    """Say where it runs; a standard output that cannot be written stops no ledger (``addresses.json`` says it too)."""
    lines = {
        "Kafka": settings.kafka_bootstrap_servers,
        "pages": f"{settings.read_api}/",
        "read API": f"{settings.read_api}/v1/openapi.json",
        "state": settings.state,
        "logs": settings.state / "logs",
    }
    try:
        for name, value in lines.items():
            typer.echo(f"{name:<9} {value}")
        typer.echo("Ready. Ctrl-C stops all of it; starting again resumes.")
    except OSError:
        drop_output(sys.stdout)
