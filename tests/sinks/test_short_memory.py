"""A store, or its process, that is short of memory: no record is blamed for it."""

import pytest

from queries.unloadable import list_unloadable
from sinks import block, writing
from sinks.faults import OutOfMemory
from sinks.store import Store
from tests.sinks.records import Writer, count_rows, make_entry, make_leg


def test_a_store_that_is_out_of_memory_sets_no_good_record_aside(
    store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault is the engine's: nothing is decided, and the same block goes in once there is memory."""
    good = [make_entry(0, offset, offset, [make_leg(1, 1)]) for offset in range(200)]
    with monkeypatch.context() as short:
        short.setattr(writing, "SETTINGS", writing.SETTINGS | {"max_memory_usage": 10_000})
        with pytest.raises(OutOfMemory, match="241"):
            writer.write_entries(*good)
    assert list_unloadable(store) == []
    assert writer.write_entries(*good) == []
    assert [count_rows(store, table) for table in ("entries", "postings")] == [200, 200]


def test_a_decoder_without_memory_blames_no_record(
    store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where neither the engine nor this process has memory left, nothing is set aside either."""

    def find_none(*_: object) -> None:
        raise MemoryError

    good = [make_entry(0, offset, offset, [make_leg(1, 1)]) for offset in range(200)]
    with monkeypatch.context() as short:
        short.setattr(writing, "SETTINGS", writing.SETTINGS | {"max_memory_usage": 10_000})
        short.setattr(block, "schemaless_reader", find_none)
        with pytest.raises(OutOfMemory):
            writer.write_entries(*good)
    assert list_unloadable(store) == []
