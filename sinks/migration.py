"""Bringing a store to this version: its tables, the rules that it was judged by, and who records."""

from typing import Final

from infra.status import end_trouble, report_trouble
from sinks import organisations
from sinks.generations import enter_live
from sinks.rules import hold_stored_rules
from sinks.store import Store

TROUBLE: Final = "tables"
REBUILD: Final = "`disruptions audit rebuild`"
BUILDER: Final = "`A rebuild on a server` in docs/operating.md"


def migrate_store(store: Store) -> None:
    """Bring the tables that are shown to this version, once each, and write the organisations down.

    Migrations that change tables wait for the next generation, and health says so (docs/decisions/0029).

    Raises:
        Standstill: this version's rules would touch what is posted; the organisations are as they were.
        Unavailable: the store did not do it.
    """
    enter_live(store)
    waiting = store.apply_migrations()
    if waiting:
        report_trouble(
            TROUBLE,
            f"the stored tables are of an earlier form: migration {', '.join(map(str, waiting))} waits",
            remedy=f"build them anew beside these, while they are read: {REBUILD if store.embedded else BUILDER}",
        )
    _hold_contents(store)


def migrate_anew(store: Store) -> None:
    """Make the tables of a generation that is being built, in this version's form. Raises as ``migrate_store`` does."""
    store.apply_migrations(anew=True)
    _hold_contents(store)


def end_waiting() -> None:
    """Say no more that tables are of an earlier form: others are shown."""
    end_trouble(TROUBLE)


def _hold_contents(store: Store) -> None:
    hold_stored_rules(store)
    organisations.write_organisations(store)
