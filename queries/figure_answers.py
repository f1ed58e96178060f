"""The bodies of answers about published figures, and about how far the ledger is sealed."""

from typing import Any, TypedDict

from queries.answers import Positions


class FigureListAnswer(TypedDict):
    """A page of the figures that were published, newest first, and where the ``next`` page goes on.

    ``total`` are all records of the topic. ``gone`` are those that were deleted from it.
    """

    rows: list[dict[str, Any]]
    total: int
    gone: int
    next: str | None


class PublishedFigureAnswer(TypedDict):
    """One published figure, each cell beside what the store says of the same instants (``then``) and ``now``.

    ``then`` and ``now`` of a cell are None where the figure's question cannot be asked here. ``agrees``: the store says
    the same as was published. ``proved_at``: as known at which instant the last whole replay proved it again; None
    where this machine keeps no certificate that says so.
    """

    figure: dict[str, Any]
    cells: list[dict[str, Any]]
    id_holds: bool
    agrees: bool
    complete: bool
    proved_at: str | None
    position: Positions


class CosignatureRow(TypedDict):
    """A line of signature that is not the log's own: whose it says it is, and when that was, in its own words."""

    name: str
    key_id: str
    at: str | None


class SealAnswer(TypedDict):
    """The newest checkpoint of the ledger's log, and the last certificate that this machine keeps of a whole replay."""

    log: str | None
    size: int
    root: str | None
    figures: int | None
    positions: Positions
    sealed_at: str | None
    keys: list[str]
    cosignatures: list[CosignatureRow]
    note: str | None
    certificate: dict[str, Any] | None
