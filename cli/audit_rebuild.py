"""``disruptions audit rebuild``: the stored tables built anew from the topics, compared, and switched to at once."""

from functools import partial
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from audit.approval import digest_differences
from audit.certificate import make_certificate
from audit.findings import ReplayReport
from audit.replay import NOT_COMPLETE, ReplayOptions, replay_ledger
from cli.audit_replay import draw_verdict
from cli.rebuild_watching import await_following
from infra.groups import name_rebuild_group
from infra.settings import Settings, load_settings
from ledger.errors import Misuse, Unavailable
from queries.api_client import ApiClient
from queries.audited import AuditedStore
from queries.client import report_nothing_runs
from queries.rebuild_answer import NEXT, RATE_MOST, RebuildAnswer
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, Json, State
from terminal.progress_bar import show_progress
from terminal.tables import open_console, print_json


def rebuild_tables(
    rate: Annotated[
        int, typer.Option("--rate", min=0, max=RATE_MOST, metavar="N", help="Records a second; 0: as fast as it goes.")
    ] = 0,
    approve: Annotated[
        str | None, typer.Option("--approve", metavar="DIGEST", help="Switch with exactly the differences of DIGEST.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=0, metavar="N", help="Differences to show; only what is shown is approved.")
    ] = 1_000,
    check: Annotated[bool, typer.Option("--no-switch", help="Build and compare; then go on following.")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Build no more, and drop what was built.")] = False,
    drop_old: Annotated[bool, typer.Option("--drop-old", help="Drop the tables of before the last switch.")] = False,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Build the stored tables anew from Kafka, compare them, and switch to them.

    \b
    The running service builds them beside those that everybody reads, while events
    arrive. Once they have caught up, they are compared as `audit replay` does, and
    shown to everybody at once: where nothing differs, or where you approve exactly
    the differences that were shown. The old ones are kept until --drop-old.
    Stopped, or killed, it goes on when it is called again. Exit 1: not switched.

    \b
    Example: disruptions audit rebuild
             disruptions audit rebuild --rate 5000
             disruptions audit rebuild --drop-old
    """
    settings = load_settings(state)
    client = open_service(settings)
    if cancel and drop_old:
        raise Misuse("--cancel drops what is being built, --drop-old what was shown before: one at a time")
    if cancel or drop_old:
        found = client.advance_rebuild("cancel" if cancel else "drop-old")
        show_outcome(found, None, as_json=as_json, said="Cancelled." if cancel else "The old tables are dropped.")
        return
    building = client.advance_rebuild("begin", rate=str(rate))["building"] or 0
    await_following(client)
    verdict = compare_next(settings, building, limit)
    is_allowed = judge_verdict(verdict, approve)
    if not is_allowed or check:
        said = describe_refusal(verdict) if not is_allowed else "Not switched, as asked; it goes on following."
        show_outcome(client.read_rebuild(), verdict, as_json=as_json, said=said)
        if not is_allowed:
            raise typer.Exit(NOT_FINE)
        return
    certificate = make_certificate(verdict, generation=building)
    found = client.switch_tables(certificate, digest_differences(verdict) or "")
    said = f"Generation {found['live']} is shown to everybody; {found['previous']} is kept until --drop-old."
    show_outcome(found, verdict, as_json=as_json, said=said)


def open_service(settings: Settings) -> ApiClient:
    """Open the way to the service that holds the store. Raises Misuse, Unavailable."""
    if settings.clickhouse_dsn is not None:
        raise Misuse(
            "CLICKHOUSE_DSN names a server, whose tables are built anew in a database of their own: nothing was begun; "
            "start `python -m services.builder` over an empty one (docs/operating.md, `A rebuild on a server`)"
        )
    if settings.read_api is None:
        raise report_nothing_runs(settings, "DISRUPTIONS_READ_API")
    return ApiClient(settings.read_api)


def compare_next(settings: Settings, building: int, limit: int) -> ReplayReport:
    """Compare what is being built with the replay.

    Raises:
        Unavailable: nobody answered, or not all of it could be compared yet.
    """
    open_store = partial(open_next, f"{settings.read_api}/v1/{NEXT}")
    with show_progress("replay") as progress:
        group = name_rebuild_group(str(building))
        options = ReplayOptions(limit=limit, open_store=open_store, progress=progress, loader_group=group)
        verdict = replay_ledger(settings, open_store(), options)
    if NOT_COMPLETE in verdict.notes:
        raise Unavailable(f"not switched: {NOT_COMPLETE}")
    return verdict


def open_next(address: str) -> AuditedStore:
    """Open what is being built; each process of a replay opens it for itself."""
    return AuditedStore(ApiClient(address))


def judge_verdict(verdict: ReplayReport, approve: str | None) -> bool:
    """Judge whether it may be switched to: nothing differs, or exactly what was approved.

    Raises:
        Misuse: something was approved, and it is not what differs.
    """
    found = digest_differences(verdict)
    if found == "":
        return True
    if approve is not None and approve != found:
        now = "not all of them are shown, see --limit" if found is None else f"their digest is {found}"
        raise Misuse(f"--approve: these are not the differences that are there now: {now}. Look at them again")
    return approve is not None


def describe_refusal(verdict: ReplayReport) -> str:
    """Say that it was not switched to, and how it may be."""
    found = digest_differences(verdict)
    if found is None:
        return "Not switched: it differs, and not every difference is shown; see them all with --limit."
    return f"Not switched: it differs. To switch with exactly these differences: --approve {found}"


def show_outcome(found: RebuildAnswer, verdict: ReplayReport | None, *, as_json: bool, said: str) -> None:
    """Show what came of it."""
    if as_json:
        body: dict[str, Any] = {"rebuild": found, "said": said}
        if verdict is not None:
            body |= {"digest": digest_differences(verdict), "replay": verdict.make_body()}
        print_json(body)
        return
    parts: list[RenderableType] = [] if verdict is None else [draw_verdict(verdict)]
    open_console().print(Group(*parts, Text(said)), soft_wrap=True)
