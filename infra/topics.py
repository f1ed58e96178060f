"""Topic names; their configuration is made where they are created (infra.admin)."""

PUBLISHED = "soc.published"
ENTRIES = "soc.entries"
REJECTED = "soc.rejected"
HEARTBEATS = "soc.heartbeats"
