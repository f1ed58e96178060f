"""Who records, and in which region when: ``ledger.organisations`` in the store's own terms, as a table and as SQL.

The table is for readers who join by hand. Balances use ``region``, an expression over values sent as parameters, so
that a region is always that of the running version's organisations, as at the event date.
"""

from collections import defaultdict
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final

from ledger.instants import EPOCH, LATEST, make_date
from ledger.organisations import ORGANISATIONS, UNKNOWN_REGION, RegionMembership
from sinks.store import Store

COLUMNS: Final = ["code", "since", "until", "region", "name", "kind", "ons_code", "written_at"]


def write_organisations(store: Store) -> None:
    """Write the organisations down where the table differs from them."""
    held = store.query("SELECT code, since, until, region, name, kind, ons_code FROM organisations FINAL")
    wanted = list_membership_rows()
    if {tuple(row.values()) for row in held} != {tuple(row) for row in wanted}:
        now = datetime.now(UTC)
        store.insert_rows("organisations", COLUMNS, [[*row, now] for row in wanted])


def list_membership_rows() -> list[list[Any]]:
    """List one row a membership."""
    return [
        [one.code, *_bound_dates(spell), spell.region, one.name, str(one.kind), one.ons_code or ""]
        for one in ORGANISATIONS
        for spell in one.memberships
    ]


def _bound_dates(spell: RegionMembership) -> tuple[date, date]:
    return make_date(spell.since), LATEST if spell.until is None else make_date(spell.until)


def select_region(organisation: str, on: str) -> tuple[str, dict[str, Any]]:
    """Build SQL for the region of the column ``organisation`` on the date ``on``, and its parameters."""
    arms: list[str] = []
    parameters: dict[str, Any] = {}
    for number, ((since, until), members) in enumerate(_group_spells().items()):
        parameters |= {
            f"codes{number}": [code for code, _ in members],
            f"regions{number}": [name for _, name in members],
        }
        held = f"has({{codes{number}:Array(String)}}, {organisation})"
        named = f"transform({organisation}, {{codes{number}:Array(String)}}, {{regions{number}:Array(String)}}, '')"
        bounds = f" AND {on} >= toDate32('{since}') AND {on} < toDate32('{until}')" if _is_dated(since, until) else ""
        arms.append(f"{held}{bounds}, {named}")
    return f"multiIf({', '.join(arms)}, '{UNKNOWN_REGION}')", parameters


def find_moves() -> set[date]:
    """Find the days on which any organisation's region changes."""
    return {day for spell in _group_spells() if _is_dated(*spell) for day in spell}


def _is_dated(since: date, until: date) -> bool:
    return since > EPOCH.date() or until < LATEST


@cache
def _group_spells() -> dict[tuple[date, date], list[tuple[str, str]]]:
    found: dict[tuple[date, date], list[tuple[str, str]]] = defaultdict(list)
    for code, since, until, name, *_ in list_membership_rows():
        found[since, until].append((code, name))
    return dict(found)
