"""One of several brokers that are a cluster: each is a controller too, and two of three go on without the third."""

import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from infra.topics import FULL_MIN_INSYNC, FULL_REPLICATION
from local.ports import LOOPBACK, find_free_port

REPLICATED = {  # the brokers' own topics, as the ledger's are (infra.topics)
    "min.insync.replicas": str(FULL_MIN_INSYNC),
    "default.replication.factor": str(FULL_REPLICATION),
    "offsets.topic.replication.factor": str(FULL_REPLICATION),
    "transaction.state.log.replication.factor": str(FULL_REPLICATION),
    "transaction.state.log.min.isr": str(FULL_MIN_INSYNC),
    "share.coordinator.state.topic.replication.factor": str(FULL_REPLICATION),
    "share.coordinator.state.topic.min.isr": str(FULL_MIN_INSYNC),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterMember:
    """The place of one broker in its cluster: its number from 1, and what all of them must agree on."""

    number: int
    cluster: str
    controllers: tuple[int, ...]
    """Ports of all the controllers, in the order of their numbers."""

    @property
    def controller(self) -> int:
        """Return the port of its own controller."""
        return self.controllers[self.number - 1]

    def list_properties(self) -> dict[str, str]:
        """List what its ``server.properties`` say otherwise than those of a single broker."""
        voters = (f"{number}@{LOOPBACK}:{port}" for number, port in enumerate(self.controllers, 1))
        return {"node.id": str(self.number), "controller.quorum.voters": ",".join(voters)} | REPLICATED


def make_members(brokers: int) -> list[ClusterMember]:
    """Make the places of a new cluster of so many brokers, on free ports."""
    ports: list[int] = []
    while len(ports) < brokers:
        ports.append(find_free_port(*ports))
    cluster = name_cluster()
    return [ClusterMember(number=one + 1, cluster=cluster, controllers=tuple(ports)) for one in range(brokers)]


def name_cluster() -> str:
    """Draw the name of a new cluster, in the form that Kafka's own tools give it."""
    return urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
