"""Closing balances as the fold's postings add up to, beside those that the store carries forward.

Postings fall between the positions of successive closings, so each is added up once, whatever the number of closings.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, groupby
from operator import itemgetter
from typing import NamedTuple

from audit.findings import Finding, FindingKind
from audit.rows import StoredRow
from audit.store import StoredRows
from ledger.entries import Account
from ledger.facts import Day
from ledger.instants import count_days, make_date
from schemas.stored import StoredEntry

MONTH = "MONTH"  # the grain that tells months apart; the other one, EVER, tells nothing


class CarriedForward(NamedTuple):
    """A closing that the store says there is: what lies before these offsets is summed, by partition from 0."""

    closing: str
    grain: str
    positions: tuple[int, ...]

    def comes_after(self, other: "CarriedForward") -> bool:
        """Tell whether it sums all that ``other`` sums."""
        ends = [*self.positions, *[0] * len(other.positions)]
        return all(end <= ends[number] for number, end in enumerate(other.positions))

    def has_end(self, partition: int, end: int) -> bool:
        """Tell whether it sums nothing from ``end`` on."""
        return partition >= len(self.positions) or self.positions[partition] <= end

    def sums_position(self, partition: int, offset: int) -> bool:
        """Tell whether it sums the postings of a position."""
        return partition < len(self.positions) and offset < self.positions[partition]

    def __str__(self) -> str:
        """Return it as it is named: its grain and its position."""
        places = ", ".join(f"{number}:{offset}" for number, offset in enumerate(self.positions))
        return f"closing {self.grain} at {places}"


class ClosingSums:
    """Successive closings, and the sums of the postings that each adds to those of the one before."""

    def __init__(self, first: CarriedForward) -> None:
        self.closings = [first]
        self._added: list[Counter[Account]] = [Counter()]

    def take_closing(self, closing: CarriedForward) -> bool:
        """Take one that comes after all there are; False where it does not."""
        last = self.closings[-1]
        if closing.grain != last.grain or not closing.comes_after(last):
            return False
        self.closings.append(closing)
        self._added.append(Counter())
        return True

    def add_entry(self, entry: StoredEntry) -> None:
        """Add an entry's postings to the first closing that sums its position."""
        partition, offset = entry.source.partition, entry.source.offset
        for closing, sums in zip(self.closings, self._added, strict=True):
            if closing.sums_position(partition, offset):
                for leg in entry.legs:
                    sums[keep_date(leg.account, closing.grain)] += leg.sign
                return

    def find_balances(self, closing: CarriedForward) -> dict[Account, int] | None:
        """Find what a closing must say; None where it is not one of these."""
        if closing not in self.closings:
            return None
        sums: Counter[Account] = Counter()
        for added in self._added[: self.closings.index(closing) + 1]:
            sums.update(added)
        return {account: n for account, n in sums.items() if n}


class ClosingAudit:
    """The closings that there were when the replay began, each added up again."""

    def __init__(self, store: StoredRows) -> None:
        self._store = store
        self._sums: list[ClosingSums] = []
        heads, _ = split_heads(store.read_closings())
        for closing in sorted(heads, key=lambda one: (one.grain, sum(one.positions))):
            if not any(sums.take_closing(closing) for sums in self._sums):
                self._sums.append(ClosingSums(closing))

    def add_entry(self, entry: StoredEntry) -> None:
        """Add an entry's postings."""
        for sums in self._sums:
            sums.add_entry(entry)

    def compare_closings(self, covered: Mapping[int, int]) -> Iterator[Finding | int]:
        """Compare every closing: how many balances it should have, and a difference where it has not those.

        One that was made since the replay began, or that sums past ``covered``, is not due yet; one that was taken
        away since carries nothing any more.

        Raises:
            Unavailable: the store did not answer.
        """
        heads, rows = split_heads(self._store.read_closings())
        due = {one.closing: one for one in heads if all(one.has_end(*end) for end in covered.items())}
        for name, balances in groupby(rows, key=itemgetter("closing")):
            if name in due:
                yield from self._compare_one(due.pop(name), balances)
        for closing in due.values():
            yield from self._compare_one(closing, ())

    def _compare_one(self, closing: CarriedForward, rows: Iterable[StoredRow]) -> Iterator[Finding | int]:
        expected = next((found for sums in self._sums if (found := sums.find_balances(closing)) is not None), None)
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


def split_heads(rows: Iterator[StoredRow]) -> tuple[list[CarriedForward], Iterator[StoredRow]]:
    """Split what a store says of its closings into what each is, which comes first, and their balances."""
    heads: list[CarriedForward] = []
    for row in rows:
        if "positions" not in row:
            return heads, chain((row,), rows)
        heads.append(CarriedForward(row["closing"], row["grain"], tuple(row["positions"])))
    return heads, iter(())


def read_account(row: StoredRow) -> Account:
    """Return the account of a closing balance."""
    return Account(*(row[name] for name in Account._fields))


def keep_date(account: Account, grain: str) -> Account:
    """Return an account with what a grain keeps of its event date."""
    return account._replace(event_date=find_kept_day(account.event_date) if grain == MONTH else 0)


@lru_cache(maxsize=100_000)
def find_kept_day(day: Day) -> Day:
    """Return the first day of a month as it is, and of its other days the second."""
    date = make_date(day)
    return day if date.day == 1 else count_days(date.replace(day=2))
