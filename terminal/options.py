"""Options that several commands share, spelled once."""

from pathlib import Path
from typing import Annotated

import typer

from methodology.dimensions import DIMENSIONS, THREAT_DIMENSIONS

STATE = "disruptions.state"  # under which a command's state directory is known to whoever tells of its end


def keep_state(context: typer.Context, state: Path) -> Path:
    """Return the state directory, remembered for whoever tells how the command ended."""
    context.meta[STATE] = state
    return state


State = Annotated[
    Path,
    typer.Option(
        "--state",
        envvar="DISRUPTIONS_STATE",
        metavar="DIR",
        help="Directory of the local whole.",
        readable=False,  # whoever opens it says what is wrong with it
        callback=keep_state,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="DIM,...",
        help=f"Dimensions: {', '.join(DIMENSIONS)}.",
    ),
]
ThreatsBy = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="DIM,...",
        help=f"Dimensions: {', '.join(THREAT_DIMENSIONS)}.",
    ),
]
Type = Annotated[
    str | None, typer.Option("--type", metavar="TYPE", help="lead (unless asked) or support; the two are never added.")
]
Org = Annotated[str | None, typer.Option("--org", metavar="ORG", help="One recording organisation, by its slug.")]
Region = Annotated[str | None, typer.Option("--region", metavar="REGION", help="One region, by its name.")]
AsAt = Annotated[
    str | None,
    typer.Option(
        "--as-at",
        metavar="INSTANT",
        help="As the record stood then, by the forces' clock; a date means its end in London. Default: now.",
    ),
]
KnownAt = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        metavar="INSTANT",
        help="As this ledger knew it then, by the broker's clock; a date means its end in London. Default: now.",
    ),
]
DEFAULT_STATE = Path(".state")
