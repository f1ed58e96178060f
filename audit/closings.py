"""Closing balances as the fold's postings add up to, beside those that the store carries forward."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import NamedTuple

from audit.findings import Finding, FindingKind
from audit.rows import StoredRow
from audit.store import ClosingRows
from audit.sums import SumCell, select_closed, sum_figures
from ledger.entries import Account
from ledger.facts import Millis

MONTH = "MONTH"  # the grain that tells months apart; the other one, EVER, tells nothing


class CarriedForward(NamedTuple):
    """A closing that the store says there is: what lies before these offsets is summed, by partition from 0.

    ``instant`` is the greatest ledger time that it says to sum; None where it says none.
    """

    closing: str
    grain: str
    positions: tuple[int, ...]
    instant: Millis | None = None

    def comes_after(self, other: "CarriedForward") -> bool:
        """Tell whether it sums all that ``other`` sums."""
        ends = [*self.positions, *[0] * len(other.positions)]
        return all(end <= ends[number] for number, end in enumerate(other.positions))

    def has_end(self, partition: int, end: int) -> bool:
        """Tell whether it sums nothing from ``end`` on."""
        return partition >= len(self.positions) or self.positions[partition] <= end

    def __str__(self) -> str:
        """Return it as it is named: its grain and its position."""
        places = ", ".join(f"{number}:{offset}" for number, offset in enumerate(self.positions))
        return f"closing {self.grain} at {places}"


class ClosingAudit:
    """The closings that there were when the replay began: chains of successive ones, whatever their grain."""

    def __init__(self, store: ClosingRows) -> None:
        self._store = store
        self.chains: list[list[tuple[int, ...]]] = []
        heads, _ = split_heads(store.read_closings())
        self.instants = sorted({one.instant for one in heads if one.instant is not None})
        for closing in sorted(heads, key=lambda one: sum(one.positions)):
            self._add_closing(closing)

    def _add_closing(self, closing: CarriedForward) -> None:
        for one in self.chains:
            last = CarriedForward("", "", one[-1])
            if closing.comes_after(last):
                if closing.positions != last.positions:
                    one.append(closing.positions)
                return
        self.chains.append([closing.positions])

    def compare_closings(self, cells: Sequence[SumCell], covered: Mapping[int, int]) -> Iterator[Finding | int]:
        """Compare every closing: how many balances it should have, and a difference where it has not those.

        One that was made since the replay began, or that sums past ``covered``, is not due yet; one that was taken
        away since carries nothing any more.

        Args:
            cells: what the fold's postings add up to, on a grid with these chains.
            covered: by partition, where the replay ended.

        Raises:
            Unavailable: the store did not answer.
        """
        heads, rows = split_heads(self._store.read_closings())
        due = {one.closing: one for one in heads if all(one.has_end(*end) for end in covered.items())}
        for name, balances in groupby(rows, key=itemgetter("closing")):
            if name in due:
                yield from self._compare_one(cells, due.pop(name), balances)
        for closing in due.values():
            yield from self._compare_one(cells, closing, ())

    def _compare_one(
        self, cells: Sequence[SumCell], closing: CarriedForward, rows: Iterable[StoredRow]
    ) -> Iterator[Finding | int]:
        expected = self._find_balances(cells, closing)
        if expected is None:
            return
        yield len(expected)
        wrong = [account for row in rows if expected.pop(account := read_account(row), 0) != row["n"]]
        wrong += expected  # what is left has no row
        if wrong:
            place = ", ".join(f"{name} {value}" for name, value in wrong[0]._asdict().items())
            sentence = (
                f"{len(wrong):,} balances are not what the fold's postings add up to, the first of them: {place}."
            )
            yield Finding(kind=FindingKind.CLOSING_DIFFERS, place=str(closing), sentence=sentence)

    def _find_balances(self, cells: Sequence[SumCell], closing: CarriedForward) -> dict[Account, int] | None:
        """Find what a closing must say; None where it was made since."""
        for number, one in enumerate(self.chains):
            if closing.positions in one:
                sums = sum_figures(select_closed(cells, number, one.index(closing.positions)))
                kept: Counter[Account] = Counter()
                for account, n in sums.items():
                    kept[account if closing.grain == MONTH else account._replace(event_date=0)] += n
                return {account: n for account, n in kept.items() if n}
        return None


def split_heads(rows: Iterator[StoredRow]) -> tuple[list[CarriedForward], Iterator[StoredRow]]:
    """Split what a store says of its closings into what each is, which comes first, and their balances."""
    heads: list[CarriedForward] = []
    for row in rows:
        if "positions" not in row:
            return heads, chain((row,), rows)
        instant = max(row.get("ledger_times") or (), default=None)
        heads.append(CarriedForward(row["closing"], row["grain"], tuple(row["positions"]), instant))
    return heads, iter(())


def read_account(row: StoredRow) -> Account:
    """Return the account of a closing balance."""
    return Account(*(row[name] for name in Account._fields))
