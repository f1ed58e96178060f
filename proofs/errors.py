"""What a check found not to be so."""

from ledger.errors import LedgerError


class NotValid(LedgerError):
    """A proof, a signature or a document does not hold; the message names the first thing that does not, and where."""
