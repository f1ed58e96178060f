"""Bringing a store to this version: its tables, the rules that it was judged by, and who records."""

from sinks import organisations
from sinks.rules import hold_stored_rules
from sinks.store import Store


def migrate_store(store: Store) -> None:
    """Bring the tables to this version, once each, and write the organisations down.

    Raises:
        Standstill: this version's rules would touch what is posted; the organisations are as they were.
        Unavailable: the store did not do it.
    """
    store.apply_migrations()
    hold_stored_rules(store)
    organisations.write_organisations(store)
