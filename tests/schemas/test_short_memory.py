"""A process without memory blames nobody: what it cannot read now is not refused, or passed over, for ever."""

import zlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from infra.decompression import unpack_pieces
from schemas import alerts, figures, plans
from schemas.definitions import DISRUPTION, read_definition
from schemas.plans import make_plan
from schemas.registry import pin_ids
from schemas.upcast import CHAINS
from tests.schemas.test_alerts import WRITTEN as WRITTEN_ALERT
from tests.schemas.test_figures import WRITTEN as WRITTEN_FIGURE

PLAN = make_plan(read_definition(DISRUPTION), CHAINS)
WITHOUT: dict[str, tuple[ModuleType, str, Callable[[], Any]]] = {
    "an event": (plans, "schemaless_reader", lambda: PLAN.read_record(b"\x00", 0)),
    "a schema": (plans, "parse_plain", lambda: make_plan(read_definition(DISRUPTION), CHAINS)),
    "an alert": (alerts, "schemaless_reader", lambda: alerts.decode_alert(WRITTEN_ALERT, pin_ids())),
    "a figure": (figures, "schemaless_reader", lambda: figures.decode_figure(WRITTEN_FIGURE, pin_ids())),
    "a batch": (zlib, "decompressobj", lambda: list(unpack_pieces(1, b"\x00"))),
}


def find_no_memory(*_: object) -> None:
    """As any decoder, in a process that has none."""
    raise MemoryError


@pytest.mark.parametrize("what", WITHOUT)
def test_what_is_read_without_memory_is_not_blamed(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error goes on, to whoever ends the process: the next one reads it."""
    module, name, read = WITHOUT[what]
    monkeypatch.setattr(module, name, find_no_memory)
    with pytest.raises(MemoryError):
        read()
