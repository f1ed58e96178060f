"""A force's own program, for the live tests to kill: publishes Kent's disruptions FIRST to LAST, then says so.

    python publishing.py STATE FIRST LAST MODE

It knows nothing of what it published before: like most programs it starts its list again after a crash.
"""

import sys
import uuid
from datetime import UTC, date, datetime
from pathlib import Path

from infra.settings import load_settings
from ledger.events import DisruptionEvent
from ledger.vocabulary import Category, Change, DisruptionType, Pillar
from producers import Publisher

THREATS = 20


def make_disruption(number: int, sequence: int | None = None) -> DisruptionEvent:
    """Kent's disruption of that number, on one of twenty threats."""
    return DisruptionEvent(
        event_id=str(uuid.UUID(int=number)),
        change=Change.RECORDED,
        disruption_id=f"D-{number}",
        version=1,
        threat_id=f"T-{number % THREATS}",
        recorded_by="kent",
        source_sequence=sequence,
        type=DisruptionType.LEAD,
        pillar=Pillar.PURSUE,
        category=Category.MINOR,
        event_date=date(2022, 7, 1),
        entered_at=datetime(2022, 7, 1, 12, tzinfo=UTC),
        actor="a1",
    )


def main(state: str, first: str, last: str, mode: str) -> None:
    """Publish them, then say so."""
    with Publisher(load_settings(Path(state)), when_unreachable=mode) as publisher:  # type: ignore[arg-type]  # the test's word
        publisher.publish_many(make_disruption(number) for number in range(int(first), int(last) + 1))
        publisher.flush()
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
