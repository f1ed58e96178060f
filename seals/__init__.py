"""The log that seals every output of the ledger and every published figure, and who witnesses it."""
