"""Whether this process lives, and whether it may be asked: what a load balancer or a supervisor probes.

Neither asks anything of the store or the broker: they read what the loops of the process last showed, so a part that
hangs is seen, and a probe never hangs with it. Live: the loader's loop turns (the event loop does, or nothing answers).
Ready: the watch, which asks the store every two seconds, has come back; the store answered it; the broker has answered
since the start; the loader lives. A broker that goes away later is a trouble of health: figures are answered without.
"""

import time
from typing import Final

from infra.status import measure_silence
from queries.health import SILENT_SECONDS
from queries.health_answers import PartTrouble
from queries.watch import Watch, describe_trouble
from sinks.loader_health import LoaderHealth

STORE_SECONDS: Final = 10.0  # of the watch: it samples every two seconds, and a call may take its time

Troubles = list[PartTrouble]


def judge_liveness(loader: LoaderHealth | None) -> Troubles:
    """Judge whether the loops of this process turn; ``loader`` is None where it has none."""
    if loader is None:
        return []
    silence = measure_silence()
    if loader.state == "stopped":
        return [describe_trouble("loader", "the loader has stopped", "start the process again")]
    if silence > SILENT_SECONDS:
        what = f"the loader has shown no sign of life for {silence:.0f} s"
        return [describe_trouble("loader", what, "it waits for the store, or hangs: start the process again")]
    return []


def judge_readiness(watch: Watch, loader: LoaderHealth | None) -> Troubles:
    """Judge whether answers can be had here."""
    found, sample = judge_liveness(loader), watch.read_newest()
    if sample is None:
        return [*found, describe_trouble("store", "nothing has been asked of it yet", "wait a moment")]
    age = time.monotonic() - sample.taken_at
    if age > STORE_SECONDS:
        found.append(describe_trouble("store", f"it has not answered for {age:.0f} s", "see the service's log"))
    elif not sample.store_answered:
        found.append(describe_trouble("store", "it did not answer", "see `troubles` in /v1/health"))
    if not watch.has_met_broker:
        found.append(
            describe_trouble("broker", "it has not answered since the start", "start it or mend the way to it")
        )
    return found
