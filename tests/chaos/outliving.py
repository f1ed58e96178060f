"""What a ledger must have outlived: all that was published meanwhile is stored and sealed, once."""

from uuid import UUID

from infra.topics import PUBLISHED
from tests.facts import make_disruption
from tests.live.adversary.health import WITHIN_SECONDS, ask_health
from tests.live.adversary.running import RunningLedger, await_true
from tests.live.audited import CODEC

EVENTS = 200


def count_stored(ledger: RunningLedger) -> int:
    """Count what is stored, once all that was published is."""
    return sum(ledger.ask_json("wait")["stored"].values())


def publish_events(ledger: RunningLedger, first: int) -> None:
    """Publish events that are all admitted; every one is acknowledged in the end."""
    producer = ledger.make_producer(delivery_timeout_ms=180_000)
    for number in range(first, first + EVENTS):
        names = {"event_id": str(UUID(int=number)), "disruption_id": f"D-{number}"}
        fact = make_disruption(**names, threat_id=f"T-{number % 7}")
        producer.produce(PUBLISHED, key=fact.threat_id.encode(), value=CODEC.encode_fact(fact))
        producer.poll(0)
    assert producer.flush(180) == 0


def hold_outlived(ledger: RunningLedger, outputs: int) -> None:
    """Hold that so many outputs are stored and sealed, and that the replay finds nothing."""
    await_true(lambda: ask_health(ledger).get("lag") == 0, WITHIN_SECONDS, ledger.log)
    assert count_stored(ledger) == outputs
    await_true(lambda: ledger.ask_json("audit", "seals")["size"] == outputs, WITHIN_SECONDS, ledger.log)
    body = ledger.ask_json("audit", "replay")
    assert (body["differences"], body["notes"]) == (0, [])
