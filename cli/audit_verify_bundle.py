"""``disruptions audit verify-bundle``: check a bundle as its own ``verify.py`` does, by this software's copy of it."""

from pathlib import Path
from typing import Annotated

import typer

from audit.offline_verifier import main
from ledger.errors import Misuse
from proofs.keys import parse_verifier
from terminal.options import Json

Keys = Annotated[
    list[str] | None, typer.Option("--key", metavar="VKEY", help="The log's key, as you know it. May stand repeatedly.")
]
Witnesses = Annotated[
    list[str] | None, typer.Option("--witness", metavar="VKEY", help="A witness's key. May stand repeatedly.")
]


def verify_audit_bundle(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The bundle.", show_default=False)],
    key: Keys = None,
    witness: Witnesses = None,
    quorum: Annotated[
        int, typer.Option("--quorum", min=0, metavar="N", help="How many witnesses must have cosigned.")
    ] = 0,
    manifest: Annotated[
        str | None, typer.Option("--manifest", metavar="SHA256", help="The manifest's digest, as you were told it.")
    ] = None,
    all_signatures: Annotated[
        bool, typer.Option("--all-signatures", help="Check every checkpoint's signature, not 1,000 of them.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check a bundle, offline: valid, or the first thing that is not.

    The same program lies in every bundle as verify.py and needs nothing but
    Python. This runs the copy that came with this software, so that a bundle
    is not believed because of a program that came with it. Exit 1 where it is
    not valid.

    \b
    Example: disruptions audit verify-bundle audit-2022 --key "$LOG_KEY"
             python3 -I audit-2022/verify.py --key "$LOG_KEY"
    """
    if not directory.is_dir():
        raise Misuse(f"{directory} is no directory: name the one that `disruptions audit bundle` made")
    for one in (*(key or ()), *(witness or ())):
        parse_verifier(one)
    arguments = [str(directory), "--quorum", str(quorum)]
    arguments += [part for one in key or () for part in ("--key", one)]
    arguments += [part for one in witness or () for part in ("--witness", one)]
    arguments += [] if manifest is None else ["--manifest", manifest]
    arguments += ["--all-signatures"] * all_signatures + ["--json"] * as_json
    code = main(arguments)
    if code:
        raise typer.Exit(code)
