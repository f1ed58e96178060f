"""How the loader does: what health and the pages are told of it."""

from dataclasses import dataclass, field
from datetime import datetime

from sinks.store_looks import StoreLooks


@dataclass(slots=True)
class LoaderHealth:
    """How the loader does. ``state`` is starting, loading, waiting (for the world) or stopped."""

    state: str = "starting"
    unloadable: int = 0
    stored: int = 0
    wrote_at: datetime | None = None
    trouble: str | None = None
    damage: str | None = None
    looks: StoreLooks = field(default_factory=StoreLooks)

    @property
    def degraded(self) -> bool:
        """Return whether somebody should look."""
        return self.unloadable > 0 or self.damage is not None or self.state in {"waiting", "stopped"}
