"""What happened: the facts of the ledger and their vocabulary. Pure: no clock, no network, no files."""
