"""The loader's questions to the store, answered from tables in memory: each is known by its text, and no other is.

A question that was rewritten is an error here, and is then to be answered anew. ``test_engine`` asks each of the
engine itself as well, over whole runs, and holds the two to the same rows.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sinks.grains import FIRST_DAY
from tests.simulation.tables import MemoryTables, TableRow

EPOCH = date(1970, 1, 1)
Asked = Mapping[str, Any]
ACCOUNT = ("organisation", "type", "standing", "event_date", "pillar", "kind", "crime_type", "category")
_WITHIN = re.compile(r"\(partition = (\d+) AND offset >= (\d+)\)")
_OTHERS = re.compile(r"partition NOT IN \(([\d, ]+)\)")
_CUT = re.compile(r"WHERE partition = (\d+) AND offset < (\d+)")


def answer_query(tables: MemoryTables, sql: str, asked: Asked) -> list[TableRow]:
    """Answer a question, or do what it says."""
    text = " ".join(sql.split())
    for sign, answer in KNOWN.items():
        if sign in text:
            return answer(tables, text, asked)
    raise AssertionError(f"tests/simulation/answers.py does not know this question: {text}")


def _select_outputs(tables: MemoryTables, text: str) -> list[TableRow]:
    """Select outputs of both tables by the condition of ``sinks.positions.select_after``, or of ``_cut_at``."""
    cut = _CUT.search(text)
    known = {int(one[1]): int(one[2]) for one in _WITHIN.finditer(text)}
    others = _OTHERS.search(text)
    named = {int(one) for one in others[1].split(",")} if others else set()

    def is_selected(row: TableRow) -> bool:
        partition, offset = row["partition"], row["offset"]
        if cut is not None:
            return partition == int(cut[1]) and offset < int(cut[2])
        if others is None and known:
            return partition in known and offset >= known[partition]
        return others is None or partition not in named or offset >= known.get(partition, offset + 1)

    entries = [one for one in tables.list_rows("entries") if is_selected(one)]
    refusals = [
        {**one, "part": 0, "parts": 1, "entered_at": None} for one in tables.list_rows("rejected") if is_selected(one)
    ]
    return entries + refusals


def _find_reach(rows: Iterable[TableRow]) -> TableRow:
    found = list(rows)
    entered = [one["entered_at"] for one in found if one["entered_at"] is not None]
    return {
        "position": max(one["offset"] for one in found) + 1,
        "ledger_time": max(one["ledger_time"] for one in found),
        "entered_at": max(entered, default=None),
    }


def sum_chain(tables: MemoryTables, text: str, _: Asked) -> list[TableRow]:
    """Answer ``sinks.positions._SUMMED``; equal multisets in the place of equal sums of hashes."""
    partitions: dict[int, list[TableRow]] = defaultdict(list)
    for row in _select_outputs(tables, text):
        partitions[row["partition"]].append(row)
    answer = []
    for partition, rows in partitions.items():
        begins, ends = Counter(one["previous_offset"] for one in rows), Counter(one["offset"] for one in rows)
        ends[min(begins)] += 1
        begins[max(one["offset"] for one in rows)] += 1
        unbroken = max(one["parts"] for one in rows) <= 1 and begins == ends
        start = min(one["previous_offset"] for one in rows) + 1
        answer.append({"partition": partition, "start": start, **_find_reach(rows), "unbroken": unbroken})
    return answer


def follow_chain(tables: MemoryTables, text: str, asked: Asked) -> list[TableRow]:
    """Answer ``sinks.positions._FOLLOWED``."""
    positions: dict[int, list[TableRow]] = defaultdict(list)
    for row in _select_outputs(tables, text):
        if row["partition"] == asked["partition"]:
            positions[row["offset"]].append(row)
    chained: list[TableRow] = []
    before = asked["start"] - 1
    for offset in sorted(positions):
        rows = positions[offset]
        if len({one["part"] for one in rows}) < max(one["parts"] for one in rows):
            continue
        if max(one["previous_offset"] for one in rows) != before:
            break
        chained += rows
        before = offset
    return [_find_reach(chained)] if chained else []


def cut_chain(tables: MemoryTables, text: str, _: Asked) -> list[TableRow]:
    """Answer ``sinks.positions._CUT``."""
    rows = _select_outputs(tables, text)
    return [_find_reach(rows)] if rows else []


def list_held(tables: MemoryTables, text: str, _: Asked) -> list[TableRow]:
    """Answer what ``sinks.held.find_held`` asks."""
    of_entries = "FROM entries" in text
    selected = [one for one in _select_outputs(tables, text) if (one["entered_at"] is not None) == of_entries]
    return [{name: one[name] for name in ("partition", "offset", "part")} for one in selected]


def _find_sides(tables: MemoryTables, text: str, asked: Asked) -> dict[tuple[int, int], tuple[set[int], set[int]]]:
    """Find, by position, the legs that entries say and those that are there (``sinks.integrity._BOTH``)."""
    of_threats = "FROM threat_postings" in text
    below = asked.get("below")
    sides: dict[tuple[int, int], tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))

    def is_asked(row: TableRow) -> bool:
        if row["partition"] not in asked["partitions"]:
            return False
        return below is None or row["offset"] < _read_array(below, row["partition"])

    for row in filter(is_asked, tables.list_final("entries")):
        first, count = (0, row["threat_leg_count"]) if of_threats else (row["first_leg"], row["leg_count"])
        sides[row["partition"], row["offset"]][0].update(range(first, first + count))
    for row in filter(is_asked, tables.list_final("threat_postings" if of_threats else "postings")):
        sides[row["partition"], row["offset"]][1].add(row["leg"])
    return sides


def find_first_lost(tables: MemoryTables, text: str, asked: Asked) -> list[TableRow]:
    """Answer ``sinks.integrity._FIRST``."""
    firsts: dict[int, int] = {}
    for (partition, offset), (said, held) in _find_sides(tables, text, asked).items():
        if said != held:
            firsts[partition] = min(offset, firsts.get(partition, offset))
    return [{"partition": partition, "first": first} for partition, first in firsts.items()]


def find_differing(tables: MemoryTables, text: str, asked: Asked) -> list[TableRow]:
    """Answer ``sinks.integrity._DIFFERING``."""
    return [{"partition": one["partition"]} for one in find_first_lost(tables, text, asked)]


def find_reach(tables: MemoryTables, _: str, asked: Asked) -> list[TableRow]:
    """Answer ``sinks.integrity._REACH``."""
    ends = dict(zip(asked["partitions"], asked["ends"], strict=True))
    reaches: dict[int, int] = {}
    for row in (*tables.list_rows("entries"), *tables.list_rows("rejected")):
        if row["offset"] < ends.get(row["partition"], 0):
            reaches[row["partition"]] = max(row["offset"] + 1, reaches.get(row["partition"], 0))
    return [{"partition": partition, "reach": reach} for partition, reach in reaches.items()]


def list_closings(tables: MemoryTables, _: str, asked: Asked) -> list[TableRow]:
    """Answer ``sinks.closings._LIST``."""
    found = [one for one in tables.list_final("closings") if one["grain"] in asked["grains"]]
    found.sort(key=lambda one: (one["grain"], sum(one["positions"])))
    now = len(tables.list_rows("postings"))
    return [{**{name: value for name, value in one.items() if name != "written_at"}, "now": now} for one in found]


def _select_later(tables: MemoryTables, asked: Asked) -> list[TableRow]:
    """Select what ``sinks.closings.LATER`` and the closing's end leave of the postings."""
    return [
        row
        for row in tables.list_final("postings")
        if row["ledger_time"] >= asked["learnt_from"]
        and row["offset"] >= _read_array(asked["carried"], row["partition"])
        and row["offset"] < _read_array(asked["end"], row["partition"])
    ]


def _read_array(array: list[int], partition: int) -> int:
    """Read what lies at a partition's place; past the array's end: 0."""
    return array[partition] if partition < len(array) else 0


def keep_date(event_date: int, *, by_month: bool) -> int:
    """Keep of an event date what ``sinks.grains.KEPT_DATE`` keeps."""
    if by_month:
        return event_date - max((EPOCH + timedelta(event_date)).day - 2, 0)
    first = (FIRST_DAY - EPOCH).days
    return (date(1900, 1, 1) - EPOCH).days if event_date < first else first


def sum_closing(tables: MemoryTables, text: str, asked: Asked) -> list[TableRow]:
    """Do ``sinks.closing_maker._SUMS``."""
    sums: Counter[tuple[Any, ...]] = Counter()
    for row in tables.list_rows("closing_balances"):
        if row["closing"] == asked["base"]:
            sums[tuple([row[name] for name in ACCOUNT])] += row["n"]
    for row in _select_later(tables, asked):
        kept = {**row, "event_date": keep_date(row["event_date"], by_month="toDayOfMonth" in text)}
        sums[tuple([kept[name] for name in ACCOUNT])] += row["sign"]
    rows = [
        {"closing": asked["closing"], **dict(zip(ACCOUNT, account, strict=True)), "n": n}
        for account, n in sums.items()
        if n
    ]
    tables.insert_rows("closing_balances", rows)
    return []


def count_made(tables: MemoryTables, _: str, asked: Asked) -> list[TableRow]:
    """Answer ``sinks.closing_maker._MADE``."""
    accounts = sum(one["closing"] == asked["closing"] for one in tables.list_rows("closing_balances"))
    entered_at = max((one["entered_at"] for one in _select_later(tables, asked)), default=0)
    return [{"accounts": accounts, "entered_at": entered_at}]


def count_past(tables: MemoryTables, text: str, asked: Asked) -> list[TableRow]:
    """Answer, or do, what ``sinks.closings.forget_closings`` asks."""
    past = [
        one
        for one in tables.list_rows("closings")
        if any(_read_array(one["positions"], n) > at for n, at in zip(asked["numbers"], asked["offsets"], strict=True))
    ]
    if text.startswith("DELETE"):
        tables.delete_rows("closings", past)
    return [{"n": len(past)}]


def delete_named(tables: MemoryTables, text: str, asked: Asked) -> list[TableRow]:
    """Delete the rows of named closings."""
    table = "closing_balances" if "FROM closing_balances" in text else "closings"
    ids: list[UUID] = asked["ids"]
    tables.delete_rows(table, [one for one in tables.list_rows(table) if one["closing"] in ids])
    return []


def list_left_over(tables: MemoryTables, _: str, __: Asked) -> list[TableRow]:
    """Answer ``sinks.closing_maker._LEFT_OVER``."""
    known = {one["closing"] for one in tables.list_rows("closings")}
    found = dict.fromkeys(one["closing"] for one in tables.list_rows("closing_balances"))
    return [{"closing": one} for one in found if one not in known]


def count_rows(tables: MemoryTables, text: str, asked: Asked) -> list[TableRow]:
    """Count the rows of a table: all, or those of one closing."""
    table = re.search(r"FROM (\w+)( FINAL)?", text)
    assert table is not None
    rows = tables.list_final(table[1]) if table[2] else tables.list_rows(table[1])
    return [{"n": sum("closing" not in asked or one["closing"] == asked["closing"] for one in rows)}]


def list_columns(tables: MemoryTables, text: str, _: Asked) -> list[TableRow]:
    """List columns of a table, each key once."""
    said = re.match(r"SELECT ([\w, ]+) FROM (\w+) FINAL$", text)
    assert said is not None, text
    names = said[1].split(", ")
    return [{name: one[name] for name in names} for one in tables.list_final(said[2])]


KNOWN: dict[str, Callable[[MemoryTables, str, Asked], list[TableRow]]] = {
    "INSERT INTO closing_balances": sum_closing,
    "AS accounts,": count_made,
    "DELETE FROM closing_balances WHERE has(": delete_named,
    "DELETE FROM closings WHERE has(": delete_named,
    "arrayExists((number, offset) -> positions": count_past,
    "SELECT DISTINCT closing": list_left_over,
    "AS now FROM closings": list_closings,
    " AS unbroken FROM ": sum_chain,
    "lagInFrame": follow_chain,
    "HAVING count() > 0": cut_chain,
    "min(offset) AS first": find_first_lost,
    "HAVING sum(said) != sum(held)": find_differing,
    "AS reach FROM": find_reach,
    "AS part FROM": list_held,
    "SELECT count() AS n FROM": count_rows,
    "AS aside FROM unloadable FINAL": lambda *_: [],
    " FROM topics FINAL": list_columns,
    " FROM progress FINAL": list_columns,
}
"""By a part of its text that no other has; the first that fits."""
