"""Stores for tests: opened with their tables, and closed (one process may have an engine directory open)."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.settings import Settings
from sinks.migration import migrate_store
from sinks.store import Store, open_store


@contextmanager
def open_migrated(settings: Settings) -> Iterator[Store]:
    """The store that the settings name, with its tables, for as long as the block lasts."""
    store = open_store(settings)
    try:
        migrate_store(store)
        yield store
    finally:
        store.close()
