"""The console script ``disruptions``."""

from typing import Annotated

import typer

from cli.registry import CommandGroup

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
    2 misuse; 3 the broker, the registry or the store is not available.
    """


def main() -> None:
    """Run the console script."""
    app()


if __name__ == "__main__":
    main()
