"""Kafka's consumer groups by their names: whose committed positions are whose.

Three are joined, and what they commit is a hint (ARCHITECTURE.md, the order of effects). Who builds a generation of
the tables commits in a group of that generation's own, which nobody joins. The others are names that the client asks
for: nothing is committed in them.
"""

INTAKE_GROUP = "disruption-ledger-intake"
LOADER_GROUP = "disruption-ledger-loader"
REBUILD_GROUP = "disruption-ledger-rebuild"

ALERTS_GROUP = "disruption-ledger-alerts"

RECOVERY_GROUP = "disruption-ledger-recovery"
QUESTIONS_GROUP = "disruption-ledger-asks"
AUDIT_GROUP = "disruption-ledger-audit"
HEARTBEAT_GROUP = "disruption-ledger-heartbeats"
SEALER_GROUP = "disruption-ledger-sealer"

SEALER_TRANSACTIONS = "disruption-ledger-sealer"  # a transactional id: who takes it over shuts out who had it


def name_rebuild_group(generation: int) -> str:
    """Name the group of who builds a generation: what another committed says nothing of this one's tables."""
    return f"{REBUILD_GROUP}-{generation}"
