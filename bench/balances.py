"""Balances and extractions at 100,000, 1 and 10 million postings, beside the bare SQL.

    python -m bench.balances [--sizes 100000,1000000,10000000] [--repeats R]

*Asked*: ``queries.balances.answer_extract`` as the read API calls it: positions, the sum, rows. *Bare*: one statement
by hand, with the constants in it, on the same table, with FINAL (exact whatever was redelivered) and without (exact
only when nothing was). Closings are made when they are due, as a loader does between two blocks; after the last one
comes as much as ever comes before the next, so that what is measured is the slowest moment.

Interleaved repeats, medians with the lowest and highest. Keeps bench/results/balances.json.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.spread import add_keep_option, keep_results
from infra.settings import load_settings
from ledger.organisations import ORGANISATIONS
from queries import balances
from queries.balance_queries import CountQuery, ExtractQuery
from queries.published import Tail
from queries.snapshot import take_snapshot
from sinks.closing_maker import STEP_POSTINGS, ClosingMaker
from sinks.migration import migrate_store
from sinks.store import Store, open_store

BLOCK = 250_000
AS_AT, KNOWN_AT = datetime(2022, 7, 4, 22, 59, 59, 999000, UTC), datetime(2022, 10, 1, tzinfo=UTC)
YEAR = (date(2021, 7, 1), date(2022, 6, 30))

LEARNT = "toDateTime64(1593561600 + intDiv(number * 126144000, {total}), 3, 'UTC')"
POSTINGS = """
INSERT INTO postings SELECT number % 12 AS partition, intDiv(number, 12) AS offset, 0 AS leg,
    {learnt} AS ledger_time,
    toUUID('00000000-0000-0000-0000-000000000000') AS event_id,
    'T' || toString(cityHash64(number) % 40000) AS threat_id,
    'D' || toString(number) AS disruption_id,
    {organisations}[1 + cityHash64(number, 2) % {count}] AS organisation,
    if(cityHash64(number, 3) % 20 = 0, 'SUPPORT', 'LEAD') AS type,
    ['PURSUE', 'PURSUE', 'PURSUE', 'PREVENT', 'PROTECT', 'PREPARE'][1 + cityHash64(number, 4) % 6] AS pillar,
    ['OCG', 'OCG', 'PRIORITY_INDIVIDUAL', 'VULNERABILITY'][1 + cityHash64(number, 5) % 4] AS kind,
    ['DRUGS', 'CYBER', 'FRAUD', 'MSHT', 'FIREARMS'][1 + cityHash64(number, 6) % 5] AS crime_type,
    ['MAJOR', 'MODERATE', 'MINOR', 'NONE'][1 + cityHash64(number, 7) % 4] AS category,
    toDate32(ledger_time) - toInt32(cityHash64(number, 8) % 30) AS event_date,
    if(category = 'NONE', 'CATEGORY_NOT_COUNTED', 'COUNTED') AS standing,
    if(cityHash64(number, 9) % 10 = 0, -1, 1) AS sign, ledger_time - cityHash64(number, 10) % 86400 AS entered_at
FROM numbers({first}, {rows})
"""
ENTRIES = """
INSERT INTO entries (partition, offset, previous_offset, ledger_time, verdict, record)
SELECT number % 12, intDiv(number, 12), intDiv(number, 12) - 1, {learnt}, 'ADMITTED', 'DisruptionEvent'
FROM numbers({first}, {rows})
"""
BARE = """
SELECT organisation, pillar, sum(sign) AS n FROM postings{final} PREWHERE type = 'LEAD' AND standing = 'COUNTED'
AND event_date >= '2021-07-01' AND event_date <= '2022-06-30'
AND entered_at <= toDateTime64('2022-07-04 22:59:59.999', 3, 'UTC')
AND ledger_time <= toDateTime64('2022-10-01 00:00:00.000', 3, 'UTC'){force}
GROUP BY organisation, pillar HAVING n != 0 ORDER BY organisation, pillar
"""


class NobodyPublishes:
    """A broker that says what is there at once: its own time is not what is measured here."""

    margin = timedelta(0)

    def find_tails(self, _: Mapping[int, int]) -> dict[int, Tail]:
        return {}


def fill_store(store: Store, total: int) -> float:
    """Fill a store with as many postings as asked for, four years of them, in blocks in the order of the ledger.

    Returns the seconds that closings took.
    """
    codes = str([one.code for one in ORGANISATIONS])
    learnt, closed = LEARNT.format(total=total), total - STEP_POSTINGS
    spent, maker = 0.0, ClosingMaker(store)
    for first in [*range(0, closed, BLOCK), closed]:
        some = {"learnt": learnt, "first": first, "rows": min(BLOCK, (closed if first < closed else total) - first)}
        store.query(POSTINGS.format(organisations=codes, count=len(ORGANISATIONS), **some))
        store.query(ENTRIES.format(**some))
        store.forget_coverage()  # written past the store: nobody told how far it reaches
        if first < closed:
            spent += measure_call(maker.make_due) / 1000
    maker.close()
    return spent


def list_questions(store: Store) -> dict[str, Callable[[], Any]]:
    """List what is timed, by name."""

    def ask_extract(**more: Any) -> Any:
        asked: dict[str, Any] = {"by": ("org", "pillar"), "as_at": AS_AT, "known_at": KNOWN_AT} | more
        return balances.answer_extract(
            take_snapshot(store, NobodyPublishes()), ExtractQuery(start=YEAR[0], end=YEAR[1], **asked)
        ).rows

    def ask_bare(final: str, force: str = "") -> Any:
        return store.query(BARE.format(final=final, force=force))

    one = " AND organisation = 'essex'"
    return {
        "national year: asked": ask_extract,
        "national year: bare, FINAL": lambda: ask_bare(" FINAL"),
        "national year: bare, not FINAL": lambda: ask_bare(""),
        "by region and month: asked": lambda: ask_extract(by=("region", "month")),
        "one force: asked": lambda: ask_extract(org="essex"),
        "one force: bare, FINAL": lambda: ask_bare(" FINAL", one),
        "live counts: asked": lambda: balances.answer_count(
            take_snapshot(store, NobodyPublishes()), CountQuery(by=("org",))
        ),
        "live counts by region and month: asked": lambda: balances.answer_count(
            take_snapshot(store, NobodyPublishes()), CountQuery(by=("region", "month"))
        ),
    }


def measure_call(call: Callable[[], Any]) -> float:
    before = time.perf_counter()
    call()
    return (time.perf_counter() - before) * 1000


def measure_questions(total: int, repeats: int) -> dict[str, Any]:
    """Measure the milliseconds of each question, interleaved."""
    with tempfile.TemporaryDirectory() as directory:
        store = open_store(load_settings(Path(directory)))
        migrate_store(store)
        began = time.perf_counter()
        closings = fill_store(store, total)
        filled = time.perf_counter() - began
        asked = list_questions(store)
        assert asked["national year: asked"]() == [
            {"org": row["organisation"], "pillar": row["pillar"], "n": row["n"]}
            for row in asked["national year: bare, FINAL"]()
        ]
        spent: dict[str, list[float]] = {name: [] for name in asked}
        for _ in range(repeats):
            for name, call in asked.items():
                spent[name].append(measure_call(call))
        parts = store.query("SELECT count() AS n FROM system.parts WHERE active AND table = 'postings'")[0]["n"]
        store.close()
    shown = {name: {"median": statistics.median(ms), "least": min(ms), "most": max(ms)} for name, ms in spent.items()}
    whole = {kind: shown[f"national year: {kind}"]["median"] for kind in ("asked", "bare, FINAL", "bare, not FINAL")}
    return {
        "parts": parts,
        "seconds": {"filling": filled, "of these, closings": closings},
        "milliseconds": shown,
        "asked over bare, FINAL": whole["asked"] / whole["bare, FINAL"],
        "asked over bare, not FINAL": whole["asked"] / whole["bare, not FINAL"],
    }


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", default="100000,1000000,10000000")
    parser.add_argument("--repeats", type=int, default=9)
    add_keep_option(parser, "balances")
    options = parser.parse_args()
    results: dict[str, Any] = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0], "repeats": options.repeats}
    for size in map(int, options.sizes.split(",")):
        found = results[f"{size} postings"] = measure_questions(size, options.repeats)
        print(f"\n{size:,} postings in {found['parts']} parts; milliseconds, median (least to most)")
        for name, one in found["milliseconds"].items():
            print(f"  {name:40} {one['median']:8.1f}  ({one['least']:.1f} to {one['most']:.1f})")
        print(f"  seconds {found['seconds']}")
        for name in ("asked over bare, FINAL", "asked over bare, not FINAL"):
            print(f"  {name:40} {found[name]:8.2f}")
    keep_results(options.keep, results)


if __name__ == "__main__":
    main()
