"""A force publishes: ``from producers import Publisher``."""

from producers.delivery import Position, Receipt
from producers.publisher import Publisher

__all__ = ["Position", "Publisher", "Receipt"]
