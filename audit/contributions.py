"""The legs that a figure is made of, digested in a stated order, and the cells that they add up to.

A leg contributes when it lies below the figure's positions, was entered and received by its instants, and stands in an
account that the figure counts. They are taken partition after partition, in the order of offsets, then by their number
in their entry. Each is one line of ASCII, a JSON array without spaces: partition, offset, number of the leg, ledger
time, entry time, sign, threat, then of disruptions the disruption and the fields of ``ledger.entries.Account``, of
threats those of ``ThreatAccount``, in their order. The digest is the SHA-256 of the lines, each with its newline.
"""

import json
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256

from audit.balances import is_counted
from audit.figure_sums import fits_account, list_wanted, read_dimension
from audit.receipts import LegDigest
from ledger.entries import Account, ThreatAccount
from ledger.facts import Millis
from ledger.instants import find_uk_day
from ledger.vocabulary import FigureSubject
from methodology.dimensions import DIMENSIONS, THREAT_DIMENSIONS
from schemas.figures import FigureCell, PublishedFigure
from schemas.stored import StoredEntry


class ContributingLegs:
    """The contributing legs of one figure; entries are added partition after partition, in the order of offsets.

    Attributes:
        reached: by partition, the end of the entries that moved anything and were received by the figure's instant.
    """

    def __init__(self, figure: PublishedFigure) -> None:
        self._figure = figure
        self._is_threats = figure.subject is FigureSubject.THREATS
        self._by = [(THREAT_DIMENSIONS if self._is_threats else DIMENSIONS)[name] for name in figure.by]
        self._wanted = list_wanted(figure)
        self._sums: Counter[tuple[str, ...]] = Counter()
        self._digest = sha256()
        self._count = 0
        self.reached: dict[int, int] = {}

    def add_entry(self, entry: StoredEntry) -> None:
        """Add an entry, and what of it contributes."""
        source = entry.source
        if source.ledger_time > self._figure.known_at:
            return
        if entry.legs or entry.threat_legs:
            self.reached[source.partition] = source.offset + 1
        for number, entered_at, sign, named, account in self._list_legs(entry):
            if entered_at <= self._figure.as_at and self._counts_account(account):
                place = [source.partition, source.offset, number, source.ledger_time, entered_at, sign]
                line = json.dumps([*place, entry.threat_id, *named, *account], separators=(",", ":"))
                self._digest.update(f"{line}\n".encode("ascii"))
                self._count += 1
                self._sums[self._make_key(account)] += sign

    def list_cells(self) -> tuple[FigureCell, ...]:
        """List the cells that the legs add up to; those of none are left out."""
        return tuple(FigureCell(values, n) for values, n in sorted(self._sums.items()) if n)

    def make_digest(self) -> LegDigest:
        """Make the digest over the legs so far."""
        return LegDigest(self._count, self._digest.hexdigest())

    def _list_legs(self, entry: StoredEntry) -> Iterator[tuple[int, Millis, int, list[str], Account | ThreatAccount]]:
        if self._is_threats:
            for number, other in enumerate(entry.threat_legs):
                yield number, other.entered_at, other.sign, [], other.account
        else:
            for number, leg in enumerate(entry.legs):
                yield number, leg.entered_at, leg.sign, [leg.disruption_id], leg.account

    def _counts_account(self, account: Account | ThreatAccount) -> bool:
        if isinstance(account, ThreatAccount):
            return is_counted(account) and fits_account(account, self._wanted)
        first, last = self._figure.first_day, self._figure.last_day
        inside = first is not None and last is not None and first <= account.event_date <= last
        return inside and fits_account(account, self._wanted)

    def _make_key(self, account: Account | ThreatAccount) -> tuple[str, ...]:
        day = account.event_date if isinstance(account, Account) else find_uk_day(self._figure.as_at)
        return tuple(read_dimension(account, one, day) for one in self._by)
