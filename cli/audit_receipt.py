"""``disruptions audit receipt``: what somebody takes away, to check it without us."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from audit.receipts import LedgerReceipt, write_receipt
from cli.audit_publish_figure import FirstDay, LastDay, Standing, Threats, ask_by
from infra.settings import Settings, load_settings
from ledger.errors import Misuse
from proofs.errors import NotValid
from queries.client import Client, open_client
from queries.figure_question import FigureQuestion
from services.receipts import make_event_receipt, make_figure_receipt, make_published_receipt
from terminal.exit_codes import NOT_FINE, print_error
from terminal.options import DEFAULT_STATE, AsAt, By, KnownAt, Org, State, Type
from terminal.tables import open_console

SUFFIX = ".receipt.json"


def write_audit_receipt(
    event: Annotated[str | None, typer.Option("--event", metavar="ID", help="Receipt of an event, by its id.")] = None,
    figure_id: Annotated[
        str | None, typer.Option("--figure-id", metavar="ID", help="Receipt of a published figure, by its id.")
    ] = None,
    figure: Annotated[bool, typer.Option("--figure", help="Receipt of a figure; then as for extract:")] = False,
    first: FirstDay = None,
    last: LastDay = None,
    as_at: AsAt = None,
    known_at: KnownAt = None,
    by: By = None,
    type: Type = None,
    standing: Standing = None,
    org: Org = None,
    threats: Threats = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="A new NAME.receipt.json. Default: standard output."),
    ] = None,
    state: State = DEFAULT_STATE,
) -> None:
    """Write a receipt of an event or of a figure, to be checked by anyone.

    Of an event: its output as the ledger keeps it, and the proof that it is in
    the log that seals the ledger. Of a published figure: its record, and the
    same proof. Of any figure: what is counted, how, both
    instants, every cell, and the digest over the legs that it is made of.
    Exit 1 where what is stored is not what the topics hold.

    \b
    Example: disruptions audit receipt --event 7f0c...-... --out event.receipt.json
             disruptions audit receipt --figure-id 3f9a... --out f.receipt.json
             disruptions audit receipt --figure --from 2021-07-01 \\
               --to 2022-06-30 --as-at 2022-07-04 --known-at 2022-07-04 \\
               --by org --out year.receipt.json
    """
    _hold_out(out)
    if [event is not None, figure_id is not None, figure].count(True) != 1:
        raise Misuse("say --event ID, --figure-id ID or --figure, one of them")
    asked = (first, last, as_at, known_at, by, type, standing, org)
    if not figure and (threats or any(one is not None for one in asked)):
        raise Misuse("--event and --figure-id go with --out and --state alone: the other options are of --figure")
    question = ask_by(*asked, threats=threats) if figure else None
    settings = load_settings(state)
    try:
        receipt = (
            make_published_receipt(settings, figure_id)
            if figure_id is not None
            else make_receipt(settings, open_client(state), event or question)
        )
    except NotValid as error:
        print_error(str(error))
        raise typer.Exit(NOT_FINE) from None
    _write_out(out, write_receipt(receipt))


def _hold_out(out: Path | None) -> None:
    if out is not None and not out.name.endswith(SUFFIX):
        raise Misuse(f"--out: a receipt's name ends with {SUFFIX}")
    if out is not None and out.exists():
        raise Misuse(f"--out: {out} is there already; name a new file")


def make_receipt(settings: Settings, client: Client, asked: str | FigureQuestion | None) -> LedgerReceipt:
    """Make the receipt of an event, by its id, or of a figure. Raises NotValid, Misuse, Unavailable."""
    if isinstance(asked, FigureQuestion):
        return make_figure_receipt(settings, client, asked)
    return make_event_receipt(settings, client, asked or "")


def _write_out(out: Path | None, content: bytes) -> None:
    if out is None:
        sys.stdout.write(content.decode())
        return
    with open(out, "xb", opener=open_for_owner) as stream:
        stream.write(content)
    open_console().print(f"{out}: check it with `disruptions audit verify {out}`", soft_wrap=True)


def open_for_owner(path: str, flags: int) -> int:
    """Open a file that nobody else may read: a receipt holds what it is of."""
    return os.open(path, flags, 0o600)
