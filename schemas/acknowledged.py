"""Names of the headers that an acknowledged loss has instead of its record's: who, when and why."""

ACKNOWLEDGED_BY, ACKNOWLEDGED_AT, REASON = "acknowledged-by", "acknowledged-at", "reason"
