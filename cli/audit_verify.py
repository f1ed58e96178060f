"""``disruptions audit verify``: a receipt checked, and said what was not."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from audit.receipt_checks import TrustedKeys
from audit.receipts import LARGEST_RECEIPT_BYTES
from infra.settings import load_settings
from ledger.errors import Misuse
from proofs.keys import VerifierKey, parse_verifier
from seals.keys import locate_seals, read_verifiers
from services.bundle_evidence import BundleEvidence
from services.receipt_verifying import ReceiptOutcome, ReceiptVerdict, ReceiptVerifier
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import open_console, print_json

STYLES = {ReceiptOutcome.VALID: "bold green", ReceiptOutcome.NOT_VALID: "bold red"}


def verify_audit_receipt(
    file: Annotated[Path, typer.Argument(metavar="RECEIPT", help="A file that audit receipt wrote.")],
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="VKEY", help="A key of the log that you trust. Default: this ledger's own."),
    ] = None,
    witness: Annotated[
        list[str] | None, typer.Option("--witness", metavar="VKEY", help="A witness that you trust.")
    ] = None,
    quorum: Annotated[
        int | None, typer.Option("--quorum", min=1, metavar="N", help="Cosignatures to demand. Default: of all named.")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", metavar="DIR", help="An audit bundle that holds what the receipt is of.")
    ] = None,
    online: Annotated[bool, typer.Option("--online", help="Ask this ledger's log and topics too.")] = False,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Verify a receipt: exit 0 where it is valid, 1 where it is not, or where what it is about was not checked.

    Says what was checked, and what was not. A receipt of an event is checked by
    its keys alone; a figure has to be added up again: --bundle, or --online.

    \b
    Example: disruptions audit verify event.receipt.json --key VKEY
             disruptions audit verify year.receipt.json --key VKEY \\
               --bundle audit-2022
             disruptions audit verify year.receipt.json --online
             disruptions audit verify event.receipt.json --key VKEY \\
               --witness VKEY --witness VKEY --quorum 2
    """
    settings = load_settings(state)
    logs = parse_keys("--key", key or ()) or read_verifiers(locate_seals(settings))
    if not logs:
        raise Misuse("--key: name the log's verifier key, as its keeper gave it to you: no log is known here")
    witnesses = parse_keys("--witness", witness or ())
    trusted = TrustedKeys(logs, witnesses, quorum if quorum is not None else len(witnesses))
    evidence = None if bundle is None else BundleEvidence(bundle, trusted)
    verdict = ReceiptVerifier(trusted, settings if online else None, evidence).verify_receipt(read_file(file))
    if as_json:
        print_json(verdict.make_body())
    else:
        open_console().print(draw_verdict(verdict))
    if verdict.outcome is not ReceiptOutcome.VALID:
        raise typer.Exit(NOT_FINE)


def parse_keys(option: str, texts: Sequence[str]) -> list[VerifierKey]:
    """Parse verifier keys of an option. Raises Misuse."""
    try:
        return [parse_verifier(text) for text in texts]
    except Misuse as error:
        raise Misuse(f"{option}: {error}") from None


def read_file(file: Path) -> bytes:
    """Read a receipt's file, and no more than a receipt can have. Raises Misuse."""
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST_RECEIPT_BYTES + 1)
    except OSError as error:
        raise Misuse(f"{file}: {error.strerror}; name a receipt") from error


def draw_verdict(verdict: ReceiptVerdict) -> RenderableType:
    """Draw the verdict, what was checked, and what was not."""
    head = Text(verdict.outcome.value.upper(), style=STYLES.get(verdict.outcome, "bold yellow"))
    if verdict.fault:
        head.append(f": {verdict.fault}")
    checked = [Text(f"checked: {one}") for one in verdict.checked]
    return Group(head, *checked, *(Text(f"not checked: {one}", style="yellow") for one in verdict.not_checked))
