"""Whether an answer can still change: design.md's ``complete``, and docs/decisions/0003."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from ledger.errors import Unavailable
from ledger.facts import Millis
from sinks.answer import millis, now


class Horizons(Protocol):
    """What completeness asks of the broker; ``sinks.published.Published`` has it."""

    def horizon(self, known_at: Millis) -> dict[int, int]:
        """Per partition, its first offset appended later than ``known_at``, or else its end. Raises Unavailable."""
        ...


def is_complete(published: Horizons, position: Mapping[int, int], known_at: datetime) -> bool:
    """Whether every partition is stored up to its first offset appended later than ``known_at``.

    False while ``known_at`` is not past (more may yet be appended by then), and when the broker cannot be asked: what
    cannot be shown is not claimed. ``position`` must have been read before.
    """
    if known_at >= now():
        return False
    try:
        horizon = published.horizon(millis(known_at))
    except Unavailable:
        return False
    return all(position.get(partition, 0) >= offset for partition, offset in horizon.items())
