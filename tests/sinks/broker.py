"""A stand-in for the broker, where completeness asks it."""

from ledger.errors import Unavailable


class Broker:
    """What ``Published`` says, said by the test: per partition, the offset that must be stored; None, it is away."""

    def __init__(self, horizon: dict[int, int] | None = None) -> None:
        self._horizon = horizon
        self.asked: list[int] = []

    def horizon(self, known_at: int) -> dict[int, int]:
        """As ``Published.horizon``."""
        self.asked.append(known_at)
        if self._horizon is None:
            raise Unavailable("away")
        return self._horizon
