"""A process without memory blames nobody: what it cannot read now is not refused, or passed over, for ever."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from infra import decompression
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
    "a batch": (decompression, "_CODECS", lambda: list(decompression.unpack_pieces(1, b"\x00"))),
}


class Exhausted:
    """Has no memory, whatever is asked of it."""

    def __call__(self, *_: object) -> None:
        """Decode nothing."""
        raise MemoryError

    def get(self, _: int) -> "Exhausted":
        """Give a decoder as for any codec."""
        return self


@pytest.mark.parametrize("what", WITHOUT)
def test_what_is_read_without_memory_is_not_blamed(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error goes on, to whoever ends the process: the next one reads it."""
    module, name, read = WITHOUT[what]
    monkeypatch.setattr(module, name, Exhausted())
    with pytest.raises(MemoryError):
        read()
