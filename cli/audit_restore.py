"""``disruptions audit restore``: the topics of a lost cluster, made again from the store or a bundle."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from audit.offline_verifier import Inspection, inspect_bundle, read_arguments
from audit.replay import ReplayOptions, replay_ledger
from cli.audit_replay import draw_verdict
from infra.locks import DirectoryLock
from infra.settings import Settings, load_settings
from infra.topics import CHECKPOINTS
from ledger.errors import Misuse
from local.lone_broker import run_lone_broker
from queries.audited import AuditedStore
from queries.client import StoreClient
from schemas.registry import resolve_ids
from seals.keys import describe_put_away, locate_seals, read_verifiers
from services.restore import RestoreReport, restore_topics
from services.restore_bundle import BundleRestoreSource
from services.restore_seals import RestoredRoot, compare_root
from services.restore_source import StoreSource
from sinks.connections import DIRECTORY
from sinks.migration import migrate_store
from sinks.store import open_store
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, Json, State
from terminal.progress_bar import show_progress
from terminal.tables import open_console, print_json

SHOWN_DIFFERENCES = 20
LOCK = "restore.lock"


def restore_audit(
    bundle: Annotated[
        Path | None, typer.Option("--bundle", metavar="DIR", help="From a bundle of everything, not from the store.")
    ] = None,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Make the topics of a lost cluster again from the store or a bundle, and prove them.

    For a broker that lost its data while the store still has everything. Stop
    workers and service first. soc.published, soc.entries, soc.rejected and
    soc.alerts are written as they were: bytes, keys, headers, offsets, ledger
    times. It writes into empty topics alone; cut off, it is run again. All of
    it is read back and held against the store, and the replay follows.

    With --bundle the bundle is checked first, as audit verify-bundle does, and
    soc.checkpoints and soc.figures come back too. There is no replay then:
    start with an empty store, let it be loaded, and run audit replay.

    What nobody kept is named: originals that were rejected by size and digest.
    Exit 1: the replay found a difference, such as one of those, or the root
    over what was sealed is another than that of the log's directory.

    \b
    Example: disruptions audit restore
             KAFKA_BOOTSTRAP_SERVERS=kafka-1:9092 disruptions audit restore --json
             disruptions audit restore --bundle audit-2026
    """
    settings = load_settings(state, recorded=False)
    hold_source(settings, bundle)
    with (
        DirectoryLock(settings.state / LOCK, lambda holder: f"another restore is at work in {state} ({holder})"),
        run_lone_broker(settings) as reached,
        show_progress("restore") as progress,  # each record counts twice: written, and read back
    ):
        if bundle is None:
            report = restore_from_store(reached, progress)
        else:
            source = BundleRestoreSource(bundle, resolve_ids(reached), reached.partitions)
            report = restore_topics(reached, source, None, progress)
        root, verdict = compare_root(reached, with_figures=bundle is not None), None
        if bundle is None:
            options = ReplayOptions(limit=SHOWN_DIFFERENCES)
            verdict = replay_ledger(reached, AuditedStore(StoreClient(reached)), options)
    if as_json:
        said = {"seal": root and root._asdict(), "replay": verdict and verdict.make_body()}
        print_json(describe_report(report) | said)
    else:
        replayed = Text("Now load an empty store, and run audit replay.") if verdict is None else draw_verdict(verdict)
        log = [] if root is None or CHECKPOINTS in report.records else [draw_lost_log(reached)]
        open_console().print(Group(draw_report(report, root), *log, Text(""), replayed))
    if (verdict is not None and not verdict.agrees) or (root is not None and root.difference):
        raise typer.Exit(NOT_FINE)


def hold_source(settings: Settings, bundle: Path | None) -> None:
    """Make sure that there is a store, or a valid bundle: of this log, where one is known here. Raises Misuse."""
    if bundle is None:
        hold_store(settings)
    elif not bundle.is_dir():
        raise Misuse(f"{bundle} is no directory: name the one that `disruptions audit bundle` made")
    else:
        seals = locate_seals(settings)
        known = [f"--key={one}" for one in read_verifiers(seals)]
        fault = inspect_bundle(Inspection(bundle), read_arguments([*known, "--", str(bundle)]))
        if fault is not None:
            keys = f"; the keys known here are those in {seals}: put them away for another log's" if known else ""
            raise Misuse(f"{bundle} is not valid, and nothing is restored from it: {fault}{keys}")


def hold_store(settings: Settings) -> None:
    """Make sure that there is a store. Raises Misuse."""
    if settings.clickhouse_dsn is None and not (settings.state / DIRECTORY).is_dir():
        raise Misuse(f"there is no store in {settings.state}: name its state directory by --state, or CLICKHOUSE_DSN")


def restore_from_store(settings: Settings, progress: Callable[[int, int], None]) -> RestoreReport:
    """Restore from the store, which nobody else may hold. Raises Misuse, Unavailable."""
    store = open_store(settings)
    try:
        migrate_store(store)
        source = StoreSource(store, resolve_ids(settings), settings.partitions)
        return restore_topics(settings, source, store, progress)
    finally:
        store.close()


def draw_lost_log(settings: Settings) -> Text:
    """Draw what is to be done about a log whose checkpoints were lost with their topic."""
    return Text(f"note: the log's checkpoints were lost, so it cannot go on: {describe_put_away(settings)}")


def describe_report(report: RestoreReport) -> dict[str, Any]:
    """Describe what was restored, as JSON has it."""
    ends: dict[str, dict[str, int]] = {}
    for (topic, partition), end in sorted(report.ends.items()):
        ends.setdefault(topic, {})[str(partition)] = end
    return {
        "records": report.records,
        "written": report.written,
        "ends": ends,
        "originals_gone": [{"partition": partition, "offset": offset} for partition, offset in report.gone],
        "published_again": report.again,
        "deleted_before": {str(partition): low for partition, low in sorted(report.deleted.items())},
    }


def draw_report(report: RestoreReport, root: RestoredRoot | None) -> RenderableType:
    """Draw what was restored, what could not be, and what the log of seals says of it."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Topic")
    table.add_column("Records", justify="right")
    for topic, n in report.records.items():
        table.add_row(topic, f"{n:,}")
    parts: list[RenderableType] = [Text("Restored, and read back as it was.", style="bold"), table]
    parts += [
        Text(f"note: partition {p} is deleted before offset {low}, as it was") for p, low in report.deleted.items()
    ]
    if report.again:
        parts.append(Text(f"note: {report.again:,} events were published again: what was judged before them is lost"))
    if report.gone:
        places = ", ".join(f"{partition}:{offset}" for partition, offset in report.gone[:SHOWN_DIFFERENCES])
        parts.append(Text(f"note: of {len(report.gone):,} rejected records nobody kept the original: {places}"))
    if root is not None:
        same = f"the root over {root.leaves:,} leaves is that of the newest checkpoint in the log's directory"
        if root.figures_gone:
            same = (
                f"{root.leaves - root.figures_gone:,} leaves of the log are these outputs; {root.figures_gone:,} more "
                "are published figures, which did not come back: publish them again"
            )
        parts.append(Text(f"seal: {root.difference or same}"))
    return Group(*parts)
