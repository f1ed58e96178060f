"""Stored rows beside the rows that the fold says there must be, a window of positions at a time.

A row may be there twice with the same content (a redelivery that the engine has not merged yet). A row may be missing
only where the loader had not committed its output when the replay began: then it is on its way.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator

from audit.compare import SettledPosition
from audit.findings import Finding, FindingKind, PartitionReach, ReplayReport
from audit.rows import TABLES, RowKey, StoredRow, find_row_key, make_rows
from audit.store import StoredRows

WINDOW_POSITIONS = 5_000

Expected = dict[str, dict[RowKey, StoredRow]]


class StoredRowCheck:
    """The stored rows of one partition.

    Args:
        loaded: by topic, what the loader had committed.
    """

    def __init__(self, store: StoredRows, reach: PartitionReach, verdict: ReplayReport, loaded: dict[str, int]) -> None:
        self._store = store
        self._reach = reach
        self._verdict = verdict
        self._loaded = loaded
        self._next = 0

    def check_positions(self, settled: Iterator[SettledPosition]) -> Iterator[SettledPosition]:
        """Compare the rows of every position; positions pass through."""
        window: list[SettledPosition] = []
        for one in settled:
            window.append(one)
            yield one
            if len(window) == WINDOW_POSITIONS:
                self._compare_rows(window, one.output.offset)
                window = []
        if window:
            self._compare_rows(window, window[-1].output.offset)

    def check_rest(self, published_end: Callable[[], int]) -> None:
        """Check that rows past the last position compared were published since; the end is asked for after them."""
        late = [(table, row) for table in TABLES for row in self._list_rest(table)]
        end = published_end() if late else 0
        for table, row in late:
            if find_row_key(row)[0] >= end:
                self._report_row(FindingKind.ROW_UNKNOWN, table, row, "Nothing was published at this position.")

    def _list_rest(self, table: str) -> Iterator[StoredRow]:
        rows = self._store.read_rows(table, self._reach.partition, self._next, None)
        return (row for row in rows if find_row_key(row)[0] >= self._reach.published_end)

    def _compare_rows(self, window: list[SettledPosition], last: int) -> None:
        expected: Expected = defaultdict(dict)
        due: set[int] = set()
        for one in window:
            if one.output.at < self._loaded.get(one.output.topic, 0):
                due.add(one.output.offset)
            for table, row in make_rows(one.expected):
                expected[table][find_row_key(row)] = row
        missing: set[int] = set()
        for table in TABLES:
            missing |= self._compare_table(table, expected[table], last, due)
        self._reach.not_stored += len(missing)
        self._next = last + 1

    def _compare_table(self, table: str, expected: dict[RowKey, StoredRow], last: int, due: set[int]) -> set[int]:
        """Report what differs; return the positions whose rows are missing and not due yet."""
        found: set[RowKey] = set()
        for row in self._store.read_rows(table, self._reach.partition, self._next, last):
            found.add(find_row_key(row))
            self._reach.rows += 1
            self._compare_row(table, expected.get(find_row_key(row)), row)
        absent = [key for key in expected if key not in found]
        for key in absent:
            if key[0] in due:
                self._report_row(FindingKind.ROW_MISSING, table, expected[key], "The store does not hold this row.")
        return {offset for offset, _ in absent if offset not in due}

    def _compare_row(self, table: str, expected: StoredRow | None, row: StoredRow) -> None:
        if expected is None:
            self._report_row(FindingKind.ROW_UNKNOWN, table, row, "The fold does not write this row.")
        elif row != expected:
            wrong = sorted(name for name in expected.keys() | row.keys() if expected.get(name) != row.get(name))
            self._report_row(FindingKind.ROW_DIFFERS, table, expected, f"Not as the fold has it: {', '.join(wrong)}.")

    def _report_row(self, kind: FindingKind, table: str, row: StoredRow, sentence: str) -> None:
        offset, leg = find_row_key(row)
        self._verdict.add_finding(
            Finding(
                kind=kind,
                place=f"{table} leg {leg}" if "leg" in row else table,
                sentence=sentence,
                partition=self._reach.partition,
                offset=offset,
                event_id=row.get("event_id"),
                threat_id=row.get("threat_id"),
                disruption_id=row.get("disruption_id"),
            )
        )
