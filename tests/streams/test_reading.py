"""Reading what was published: what names a registry's schemas where there is none is said to health, for a while."""

import asyncio
from typing import Any

import pytest

from infra.status import list_troubles
from schemas.registry import pin_ids
from streams import reading
from streams.reading import RecordReader
from tests.streams.records import Record


async def run_in_place(work: Any, *arguments: Any) -> None:
    """Beside the event loop, as far as a test is concerned."""
    work(*arguments)


def test_a_registrys_id_without_a_registry_is_a_trouble_that_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each such event prolongs it; after a while without one, health is well again."""
    monkeypatch.setattr(reading, "TROUBLE_SECONDS", 0.05)

    async def run_story() -> list[int]:
        reader = RecordReader(pin_ids())
        strange = Record(0, 1, b"T1", b"\x00\x00\x00\x00\x07anything")
        seen = []
        for _ in range(2):
            await reader.read_records([strange], run_in_place)
            seen.append(len(list_troubles()))
        await asyncio.sleep(0.2)
        return [*seen, len(list_troubles())]

    assert asyncio.run(run_story()) == [1, 1, 0]
