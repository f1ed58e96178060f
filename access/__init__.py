"""Who may read what, and the log of what was read."""
