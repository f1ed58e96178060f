"""What the intake could read, the replay can: a batch that is large only once unpacked, and markers at the ends."""

import json
from uuid import uuid4

from infra.topics import PUBLISHED
from tests.live.adversary.broken_topics import find_threat, tell_story
from tests.live.adversary.running import RunningLedger, await_true
from tests.patience import PATIENCE_SECONDS

LARGE_BYTES, LARGE_EVENTS = 900_000, 120  # 108 MB, past the 100 MB to which librdkafka unpacks unless told otherwise
STORED_SECONDS = 60.0


def publish_large_batch(ledger: RunningLedger) -> None:
    """Values of one letter, in one batch of some kilobytes."""
    producer = ledger.make_producer(
        compression_type="zstd",
        batch_size=400_000_000,
        message_max_bytes=500_000_000,
        linger_ms=3_000,
        queue_buffering_max_kbytes=1_000_000,
    )
    key = find_threat(0).encode()
    for _ in range(LARGE_EVENTS):
        producer.produce(PUBLISHED, b"r" * LARGE_BYTES, key)
    assert producer.flush(60) == 0


def publish_in_transaction(ledger: RunningLedger, partition: int, *, commit: bool) -> None:
    """A story of one disruption that ends in a marker."""
    threat_id = find_threat(partition)
    producer = ledger.make_producer(transactional_id=f"t-{uuid4()}")
    producer.init_transactions(30)
    producer.begin_transaction()
    for value in tell_story(threat_id, 1):
        producer.produce(PUBLISHED, value, threat_id.encode())
    producer.flush(PATIENCE_SECONDS)
    producer.commit_transaction(30) if commit else producer.abort_transaction(30)


def test_the_replay_reads_what_the_intake_read(ledger: RunningLedger) -> None:
    """A batch of 108 MB unpacked; partitions that end in the markers of a committed and of an aborted transaction."""
    publish_in_transaction(ledger, 1, commit=True)
    publish_in_transaction(ledger, 1, commit=False)
    publish_large_batch(ledger)
    publish_in_transaction(ledger, 0, commit=True)
    await_true(lambda: is_refused(ledger), STORED_SECONDS, ledger.log)
    done = ledger.run_command("audit", "replay", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(done.stdout)
    refused = sum(one["rejections"] for one in verdict["partitions"])
    assert (refused, sum(one["entries"] for one in verdict["partitions"])) == (LARGE_EVENTS, 4)
    assert verdict["balances"] > 0, verdict["notes"]


def is_refused(ledger: RunningLedger) -> bool:
    found = ledger.get_api("positions").json()["stored"]
    return bool(found.get("0", 0) >= LARGE_EVENTS + 2 and found.get("1", 0) >= 2)
