"""``disruptions demo``: the ledger end to end, with London's figures."""

from demo.command import demo

__all__ = ["demo"]
