"""What outputs say of their events, by whoever can say it: a fact, or an output that was read."""

from typing import Protocol

from ledger.facts import Millis


class EventNames(Protocol):
    """What a rejection says of its event."""

    @property
    def event_id(self) -> str | None:
        """Which event, where it could be read."""
        ...

    @property
    def threat_id(self) -> str | None:
        """Whose book."""
        ...

    @property
    def disruption_id(self) -> str | None:
        """Which disruption; None for a threat's."""
        ...


class EventFields(Protocol):
    """What an entry says of its event beside its bytes: a fact has it, and so has an entry that was read."""

    @property
    def record(self) -> str:
        """DisruptionEvent or ThreatEvent."""
        ...

    @property
    def event_id(self) -> str:
        """Which event."""
        ...

    @property
    def threat_id(self) -> str:
        """Whose book."""
        ...

    @property
    def disruption_id(self) -> str | None:
        """Which disruption; None for a threat's."""
        ...

    @property
    def version(self) -> int:
        """Version of the disruption or threat."""
        ...

    @property
    def recorder(self) -> str:
        """Whose it is."""
        ...

    @property
    def entered_at(self) -> Millis:
        """When it was entered."""
        ...
