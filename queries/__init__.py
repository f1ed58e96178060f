"""Every question of the ledger: typed queries and answers, and who can be asked them, the store or the read API."""
