"""Errors, named for whose fault it is.

LedgerError
├── Rejected      the message's fault: quarantine it with its code, go on
├── Unavailable   the world's fault: stop, commit nothing, retry
├── Misuse        the caller's fault: a setting, an argument, a file; says where and the remedy
└── NotValid      a proof or a signature does not hold (``proofs.errors``): the first thing that does not
"""

from ledger.vocabulary import Code


class LedgerError(Exception):
    """Root of the project's own errors."""


class Rejected(LedgerError):
    """An event that intake rejects.

    Args:
        code: the fixed code.
        sentence: what a duty officer can act on; never contains a value of the record.
    """

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Unavailable(LedgerError):
    """A broker, registry, store or file system did not do its part; nothing was committed."""


class Misuse(LedgerError):
    """An argument, file or setting is wrong; the message names the place and the remedy."""
