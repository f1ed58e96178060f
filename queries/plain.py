"""Answers as JSON has them."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from ledger.instants import format_instant
from queries.answer import Answer
from queries.answers import BalanceAnswer, MovementAnswer


def format_balance(answer: Answer) -> BalanceAnswer:
    """Write a balance as JSON has it."""
    return {
        "rows": answer.rows,
        "position": key_by_text(answer.position),
        "as_at": format_instant(answer.as_at),
        "known_at": format_instant(answer.known_at),
        "complete": answer.complete,
        "complete_through": None if answer.complete_through is None else format_instant(answer.complete_through),
        "filters": dict(answer.filters),
        "measure": answer.measure,
    }


def format_movement(answer: Answer, seconds: float) -> MovementAnswer:
    """Write by how much balances moved, and how old the newest entry is, as JSON has it."""
    newest = answer.newest
    return {
        "rows": answer.rows,
        "seconds": int(seconds),
        "since": format_instant(answer.known_at - timedelta(seconds=seconds)),
        "newest": None if newest is None else format_instant(newest),
        "age_seconds": None if newest is None else max(0.0, (answer.known_at - newest).total_seconds()),
    }


def key_by_text(found: dict[int, int]) -> dict[str, int]:
    """Put positions under string keys, as JSON has them, in the order of partitions."""
    return {str(partition): offset for partition, offset in sorted(found.items())}


def make_plain(found: Any) -> Any:
    """Write rows of the store as JSON has them: instants in UTC with their zone, dates as ISO dates, ids as texts."""
    if isinstance(found, dict):
        return {name: make_plain(value) for name, value in found.items()}
    if isinstance(found, list):
        return [make_plain(value) for value in found]
    if isinstance(found, datetime):
        return format_instant(found)
    if isinstance(found, UUID):
        return str(found)
    return found.isoformat() if isinstance(found, date) else found
