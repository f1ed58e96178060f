"""The ledger grows: Faust admits and posts each published event."""
