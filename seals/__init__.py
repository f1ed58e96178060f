"""The log that seals every output of the ledger, and who witnesses it."""
