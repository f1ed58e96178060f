"""Topics: their names and what the ledger needs each to be. ``infra.topic_admin`` makes them and holds them to it."""

from ledger.bounds import LARGEST_EVENT_BYTES, LARGEST_OUTPUT_BYTES

PUBLISHED = "soc.published"
ENTRIES = "soc.entries"
REJECTED = "soc.rejected"
HEARTBEATS = "soc.heartbeats"  # part of the contract with publishers; nothing writes to it or reads it yet
ALERTS = "soc.alerts"
ALL = (PUBLISHED, ENTRIES, REJECTED, HEARTBEATS, ALERTS)

FULL_REPLICATION, FULL_MIN_INSYNC = 3, 2

# Facts are kept for ever, in the order and with the clock of the broker.
KEPT_FOR_EVER = {
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "message.timestamp.type": "LogAppendTime",
}


def configure_topic(name: str, brokers: int) -> dict[str, str]:
    """Return the configuration that topic ``name`` must have in a cluster of so many brokers."""
    largest = LARGEST_OUTPUT_BYTES if name in {ENTRIES, REJECTED} else LARGEST_EVENT_BYTES
    insync = FULL_MIN_INSYNC if brokers >= FULL_REPLICATION else 1
    return KEPT_FOR_EVER | {"max.message.bytes": str(largest), "min.insync.replicas": str(insync)}


def choose_replication(brokers: int) -> int:
    """Return how many copies of each partition a cluster of so many brokers keeps."""
    return min(FULL_REPLICATION, brokers)
