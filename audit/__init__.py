"""Anyone checks: replay, compare, explain."""
