"""Events that a force publishes, and a publisher that keeps what it is given."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.events import DisruptionEvent
from ledger.vocabulary import Category, Change, DisruptionType, Pillar
from producers.delivery import Receipt
from producers.drafts import Draft
from producers.sender import Sender
from schemas.codec import Codec
from schemas.registry import pin_ids
from tests.producers.moved_by_hand import Client

EVENT: dict[str, Any] = {
    "change": Change.RECORDED,
    "version": 1,
    "recorded_by": "kent",
    "type": DisruptionType.LEAD,
    "pillar": Pillar.PURSUE,
    "category": Category.MINOR,
    "event_date": date(2022, 7, 1),
    "entered_at": datetime(2022, 7, 1, 12, tzinfo=UTC),
    "actor": "a1",
    "source_system": "case records",
}


@pytest.fixture
def event() -> Callable[..., DisruptionEvent]:
    """``event(7, pillar=…)``: Kent's disruption D-7 on threat T-7."""

    def make_one(number: int = 1, **fields: Any) -> DisruptionEvent:
        ids = {"event_id": str(uuid.UUID(int=number)), "disruption_id": f"D-{number}", "threat_id": f"T-{number}"}
        return DisruptionEvent(**(EVENT | ids | fields))

    return make_one


class Kept:
    """A bulk publisher without a broker: keeps drafts, and turns down those whose disruption is named."""

    def __init__(self, turned_down: str = "") -> None:
        self.drafts: list[Draft] = []
        self._turned_down = turned_down

    def publish_many(self, events: Iterable[Draft], *, on_refused: Any, on_progress: Any, **_: Any) -> Receipt:
        """Take all."""
        for draft in events:
            if getattr(draft.fact, "disruption_id", "") == self._turned_down:
                on_refused(draft, "the broker refused the event")
            else:
                self.drafts.append(draft)
                on_progress(len(self.drafts))
        return Receipt(len(self.drafts), len(self.drafts))


@pytest.fixture
def kept() -> Callable[..., Kept]:
    """``kept("D-3")``: a publisher that keeps all but D-3."""
    return Kept


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Callable[..., Sender]]:
    """``sender(client, spools=True)``: a started sender on this test's outbox, stopped at the end."""
    with ExitStack() as stack:

        def make_one(client: Client, *, spools: bool = False, wait_seconds: float | None = None) -> Sender:
            made = Sender(
                client,  # type: ignore[arg-type]  # a small real class in place of the Kafka client
                Codec(pin_ids()),
                tmp_path / "outbox.sqlite",
                spools=spools,
                wait_seconds=wait_seconds,
            )
            made.start()
            stack.callback(lambda: made._closing.is_set() or made.stop())
            return made

        yield make_one
