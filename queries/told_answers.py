"""The bodies of answers that tell somebody: alerts, and figures for public release."""

from typing import Any, TypedDict


class PublicAnswer(TypedDict):
    """Counts for public release; ``n`` is null where a cell is hidden, of which there are ``hidden``."""

    rows: list[dict[str, Any]]
    hidden: int
    hidden_means: str
    as_at: str
    known_at: str
    complete: bool
    filters: dict[str, Any]
    measure: str


class AlertAnswer(TypedDict):
    """The alerts that stand, and the last that were raised or cleared, newest first."""

    standing: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    truncated: bool
