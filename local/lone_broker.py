"""The broker of a state directory by itself, for what is done while `up` does not run."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.settings import Settings
from infra.state_directory import provide_directory
from local.broker import Broker
from local.stack import lock_state


@contextmanager
def run_lone_broker(settings: Settings) -> Iterator[Settings]:
    """Run the broker that `up` would, under its lock; give the settings that reach it, or those that name another.

    Raises:
        Misuse: `up` runs there.
        Unavailable: the broker did not start.
    """
    if settings.kafka_bootstrap_servers is not None:
        yield settings
        return
    state = provide_directory(settings.state)
    with lock_state(state):
        own = Broker(state / "kafka", port=settings.kafka_port, heap_megabytes=settings.kafka_heap_megabytes)
        with own as broker:
            yield settings.use_own_broker(broker.bootstrap_servers)
