"""How far one partition's stored outputs reach without a break."""

from typing import NamedTuple

from ledger.facts import Millis


class Frontier(NamedTuple):
    """The end of a partition's unbroken chain of outputs.

    Attributes:
        position: the first offset of ``soc.published`` that the chain does not cover.
        ledger_time: the greatest ledger time within it; every later output has this or a later one.
        entered_at: the greatest entry time within it; None while it holds rejections alone.
    """

    position: int
    ledger_time: Millis
    entered_at: Millis | None

    def extend_to(self, further: "Frontier") -> "Frontier":
        """Join the chain from here to ``further``, which knows nothing of what lies before."""
        entered = [one for one in (self.entered_at, further.entered_at) if one is not None]
        return Frontier(further.position, max(self.ledger_time, further.ledger_time), max(entered) if entered else None)


BEGINNING = Frontier(0, 0, None)
"""Where every partition begins: nothing is covered."""
