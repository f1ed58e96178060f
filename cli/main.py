"""The console script ``disruptions``."""

import sys
import threading
from typing import Annotated, Any

import typer

from cli.commands import CommandGroup
from infra.output_streams import flush_errors
from terminal.exit_codes import judge_error, print_error
from terminal.standard_streams import flush_output, hold_streams

INTERRUPTED = 130  # as shells say it

app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415  (only when asked: start-up stays quick)

        typer.echo(version("disruption-ledger"))
        raise typer.Exit


@app.callback()
def disruptions(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """The ledger of disruptions of serious and organised crime.

    \b
    Example: disruptions up
             disruptions publish year.ndjson && disruptions wait
             disruptions counts --by org,pillar

    Exit codes: 0 fine; 1 something was refused, differs or is incomplete;
    2 misuse; 3 the broker, the registry or the store is not available, or the
    machine failed (a full disk, an output that cannot be written).
    """


def main() -> None:
    """Run the console script: whatever happens, an exit code and at most one line of trouble."""
    hold_streams()
    threading.excepthook = sys.unraisablehook = _tell_aside
    code = _finish_output(_run_command())
    flush_errors()
    sys.exit(code)


def _run_command() -> int:
    try:
        app()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return _judge_error(error)
    return 0


def _finish_output(code: int) -> int:
    """Print what is still to be printed; a failure of that is told where nothing was told yet."""
    try:
        flush_output()
    except OSError as error:
        return code or _judge_error(error)
    return code


def _tell_aside(found: Any) -> None:
    """Report an error of a thread, or of something that was being thrown away: the command goes on."""
    if isinstance(found.exc_value, Exception):
        _judge_error(found.exc_value)


def _judge_error(error: Exception) -> int:
    sentence, code = judge_error(error, None)
    print_error(sentence)
    return code


if __name__ == "__main__":
    main()
