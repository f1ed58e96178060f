"""Measurements: what the ledger costs, beside the same work done in other ways, and the aims it is held to."""
