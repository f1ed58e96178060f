"""``disruptions audit seals``: how far the ledger is sealed, and whether tiles and topics are what was sealed."""

from functools import partial
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from infra.settings import load_settings
from ledger.errors import Misuse
from proofs.errors import NotValid
from proofs.keys import parse_verifier
from proofs.notes import SignedNote, parse_note
from queries.topic_reading import CHECKPOINTS_READ, name_unread
from queries.waiting import CALL_TIMEOUT_SECONDS
from seals.directory import open_files
from seals.inspection import LogInspection, inspect_log
from seals.ledger_log import open_log, read_sealed
from seals.succession import FollowedLog, read_followed
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, Json, State
from terminal.progress_bar import show_progress
from terminal.tables import draw_facts, open_console, print_json

Key = Annotated[
    list[str] | None, typer.Option("--key", metavar="VKEY", help="The log's verifier key; else that of its directory.")
]
Witness = Annotated[
    list[str] | None, typer.Option("--witness", metavar="VKEY", help="A witness's verifier key; may be repeated.")
]
Quorum = Annotated[
    int, typer.Option("--quorum", min=0, metavar="N", help="So many of them must have cosigned the checkpoint.")
]
Tiles = Annotated[
    str | None, typer.Option("--tiles", metavar="PLACE", help="The log's files: a directory or an http address.")
]
After = Annotated[
    str | None,
    typer.Option("--after", metavar="PLACE", help="The files of the log that it follows: a directory, or http."),
]


def show_seals(
    full: Annotated[bool, typer.Option("--full", help="Compare with the topics, too.")] = False,
    key: Key = None,
    witness: Witness = None,
    quorum: Quorum = 0,
    tiles: Tiles = None,
    after: After = None,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Show how far the ledger is sealed, and verify the log.

    Every checkpoint's signature, every tile, and that each checkpoint goes on
    from the one before. Exit 1 when anything is not as it was sealed.

    \b
    Example: disruptions audit seals
             disruptions audit seals --full
             disruptions audit seals --witness VKEY --witness VKEY --quorum 1
    """
    settings = load_settings(state)
    keys = [parse_verifier(one) for one in key or ()]
    with name_unread(CHECKPOINTS_READ):
        log = open_log(settings, keys, open_files(tiles) if tiles else None, patience=CALL_TIMEOUT_SECONDS)
    with show_progress("verify") as progress:
        found = inspect_log(
            log,
            witnesses=[parse_verifier(one) for one in witness or ()],
            quorum=quorum,
            read_outputs=partial(read_sealed, settings) if full else None,
            progress=progress,
        )
    found.note_followed(read_followed(settings, log.history, *([read_last(after)] if after else [])))
    if as_json:
        print_json(found.make_body())
    else:
        open_console().print(draw_inspection(found))
    if found.faults:
        raise typer.Exit(NOT_FINE)


def read_last(place: str) -> SignedNote:
    """Read the last checkpoint of the log before, to hold to it what the log says of that. Raises Misuse."""
    try:
        return parse_note(open_files(place).read_checkpoint())
    except NotValid as error:
        raise Misuse(f"--after: {error}") from None


def describe_followed(followed: FollowedLog) -> str:
    """Describe which log it follows."""
    return f"{followed.head.key.name}, which ended with {followed.head.size:,} leaves, as this log says"


def draw_inspection(found: LogInspection) -> RenderableType:
    """Draw it for people."""
    if found.newest is None:
        return Group(Text("Nothing is sealed yet.", style="bold"), *map(Text, found.faults))
    body = found.make_body()
    looked = "Topics and tiles" if found.outputs is not None else "The log's tiles"
    heading = (
        f"{len(found.faults):,} things are not as they were sealed:"
        if found.faults
        else f"{looked} are as they were sealed."
    )
    facts = {
        "log": body["log"],
        "sealed": f"{body['size'] - (body['figures'] or 0):,} outputs at {body['sealed_at']}",
        "figures": "none is sealed" if body["figures"] is None else f"{body['figures']:,} published figures are sealed",
        "positions": ", ".join(f"{partition}:{end}" for partition, end in body["positions"].items()),
        "root": body["root"],
        **({} if found.followed is None else {"follows": describe_followed(found.followed)}),
        "verified": f"{found.tiles:,} tiles, {found.checkpoints:,} checkpoints",
        "topics": "not compared (--full)" if found.outputs is None else f"{found.outputs:,} leaves compared",
        "cosigned": ", ".join(f"{name} at {at}" for name, at in found.witnesses.items()) or "by none that was named",
    }
    parts: list[RenderableType] = [Text(heading, style="bold"), draw_facts(facts)]
    parts += [Text(f"- {fault}") for fault in found.faults]
    if found.followed is not None:
        parts += [Text(f"checked: {one}") for one in found.followed.checked]
        parts += [Text(f"not checked: {one}", style="yellow") for one in found.followed.not_checked]
    return Group(*parts)
