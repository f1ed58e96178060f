"""The loader: ``soc.entries`` and ``soc.rejected`` into the store, once each. (Signatures first; the work follows.)"""

import threading
from dataclasses import dataclass
from datetime import datetime

from infra.settings import Settings
from sinks.store import Store


@dataclass(slots=True)
class Health:
    """How the loader does. ``state`` is starting, loading, waiting (for the world) or stopped."""

    state: str = "starting"
    unloadable: int = 0
    stored: int = 0
    wrote_at: datetime | None = None
    trouble: str | None = None

    @property
    def degraded(self) -> bool:
        """Whether somebody should look."""
        return self.unloadable > 0 or self.state in {"waiting", "stopped"}


class Loader:
    """Consumes both output topics until told to stop."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self.health = Health()

    def run(self, stop: threading.Event) -> None:
        """Load until ``stop`` is set."""
        raise NotImplementedError
