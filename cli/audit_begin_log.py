"""``disruptions audit begin-log``: another log after one that cannot go on; it says which was before."""

from pathlib import Path
from typing import Annotated

import typer

from infra.settings import load_settings
from ledger.errors import Misuse
from proofs.checkpoints import FollowedHead
from proofs.errors import NotValid
from proofs.keys import parse_verifier
from seals.beginning import begin_after, find_last_head
from seals.directory import open_files
from seals.keys import read_secret_key
from seals.publishing import CheckpointPublisher
from terminal.exit_codes import NOT_FINE, print_error
from terminal.options import DEFAULT_STATE, State
from terminal.tables import open_console


def begin_next_log(
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="PLACE", help="The files of the log before: a directory, or an http address."),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="VKEY", help="A verifier key of that log. Default: those beside its files."),
    ] = None,
    old_key: Annotated[
        Path | None,
        typer.Option("--old-key", metavar="FILE", help="Its secret key, which signs too; where it is still there."),
    ] = None,
    follow_none: Annotated[
        bool, typer.Option("--follow-none", help="No log was before, whatever lies in soc.checkpoints.")
    ] = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Begin another log after one that cannot go on, and name that one in it.

    For a log whose key or whose checkpoints are lost for ever. Put its key, the
    verifier keys beside it and its directory away first. Every checkpoint of
    the new log names the last one of the log before; the first is signed by
    that log's key too, where you have it. The sealer then seals everything
    from the first output on.

    \b
    Example: disruptions audit begin-log --after old/seals --old-key old/seal.key
             disruptions audit begin-log --after https://seals.example/soc
    """
    settings = load_settings(state)
    if follow_none == (after is not None) or (follow_none and (key or old_key)):
        raise Misuse("say --after PLACE, with --key and --old-key if need be, or --follow-none")
    trusted = [parse_verifier(one) for one in key or ()]
    secret = None if old_key is None else read_secret_key(old_key)
    if old_key is not None and secret is None:
        raise Misuse(f"--old-key: {old_key} is missing")
    try:
        head = None if after is None else find_last_head(settings, open_files(after), trusted)
    except NotValid as error:
        print_error(str(error))
        raise typer.Exit(NOT_FINE) from None
    first = begin_after(settings, head, secret, CheckpointPublisher)
    open_console().print(describe_beginning(first.origin, head, signed=secret is not None), soft_wrap=True)


def describe_beginning(name: str, head: FollowedHead | None, *, signed: bool) -> str:
    """Describe what has begun, and what is to be done with it."""
    if head is None:
        return f"The log {name} has begun, and says of none that it follows it."
    also = "signed that too" if signed else "did not sign that: nobody but the new log's keeper says so"
    return (
        f"The log {name} has begun. It follows {head.key.name}, which ended with {head.size:,} leaves; the key of that "
        f"log {also}.\nGive its verifier key to whoever trusted the log before, with this line of its checkpoints:\n"
        f"follows {head}"
    )
