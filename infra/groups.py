"""Kafka's consumer groups by their names: whose committed positions are whose.

Three are joined, and what they commit is a hint (ARCHITECTURE.md, the order of effects). Who builds tables beside
those that are shown commits in a group of that build's own. The others are names that the client asks for: nothing is
committed in them.
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

HEARTBEATS_A_SESSION = 4

SEALER_TRANSACTIONS = "disruption-ledger-sealer"  # a transactional id: who takes it over shuts out who had it


def name_rebuild_group(build: str) -> str:
    """Name the group of a build, by its name or its generation: what another committed says nothing of its tables."""
    return f"{REBUILD_GROUP}-{build}"


def build_session_options(session_seconds: float) -> dict[str, int]:
    """Build what a member of a group tells its client of its session, in milliseconds.

    It says that it lives ``HEARTBEATS_A_SESSION`` times in each. By itself the client does so every three seconds: a
    shorter session would end over and over, and the partitions be taken anew each time.
    """
    session = round(session_seconds * 1000)
    return {"session.timeout.ms": session, "heartbeat.interval.ms": session // HEARTBEATS_A_SESSION}
