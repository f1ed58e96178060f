"""Balances as the fold's postings add up to, beside those that the store answers.

Every balance of every account and month is compared at one instant of both times: late enough to cover what was judged
when the replay began, and not later, so that a ledger that goes on growing meanwhile can be audited too. At each other
instant (``audit.instants``) the store is asked for all accounts, whatever their month.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import eq, ne
from typing import Any, Protocol

import msgspec

from audit.findings import Finding, FindingKind
from audit.sums import SumCell, SumGrid, select_known, sum_figures, sum_threats
from ledger.entries import Account, ThreatAccount
from ledger.facts import Millis
from ledger.instants import LATEST, format_millis, make_date
from methodology.measures import THREAT_COUNT
from methodology.standards import FIRST_DAY

BY = ("org", "pillar", "kind", "crime_type", "category", "standing", "month")
THREATS_BY = ("org", "kind", "crime_type")
OPERATORS = {"=": eq, "!=": ne}

BalanceKey = tuple[str, ...]


class AnswerSource(Protocol):
    """Whoever answers for the store: the read API, or the store itself."""

    def ask(self, question: str, **asked: str | None) -> dict[str, Any]:
        """Return the body of an answer. Raises Unavailable."""
        ...


class BalanceInstant(msgspec.Struct, frozen=True):
    """Both times of a question, and by which dimensions it is asked."""

    as_at: Millis
    known_at: Millis
    by: tuple[str, ...] = BY[:-1]

    @property
    def asked(self) -> dict[str, str]:
        """Both times, as questions have them."""
        times = {"as_at": self.as_at, "known_at": self.known_at}
        return {name: format_millis(time) for name, time in times.items()}


class BalanceSums:
    """The fold's sums as at, and as known at, an instant, by the dimensions that it is asked by."""

    def __init__(self, cells: Sequence[SumCell], grid: SumGrid, instant: BalanceInstant) -> None:
        chosen = list(select_known(cells, grid, instant.as_at, instant.known_at))
        self.figures: dict[str, Counter[BalanceKey]] = {"LEAD": Counter(), "SUPPORT": Counter()}
        self.threats: Counter[BalanceKey] = Counter()
        for account, n in sum_figures(chosen).items():
            self.figures[account.type][make_key(account, instant.by)] += n
        for owned, n in sum_threats(chosen).items():
            if is_counted(owned):
                self.threats[owned.owner, owned.kind, owned.crime_type] += n


def make_key(account: Account, by: Sequence[str]) -> BalanceKey:
    """Make an account's key by dimensions of ``BY``."""
    _, _, pillar, kind, crime_type, category, event_date, standing = account
    key = (account.organisation, pillar, kind, crime_type, category, standing)
    return (*key, format_month(event_date)) if len(by) == len(BY) else key


@lru_cache(maxsize=10_000)
def format_month(day: int) -> str:
    """Write the month of a day as answers have it."""
    return make_date(day).strftime("%Y-%m")


def is_counted(account: ThreatAccount) -> bool:
    """Tell whether a threat is counted (rule 8)."""
    return all(OPERATORS[one.operator](getattr(account, one.field), one.value) for one in THREAT_COUNT)


def compare_balances(sums: BalanceSums, store: AnswerSource, instant: BalanceInstant) -> Iterator[Finding | int]:
    """Count how many figures agree, and give each that differs.

    Raises:
        IncompleteAnswer: the store has not come as far as the instant.
    """
    for kind_of_record, folded in sums.figures.items():
        asked = {
            "from_": make_date(FIRST_DAY).isoformat(),
            "to": LATEST.isoformat(),
            "by": ",".join(instant.by),
            "type": kind_of_record.lower(),
            "standing": "all",
        }
        answered = store.ask("extract", **asked, **instant.asked)
        yield from _compare_figures(f"extract, {kind_of_record.lower()}", folded, answered, instant)
    answered = store.ask("threats", by=",".join(THREATS_BY), **instant.asked)
    yield from _compare_figures("threats", sums.threats, answered, instant, THREATS_BY)


class IncompleteAnswer(Exception):
    """The store's figure as at the instant may still grow."""


def _compare_figures(
    place: str,
    folded: Counter[BalanceKey],
    answered: Mapping[str, Any],
    instant: BalanceInstant,
    by: Sequence[str] | None = None,
) -> Iterator[Finding | int]:
    if not answered["complete"]:
        raise IncompleteAnswer
    names = by or instant.by
    stored = {tuple(str(row[name]) for name in names): row["n"] for row in answered["rows"]}
    keys = sorted({key for key, n in folded.items() if n} | set(stored))
    yield len(keys)
    for key in keys:
        says, sums = stored.get(key, 0), folded[key]
        if says != sums:
            account = ", ".join(f"{name} {value}" for name, value in zip(names, key, strict=True))
            sentence = f"The store says {says}, the fold's postings add up to {sums}: {account}."
            yield Finding(kind=FindingKind.BALANCE_DIFFERS, place=f"{place}{_say_instant(instant)}", sentence=sentence)


def _say_instant(instant: BalanceInstant) -> str:
    """Say at which instants, where it is not that of the replay."""
    if len(instant.by) == len(BY):
        return ""
    return ", as at {as_at} known at {known_at}".format(**instant.asked)
