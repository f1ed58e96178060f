"""How long a test waits for what must come. It is no bound that a test proves: a machine that stalls is no failure."""

import subprocess
import time
from collections.abc import Callable
from typing import Any, Final

PATIENCE_SECONDS: Final = 120.0
PATIENT: Final[dict[str, Any]] = {"trust_env": False, "timeout": PATIENCE_SECONDS}
"""How httpx asks a server of the test's own: by no proxy, and for longer than its usual 5 seconds."""
LOOK_SECONDS: Final = 0.02


def await_truth(
    holds: Callable[[], object],
    tell: Callable[[], object] = lambda: "",
    process: subprocess.Popen[bytes] | None = None,
) -> None:
    """Wait until something holds; fail, with what there is to ``tell``, if it never does or ``process`` ends before."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert process is None or process.poll() is None, f"the process ended: {tell()}"
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS:.0f} s: {tell()}"
        time.sleep(LOOK_SECONDS)
