"""Balances as the fold's postings add up to, beside those that the store answers.

Both are as at, and as known at, one instant: late enough to cover what was judged when the replay began, and not
later, so that a ledger that goes on growing meanwhile can be audited too.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import eq, ne
from typing import Any, Protocol

from audit.findings import Finding, FindingKind
from ledger.entries import Account, Leg, ThreatAccount, ThreatLeg
from ledger.facts import Millis
from ledger.instants import LATEST, make_date
from methodology.measures import THREAT_COUNT
from methodology.standards import FIRST_DAY
from schemas.stored import StoredEntry

BY = ("org", "pillar", "kind", "crime_type", "category", "standing", "month")
THREATS_BY = ("org", "kind", "crime_type")
OPERATORS = {"=": eq, "!=": ne}

BalanceKey = tuple[str, ...]


class AnswerSource(Protocol):
    """Whoever answers for the store: the read API, or the store itself."""

    def ask(self, question: str, **asked: str | None) -> dict[str, Any]:
        """Return the body of an answer. Raises Unavailable."""
        ...


class BalanceSums:
    """The fold's sums as at, and as known at, one instant."""

    def __init__(self, instant: Millis) -> None:
        self._instant = instant
        self.figures: dict[str, Counter[BalanceKey]] = {"LEAD": Counter(), "SUPPORT": Counter()}
        self.threats: Counter[BalanceKey] = Counter()

    def add_entry(self, entry: StoredEntry) -> None:
        """Add an entry's postings, if it was known by the instant."""
        if entry.source.ledger_time > self._instant:
            return
        for leg in entry.legs:
            self._post_leg(leg)
        for threat_leg in entry.threat_legs:
            self._post_threat_leg(threat_leg)

    def _post_leg(self, leg: Leg) -> None:
        if leg.entered_at <= self._instant:
            self.figures[leg.account.type][make_key(leg.account)] += leg.sign

    def _post_threat_leg(self, leg: ThreatLeg) -> None:
        if leg.entered_at <= self._instant and is_counted(leg.account):
            self.threats[leg.account.owner, leg.account.kind, leg.account.crime_type] += leg.sign


@lru_cache(maxsize=100_000)
def make_key(account: Account) -> BalanceKey:
    """Make an account's key by the dimensions of ``BY``."""
    month = make_date(account.event_date).strftime("%Y-%m")
    _, _, pillar, kind, crime_type, category, _, standing = account
    return account.organisation, pillar, kind, crime_type, category, standing, month


def is_counted(account: ThreatAccount) -> bool:
    """Tell whether a threat is counted (rule 8)."""
    return all(OPERATORS[one.operator](getattr(account, one.field), one.value) for one in THREAT_COUNT)


def compare_balances(sums: BalanceSums, store: AnswerSource, instant: str) -> Iterator[Finding | int]:
    """Count how many figures agree, and give each that differs.

    Raises:
        Incomplete: the store has not come as far as the instant.
    """
    when = {"as_at": instant, "known_at": instant}
    for kind_of_record, folded in sums.figures.items():
        asked = {
            "from_": make_date(FIRST_DAY).isoformat(),
            "to": LATEST.isoformat(),
            "by": ",".join(BY),
            "type": kind_of_record.lower(),
            "standing": "all",
        }
        answered = store.ask("extract", **asked, **when)
        yield from _compare_figures(f"extract, {kind_of_record.lower()}", folded, answered, BY)
    answered = store.ask("threats", by=",".join(THREATS_BY), **when)
    yield from _compare_figures("threats", sums.threats, answered, THREATS_BY)


class IncompleteAnswer(Exception):
    """The store's figure as at the instant may still grow."""


def _compare_figures(
    place: str, folded: Counter[BalanceKey], answered: Mapping[str, Any], by: Sequence[str]
) -> Iterator[Finding | int]:
    if not answered["complete"]:
        raise IncompleteAnswer
    stored = {tuple(str(row[name]) for name in by): row["n"] for row in answered["rows"]}
    keys = sorted({key for key, n in folded.items() if n} | set(stored))
    yield len(keys)
    for key in keys:
        says, sums = stored.get(key, 0), folded[key]
        if says != sums:
            account = ", ".join(f"{name} {value}" for name, value in zip(by, key, strict=True))
            sentence = f"The store says {says}, the fold's postings add up to {sums}: {account}."
            yield Finding(kind=FindingKind.BALANCE_DIFFERS, place=place, sentence=sentence)
