"""``disruptions audit bundle``: all that an auditor needs on a machine that is connected to nothing."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from audit.claims_file import load_claims
from infra.settings import load_settings
from ledger.errors import Misuse
from ledger.instants import count_days, count_millis, format_for_people
from proofs.keys import parse_verifier
from queries.parsing import parse_date, parse_instant
from services.bundle.making import BundleRequest, make_bundle
from services.bundle.outputs import BundlePeriod
from services.bundle.writing import WrittenBundle
from terminal.options import DEFAULT_STATE, AsAt, Json, State
from terminal.progress_bar import show_progress
from terminal.tables import draw_facts, open_console, print_json

LONDON_CLAIMS = "london.toml"


def make_audit_bundle(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where it is made; new, or an empty directory.")],
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First event date; other entries are hashes alone.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last event date, included.")] = None,
    as_at: AsAt = None,
    known_at: Annotated[
        str | None,
        typer.Option("--known-at", metavar="INSTANT", help="Of its figures. Default: the last that is all sealed."),
    ] = None,
    witness: Annotated[
        list[str] | None, typer.Option("--witness", metavar="VKEY", help="A witness's key. May stand repeatedly.")
    ] = None,
    quorum: Annotated[
        int, typer.Option("--quorum", min=0, metavar="N", help="End with the newest checkpoint that has N.")
    ] = 0,
    claims: Annotated[
        list[Path] | None,
        typer.Option("--claims", metavar="FILE", help="A claims file to put in, beside London's."),
    ] = None,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Make an audit bundle: records, seals, figures, a report, and verify.py.

    Whoever has it can check it offline with Python alone. It is made whole or
    not at all. Give its manifest's SHA-256, and the log's key, to the auditor
    by another way than the bundle. It holds events as forces recorded them:
    docs/auditing.md says who may have it.

    \b
    Example: disruptions audit bundle --out audit-2022
             disruptions audit bundle --from 2021-07-01 --to 2022-06-30 \\
               --out audit-2022
    """
    request = BundleRequest(
        out,
        read_period(first, last),
        None if as_at is None else count_millis(parse_instant(as_at, "as-at")),
        None if known_at is None else count_millis(parse_instant(known_at, "known-at")),
        [parse_verifier(one) for one in witness or ()],
        quorum,
        read_claims(claims or []),
    )
    with show_progress("bundle") as progress:
        written = make_bundle(load_settings(state), request, progress)
    if as_json:
        print_json({"out": str(out), "manifest_sha256": written.digest, **written.said})
    else:
        open_console().print(draw_bundle(out, written))


def read_period(first: str | None, last: str | None) -> BundlePeriod | None:
    """Read the period; None where none is given. Raises Misuse."""
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise Misuse("--from and --to go together: a period has a first and a last event date")
    start, end = parse_date(first, "from"), parse_date(last, "to")
    if start > end:
        raise Misuse("--from is after --to")
    return BundlePeriod(count_days(start), count_days(end))


def read_claims(paths: list[Path]) -> dict[str, bytes]:
    """Read claims files, London's first. Raises Misuse: one is none, or two have one name."""
    found = {LONDON_CLAIMS: files("audit").joinpath(LONDON_CLAIMS).read_bytes()}
    for path in paths:
        load_claims(path)
        if path.name in found:
            raise Misuse(f"--claims: two files are called {path.name}")
        found[path.name] = path.read_bytes()
    return found


def draw_bundle(out: Path, written: WrittenBundle) -> RenderableType:
    """Draw what was made, and what the auditor is to be told."""
    said, outputs = written.said, written.said["outputs"]
    dates = said["dates"]
    facts = {
        "Event dates": f"{dates[0]} to {dates[1]}, both included" if dates else "all",
        "As at": format_for_people(said["as_at"]),
        "Known at": format_for_people(said["known_at"]),
        "Entries": f"{outputs['entries']:,}",
        "Rejections": f"{outputs['rejected']:,}",
        "Hashes only": f"{outputs['withheld']:,}",
        "Log": f"{said['log']}, {said['size']:,} leaves, {said['checkpoints']:,} checkpoints",
        "Keys": " ".join(said["keys"]),
        "Manifest": written.digest,
    }
    title = Text(f"OFFICIAL-SENSITIVE\nAudit bundle in {out}", style="bold")
    told = "Give the auditor the key and the manifest's SHA-256 by another way than the bundle."
    check = f"Check it: python3 -I {out}/verify.py --key KEY --manifest {written.digest}"
    return Group(title, draw_facts(facts), Text(told), Text(check))
