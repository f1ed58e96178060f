"""How long a test waits for what must come. It is no bound that a test proves: a machine that stalls is no failure."""

from typing import Any, Final

PATIENCE_SECONDS: Final = 120.0
PATIENT: Final[dict[str, Any]] = {"trust_env": False, "timeout": PATIENCE_SECONDS}
"""How httpx asks a server of the test's own: by no proxy, and for longer than its usual 5 seconds."""
