"""The audit bundle: all that an auditor needs on a machine that is connected to nothing."""
