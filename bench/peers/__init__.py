"""The same work written in other ways, to measure the ledger's own against."""
