"""The threat count, and movement, on every store, against figures counted by hand."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ledger.errors import Misuse
from queries import balances
from queries.balance_queries import MovementQuery, ThreatQuery
from queries.snapshot import take_snapshot
from sinks.store import Store
from tests.sinks.broker import Broker
from tests.sinks.records import Writer, make_entry, make_leg, make_threat_leg, tell_instant

END = 10_000


def test_threats_are_counted_by_rule_8(store: Store, writer: Writer) -> None:
    """Tactical, moderated, SOC, not tier 5, not closed: one threat of each failing is not counted."""
    fails: list[dict[str, str | bool | int]] = [
        {"assessment_type": "THEMATIC"},
        {"moderation_status": "UNMODERATED"},
        {"soc": False},
        {"tier": 5},
        {"closed": True},
    ]
    counted = [
        make_entry(0, 0, 1, threat_legs=[make_threat_leg(1, 0)]),
        make_entry(0, 1, 1, threat_legs=[make_threat_leg(1, 0, owner="essex")]),
    ]
    others = [make_entry(0, 2 + n, 1, threat_legs=[make_threat_leg(1, 0, **fail)]) for n, fail in enumerate(fails)]
    closed = make_entry(0, 7, 9, threat_legs=[make_threat_leg(-1, 8), make_threat_leg(1, 8, closed=True)])
    writer.write_entries(*counted, *others, closed)
    ask: dict[str, Any] = {"by": ("org", "region"), "known_at": tell_instant(END)}
    earlier = balances.answer_threats(take_snapshot(store, Broker({})), ThreatQuery(as_at=tell_instant(7), **ask))
    assert earlier.rows == [
        {"org": "essex", "region": "Eastern", "n": 1},
        {"org": "metropolitan", "region": "London", "n": 1},
    ]
    later = balances.answer_threats(take_snapshot(store, Broker({})), ThreatQuery(as_at=tell_instant(8), **ask))
    assert later.rows == [{"org": "essex", "region": "Eastern", "n": 1}]
    assert later.filters["tier"] == "!= 5"
    with pytest.raises(Misuse, match="pillar"):
        balances.answer_threats(take_snapshot(store, Broker({})), ThreatQuery(by=("pillar",)))


def test_movement_is_what_was_learnt_lately(store: Store, writer: Writer) -> None:
    """Signed, by the ledger's clock; and when the ledger last learnt of anything."""
    now = datetime.now(UTC)
    lately = round((now.timestamp() - 60 - tell_instant(0).timestamp()) / 60)
    writer.write_entries(
        make_entry(0, 0, 1, [make_leg(1, 0)]),
        make_entry(
            0, 1, lately, [make_leg(-1, 5), make_leg(1, 5, pillar="PREVENT"), make_leg(1, 5, "D2", pillar="PREVENT")]
        ),
    )
    answer = balances.answer_movement(take_snapshot(store, Broker({})), MovementQuery(seconds=300, by=("pillar",)))
    assert answer.rows == [{"pillar": "PREVENT", "n": 2}, {"pillar": "PURSUE", "n": -1}]
    assert answer.newest == tell_instant(lately)
    assert (
        balances.answer_movement(take_snapshot(store, Broker({})), MovementQuery(seconds=1, by=("pillar",))).rows == []
    )
