"""The rules as one value: all that judging looks at, with a version and a digest by which outputs name them.

Admission takes them as a parameter, so that a replay judges each output by the rules that it names. Where a disruption
stands is judged by the standards in force: on every day that may have been judged they are those of the rules before
(``methodology.conflicts``, docs/decisions/0014).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import msgspec

from ledger.bounds import BOUNDS, FieldBounds
from ledger.facts import Day, Millis
from ledger.instants import find_uk_day
from ledger.organisations import ORGANISATIONS, Organisation
from ledger.references import REFERENCE_RULE
from ledger.vocabulary import Change
from methodology.standards import (
    FIRST_DAY,
    FUTURE_TOLERANCE_MILLIS,
    HIGHEST_TIER,
    LEGAL_CHANGES,
    LOWEST_TIER,
    RULES_VERSION,
    STANDARDS,
    Standard,
)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What judging looks at. ``standards`` are newest first; ``reference_rule`` is the version of the rule of
    references, ``future_tolerance`` in milliseconds.
    """

    version: str
    standards: tuple[Standard, ...]
    organisations: tuple[Organisation, ...]
    legal_changes: tuple[tuple[Change | None, Change], ...]
    future_tolerance: Millis
    first_day: Day
    lowest_tier: int
    highest_tier: int
    bounds: FieldBounds
    reference_rule: int

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the rules as JSON: of their content, whatever its order in memory."""
        return sha256(_encode_rules(self)).hexdigest()

    @cached_property
    def recorders(self) -> Mapping[str, Organisation]:
        """The organisations by their code."""
        return MappingProxyType({one.code: one for one in self.organisations})

    @cached_property
    def legal(self) -> frozenset[tuple[Change | None, Change]]:
        """The legal changes, to look one up."""
        return frozenset(self.legal_changes)

    def find_newest_day(self, ledger_time: Millis) -> Day:
        """Find the newest day that anything judged up to that ledger time may name: its UK day, the tolerance
        included.
        """
        return find_uk_day(ledger_time + self.future_tolerance)


IN_FORCE = Rules(
    version=RULES_VERSION,
    standards=STANDARDS,
    organisations=ORGANISATIONS,
    legal_changes=LEGAL_CHANGES,
    future_tolerance=FUTURE_TOLERANCE_MILLIS,
    first_day=FIRST_DAY,
    lowest_tier=LOWEST_TIER,
    highest_tier=HIGHEST_TIER,
    bounds=BOUNDS,
    reference_rule=REFERENCE_RULE,
)
"""The rules by which this software judges."""


def write_rules(rules: Rules) -> str:
    """Write the rules down as JSON, for ``methodology/history``; ``read_rules`` gives them back."""
    return msgspec.json.format(_encode_rules(rules), indent=1).decode() + "\n"


def read_rules(text: str) -> Rules:
    """Read the rules that ``write_rules`` wrote. Raises ValueError for anything else."""
    return msgspec.json.decode(text, type=Rules)


def _encode_rules(rules: Rules) -> bytes:
    return msgspec.json.encode(rules, order="deterministic", enc_hook=_make_plain)


def _make_plain(found: Any) -> Any:
    if isinstance(found, Mapping):
        return dict(found)
    raise NotImplementedError
