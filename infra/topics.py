"""Topics: their names and what the ledger needs each to be. ``infra.topic_admin`` makes them and holds them to it."""

from ledger.bounds import LARGEST_EVENT_BYTES, LARGEST_OUTPUT_BYTES

PUBLISHED = "soc.published"
ENTRIES = "soc.entries"
REJECTED = "soc.rejected"
HEARTBEATS = "soc.heartbeats"  # publishers say that they are alive, and how far their sequences have come
ALERTS = "soc.alerts"
CHECKPOINTS = "soc.checkpoints"  # signed heads of the log that seals outputs and figures; all in partition 0
FIGURES = "soc.figures"  # figures that somebody published; all in partition 0
ALL = (PUBLISHED, ENTRIES, REJECTED, HEARTBEATS, ALERTS, CHECKPOINTS, FIGURES)

FULL_REPLICATION, FULL_MIN_INSYNC = 3, 2

# Facts are kept for ever, in the order and with the clock of the broker.
KEPT_FOR_EVER = {
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "message.timestamp.type": "LogAppendTime",
}

# Of heartbeats the newest by organisation is all that matters, and it matters for ever: a feed that has been silent for
# a year was heard a year ago. So they are compacted and never deleted (docs/decisions/0021).
NEWEST_KEPT = {"cleanup.policy": "compact", "segment.ms": "86400000", "max.compaction.lag.ms": "86400000"}
CLOCK = "message.timestamp.type"


def configure_topic(name: str, brokers: int) -> dict[str, str]:
    """Return the configuration that topic ``name`` is made with in a cluster of so many brokers."""
    largest = LARGEST_OUTPUT_BYTES if name in {ENTRIES, REJECTED} else LARGEST_EVENT_BYTES
    insync = FULL_MIN_INSYNC if brokers >= FULL_REPLICATION else 1
    kept = NEWEST_KEPT if name == HEARTBEATS else {}
    return KEPT_FOR_EVER | kept | {"max.message.bytes": str(largest), "min.insync.replicas": str(insync)}


def select_held(name: str, configuration: dict[str, str]) -> dict[str, str]:
    """Select what a topic is held to: facts to all of it, heartbeats to the broker's clock alone.

    How many old heartbeats a cluster keeps is its own business: no figure rests on them.
    """
    return {CLOCK: configuration[CLOCK]} if name == HEARTBEATS else configuration


def choose_replication(brokers: int) -> int:
    """Return how many copies of each partition a cluster of so many brokers keeps."""
    return min(FULL_REPLICATION, brokers)
