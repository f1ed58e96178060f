"""The rules as one value that can be named: their version, and the digest of all the data that judging looks at."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec

from ledger.organisations import ORGANISATIONS
from methodology.standards import (
    FIRST_DAY,
    FUTURE_TOLERANCE_MILLIS,
    HIGHEST_TIER,
    LEGAL_CHANGES,
    LOWEST_TIER,
    STANDARDS,
)

RULES_VERSION = "2026.1"
"""Version of the rules; a changed row is a new version."""


@cache
def digest_rules() -> str:
    """Compute the SHA-256, in hexadecimal, of every row that judging looks at."""
    rows = (STANDARDS, ORGANISATIONS, LEGAL_CHANGES, FUTURE_TOLERANCE_MILLIS, FIRST_DAY, LOWEST_TIER, HIGHEST_TIER)
    return sha256(msgspec.json.encode(to_plain(rows))).hexdigest()


def to_plain(found: Any) -> Any:
    """Turn rows into lists, strings and numbers whose order depends on nothing but their content."""
    if is_dataclass(found):
        return [to_plain(getattr(found, field.name)) for field in fields(found)]
    if isinstance(found, Mapping):
        return sorted([str(key), to_plain(value)] for key, value in found.items())
    if isinstance(found, frozenset):
        return sorted(to_plain(one) for one in found)
    if isinstance(found, tuple):
        return [to_plain(one) for one in found]
    return found
