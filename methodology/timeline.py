"""Where a version of a disruption stands while it is in force, and the legs that make the difference of two such
timelines.

The timeline of a book is the account in which each disruption stands from each entry instant on; postings are the
timeline after an event less that before. Nothing here works out a whole one: ``tests/laws/whole.py`` does, plainly, and
judges this.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from ledger.entries import Account, Leg
from ledger.facts import Millis
from methodology.assessed import UNKNOWN, AssessedSpan
from methodology.standards import FOREVER
from methodology.standing import find_standing
from methodology.versions import WITHDRAWN, Version

SecondPillars = list[tuple[Millis, bool]]
"""Whether another pillar leads the activity (rule 5), from each instant on; the first holds before it, too."""
ALONE: SecondPillars = [(0, False)]


class AccountSpan(NamedTuple):
    """Standing in an account from ``begins`` to before ``ends``."""

    account: Account
    begins: Millis
    ends: Millis


class TimelineDifference:
    """Spans that timelines have after an event less those that they had before it; opposites cancel."""

    __slots__ = ("_amounts",)

    def __init__(self) -> None:
        self._amounts: dict[tuple[str, Account, Millis], int] = {}

    def add_span(self, disruption_id: str, piece: AccountSpan, sign: int) -> None:
        """Count that a disruption stands there after the event (+1), or did before it (-1)."""
        account, begins, ends = piece
        self._add_amount((disruption_id, account, begins), sign)
        if ends < FOREVER:
            self._add_amount((disruption_id, account, ends), -sign)

    def list_legs(self) -> tuple[Leg, ...]:
        """List the legs by entry instant, then reversals before new postings, then disruption id."""
        legs = [
            leg
            for (name, account, instant), amount in self._amounts.items()
            for leg in [Leg(name, account, 1 if amount > 0 else -1, instant)] * abs(amount)
        ]
        return sort_legs(legs)

    def _add_amount(self, key: tuple[str, Account, Millis], amount: int) -> None:
        self._amounts[key] = self._amounts.get(key, 0) + amount


def sort_legs(legs: list[Leg]) -> tuple[Leg, ...]:
    """Sort the legs of one entry."""
    return tuple(sorted(legs, key=_key_by_leg)) if len(legs) > 1 else tuple(legs)


def find_account(version: Version, span: AssessedSpan, second: bool = False) -> Account:
    """Find the account of a version that is not withdrawn, while its threat is as that span says."""
    _, organisation, kind_of_disruption, pillar, category = version.record
    return Account(
        organisation,
        kind_of_disruption,
        pillar,
        span.kind or UNKNOWN,
        span.crime_type,
        category,
        version.event_date,
        find_standing(version, span.kind, second),
    )


def list_account_spans(
    version: Version, span: AssessedSpan, begins: Millis, ends: Millis = FOREVER, second_pillars: SecondPillars = ALONE
) -> Iterator[AccountSpan]:
    """List where a version stands while it is in force; nowhere when it is a withdrawal.

    Args:
        span: the last of the spans of its event date.
    """
    if version.record.change == WITHDRAWN:
        return
    spans = span.list_from(begins, ends)
    if len(spans) == len(second_pillars) == 1:
        yield AccountSpan(find_account(version, spans[0], second_pillars[0][1]), begins, ends)
        return
    said, hidden = deque(spans), deque(second_pillars)
    cuts = {one.since for one in spans} | {instant for instant, _ in second_pillars}
    instants = [begins, *sorted(one for one in cuts if begins < one < ends)]
    for instant, until in zip(instants, (*instants[1:], ends), strict=True):
        while len(said) > 1 and said[1].since <= instant:
            said.popleft()
        while len(hidden) > 1 and hidden[1][0] <= instant:
            hidden.popleft()
        yield AccountSpan(find_account(version, said[0], hidden[0][1]), instant, until)


def move_disruption(disruption_id: str, stood: Account | None, stands: Account | None, instant: Millis) -> list[Leg]:
    """Return the legs, at most two, that move a disruption from one account to another; None is nowhere."""
    if stood == stands:
        return []
    out = [] if stood is None else [Leg(disruption_id, stood, -1, instant)]
    return out if stands is None else [*out, Leg(disruption_id, stands, 1, instant)]


def _key_by_leg(leg: Leg) -> tuple[Millis, int, str, tuple[object, ...]]:
    return leg.entered_at, leg.sign, leg.disruption_id, leg.account
