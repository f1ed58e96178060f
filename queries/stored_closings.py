"""The closings as rows, for whoever checks them: first what each one is, then its balances."""

from collections.abc import Iterator
from typing import Final

import msgspec

from sinks.store import Store

_CLOSINGS: Final = """
SELECT closing, grain, positions, ledger_times FROM closings FINAL ORDER BY grain, arraySum(positions)
"""
_ORGANISATIONS: Final = "SELECT DISTINCT organisation FROM closing_balances WHERE closing = {closing:UUID} ORDER BY 1"
_BALANCES: Final = """
SELECT closing, organisation, type, pillar, kind, crime_type, category,
    toInt32(event_date) AS event_date, standing, n
FROM closing_balances WHERE closing = {closing:UUID} AND organisation = {organisation:String}
"""


def read_closings(store: Store) -> Iterator[bytes]:
    """Read the closings, in pieces of whole lines: one line each, then their balances, each with its closing."""
    closings = store.query(_CLOSINGS)
    yield b"".join(msgspec.json.encode(row) + b"\n" for row in closings)
    for row in closings:
        closing = {"closing": row["closing"]}
        for found in store.query(_ORGANISATIONS, closing):
            yield store.read_ndjson(_BALANCES, closing | found)
