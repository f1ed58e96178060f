"""The bodies of answers by which a force holds its own list of events against the ledger's."""

from typing import Any, TypedDict

from queries.answers import Positions
from queries.feed_answers import SequenceGap, SequenceJump


class ReconcileAnswer(TypedDict):
    """What arrived of a recorder's days, and which numbers of its sequence did not.

    ``sent`` is ``arrived`` and ``missing`` together. ``recent`` numbers were overtaken so lately that they may be on
    their way; ``unarrived`` ones are claimed by a heartbeat beyond the last that arrived. Whose the ``unread``
    rejections are, nobody could read. ``complete``: all that had reached the ledger when the days were over is in it.
    """

    org: str
    start: str
    end: str
    sent: int
    arrived: int
    admitted: int
    refused: int
    resent: int
    missing: int
    recent: int
    unarrived: int
    gaps: list[SequenceGap]
    jumps: list[SequenceJump]
    unread: int
    behind: int
    complete: bool
    complete_through: str | None
    position: Positions


class EventFatesAnswer(TypedDict):
    """What became of events, in the order of their ids, and after which id the ``next`` page goes on."""

    rows: list[dict[str, Any]]
    next: str | None
    position: Positions
