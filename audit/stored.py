"""Stored rows beside the rows that the fold says there must be, a window of positions at a time.

1. All rows of a table and window are asked for as one run of bytes, and are right where it is the run that the fold
   packs (``audit.packed``). That is all, nearly always.
2. Where it is not, the rows are asked for one by one and compared field by field, which names what differs.

A row may be there twice with the same content (a redelivery that the engine has not merged yet). A row may be missing
only where the loader had not committed its output when the replay began: then it is on its way.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256

from audit.compare import SettledPosition
from audit.container import read_container
from audit.findings import Finding, FindingKind, PartitionReach, ReplayReport
from audit.outputs import Stored
from audit.packed import PACKED_COLUMNS, pack_output
from audit.proving import ProvenEntry
from audit.rows import TABLES, RowKey, StoredRow, find_row_key, make_rows
from audit.store import StoredRows
from infra.topics import ENTRIES

WINDOW_POSITIONS = 10_000
WINDOW_BYTES = 24 * 1024 * 1024

Expected = dict[str, dict[RowKey, StoredRow]]
Walked = SettledPosition | ProvenEntry


class RowWindow:
    """Successive positions, and the rows that there must be for them."""

    def __init__(self) -> None:
        self.walked: list[Walked] = []
        self.packed: dict[str, list[bytes]] = defaultdict(list)
        self._size = 0

    @property
    def is_full(self) -> bool:
        """Whether it is large enough to be compared."""
        return len(self.walked) >= WINDOW_POSITIONS or self._size >= WINDOW_BYTES

    def add_position(self, one: Walked) -> None:
        """Add a position's rows."""
        self.walked.append(one)
        for table, row in one.rows if isinstance(one, ProvenEntry) else pack_output(one.expected):
            self.packed[table].append(row)
            self._size += len(row)

    def make_expected(self, read_entry: Callable[[bytes], Stored]) -> Expected:
        """Make the rows again, field by field."""
        expected: Expected = defaultdict(dict)
        for one in self.walked:
            for table, row in make_rows(read_entry(one.value) if isinstance(one, ProvenEntry) else one.expected):
                expected[table][find_row_key(row)] = row
        return expected

    def find_due(self, loaded: Mapping[str, int]) -> set[int]:
        """Find the positions whose outputs the loader had committed."""
        due = set()
        for one in self.walked:
            topic, at, offset = (
                (ENTRIES, one.at, one.offset)
                if isinstance(one, ProvenEntry)
                else (one.output.topic, one.output.at, one.output.offset)
            )
            if at < loaded.get(topic, 0):
                due.add(offset)
        return due


class StoredRowCheck:
    """The stored rows of one partition.

    Args:
        loaded: by topic, what the loader had committed.
        read_entry: bytes of an entry that was proven to what it is.
    """

    def __init__(
        self,
        store: StoredRows,
        reach: PartitionReach,
        verdict: ReplayReport,
        loaded: Mapping[str, int],
        read_entry: Callable[[bytes], Stored],
    ) -> None:
        self._store = store
        self._reach = reach
        self._verdict = verdict
        self._loaded = loaded
        self._read_entry = read_entry
        self._next = 0
        self._digests = {table: sha256() for table in TABLES}

    def check_positions(self, walked: Iterator[Walked]) -> Iterator[Walked]:
        """Compare the rows of every position; positions pass through."""
        window, last = RowWindow(), -1
        for one in walked:
            window.add_position(one)
            last = one.offset if isinstance(one, ProvenEntry) else one.output.offset
            yield one
            if window.is_full:
                self._compare_rows(window, last)
                window = RowWindow()
        if window.walked:
            self._compare_rows(window, last)
        self._reach.digests = {table: digest.hexdigest() for table, digest in self._digests.items()}

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

    def _compare_rows(self, window: RowWindow, last: int) -> None:
        differ = [table for table in TABLES if not self._is_same(table, window.packed[table], last)]
        if differ:
            expected, due = window.make_expected(self._read_entry), window.find_due(self._loaded)
            missing: set[int] = set()
            for table in differ:
                missing |= self._compare_table(table, expected[table], last, due)
            self._reach.not_stored += len(missing)
        self._next = last + 1

    def _is_same(self, table: str, packed: list[bytes], last: int) -> bool:
        """Tell whether the store holds just these rows."""
        wanted = b"".join(packed)
        self._digests[table].update(wanted)
        found = self._store.read_packed(table, self._reach.partition, self._next, last)
        count, rows = read_container(found, PACKED_COLUMNS[table])
        if rows != wanted or count != len(packed):
            return False
        self._reach.rows += count
        return True

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
