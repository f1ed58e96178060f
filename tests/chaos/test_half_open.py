"""All connections go silent at once and none is ever closed: each client gives its own up within a stated time.

Connections that are made anew are served. Minutes: ``make chaos`` has it.
"""

import os
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from infra.settings import load_settings
from producers import Publisher
from tests.chaos.network import Network
from tests.chaos.outliving import EVENTS, count_stored, hold_outlived
from tests.chaos.world import PARTITIONS, ChaosWorld, run_world
from tests.live.adversary.running import await_true
from tests.live.publishing import make_disruption

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif("CHAOS_BREAKS" not in os.environ, reason="minutes: `make chaos` has it"),
]
GIVEN_UP_SECONDS = 180.0  # a publisher gives up after a minute, whoever reads after another; the rest is a busy machine

Strike = Callable[[Network, Collection[int]], int]


@pytest.mark.parametrize("strike", [Network.freeze_links, Network.lose_links], ids=["frozen", "lost"])
def test_connections_that_go_silent_are_given_up_within_the_stated_time(tmp_path: Path, strike: Strike) -> None:
    """Worker, service, sealer and a publisher of the SDK: what that publishes is acknowledged, stored and sealed."""
    with run_world(tmp_path) as world:
        chosen = {"kafka_bootstrap_servers": world.ledger.bootstrap_servers, "partitions": PARTITIONS}
        settings = load_settings(tmp_path / "force").model_copy(update=chosen)
        with Publisher(settings) as publisher:
            publisher.publish_many(make_disruption(number) for number in range(EVENTS))
            hold_outlived(world.ledger, EVENTS)
            clients = world.network.list_clients()
            assert not {name for name in world.list_parts() if not world.list_ports(name) & clients}
            strike(world.network, clients)
            began = time.monotonic()
            publisher.publish_many(make_disruption(number) for number in range(EVENTS, 2 * EVENTS))
            tell_elapsed("published", began)
        await_outputs(world, 2 * EVENTS, began + GIVEN_UP_SECONDS)
        tell_elapsed("stored and sealed", began)
        hold_outlived(world.ledger, 2 * EVENTS)


def await_outputs(world: ChaosWorld, outputs: int, deadline: float) -> None:
    """Return once so many outputs are stored and sealed."""

    def are_there() -> bool:
        sealed = world.ledger.ask_json("audit", "seals")["size"]
        return sealed == outputs == count_stored(world.ledger)

    await_true(are_there, deadline - time.monotonic(), world.ledger.log)


def tell_elapsed(what: str, began: float) -> None:
    """Tell how long it took."""
    sys.stdout.write(f"         {what} after {time.monotonic() - began:.0f} s\n")
