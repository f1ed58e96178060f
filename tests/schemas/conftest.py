"""Facts, sources and postings that the schema tests are told with."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ledger.entries import Account, Leg, SourceRecord, ThreatAccount, ThreatLeg
from ledger.facts import DisruptionFact, ThreatFact
from schemas.codec import Codec
from schemas.registry import pin_ids
from tests.facts import make_disruption, make_threat

DISRUPTION = {
    "event_id": "0190b0f0-0000-7000-8000-000000000001",
    "source_sequence": 7,
    "category": "MODERATE",
    "event_date": 18993,  # 1 January 2022
    "entered_at": 1641038400000,  # noon of that day, UTC
    "tags": ["county lines"],
    "plan_ref": "PLAN-3",
    "actor": "a1b2",
    "source_system": "records",
}
THREAT = {
    "event_id": "0190b0f0-0000-7000-8000-000000000002",
    "source_sequence": 6,
    "tier": 3,
    "assessed_on": 18990,
    "entered_at": 1641000000000,
    "actor": "a1b2",
}
ACCOUNT = Account("metropolitan", "LEAD", "PURSUE", "UNKNOWN", "UNKNOWN", "MODERATE", 18993, "AWAITING_THREAT")
THREAT_ACCOUNT = ThreatAccount("metropolitan", "OCG", "DRUGS", "TACTICAL", "MODERATED", True, 3, False)


@pytest.fixture
def codec() -> Codec:
    """A codec with pinned ids."""
    return Codec(pin_ids())


@pytest.fixture
def disruption() -> Callable[..., DisruptionFact]:
    """``disruption(version=2)``: the disruption of these tests with fields changed."""
    return lambda **fields: make_disruption(**DISRUPTION | fields)


@pytest.fixture
def threat() -> Callable[..., ThreatFact]:
    """``threat(tier=5)``: the threat of these tests with fields changed."""
    return lambda **fields: make_threat(**THREAT | fields)


@pytest.fixture
def source() -> Callable[..., SourceRecord]:
    """``source(value)``: a published record at offset 12 of partition 3, with a header that has no value."""
    headers = (("ce_id", b"1"), ("traceparent", None))

    def make_one(value: bytes | None, **fields: Any) -> SourceRecord:
        return SourceRecord(3, 12, 10, 1641038400500, b"T-1", value, headers)._replace(**fields)

    return make_one


@pytest.fixture
def posted() -> Callable[..., Any]:
    """``posted(2)``: an admission with so many legs of each kind."""

    def make_one(legs: int = 1, verdict: str = "ADMITTED") -> Any:
        return SimpleNamespace(
            verdict=verdict,
            legs=tuple(Leg("D-1", ACCOUNT, 1 - 2 * (n % 2), 1641038400000 + n) for n in range(legs)),
            threat_legs=tuple(ThreatLeg(THREAT_ACCOUNT, 1 - 2 * (n % 2), 1641000000000) for n in range(legs)),
        )

    return make_one
