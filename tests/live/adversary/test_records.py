"""No message halts a partition: whatever a client packs, every position has its output and the worker goes on."""

import os
import re
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random

import psutil
import pytest

from audit.topic_reader import TopicReader
from infra.settings import load_settings
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.entries import JudgedBy, SourceRecord
from ledger.vocabulary import Verdict
from methodology.posting import Posted
from schemas.stored import StoredRejection
from tests.facts import make_threat
from tests.live.adversary.fuzzed_records import RecordFuzz
from tests.live.adversary.running import RunningLedger, await_true
from tests.live.audited import CODEC
from tests.live.raw_batches import BatchSender, pack_batch, pack_bomb, pack_length, pack_record, pack_rest
from tests.patience import PATIENCE_SECONDS

ROUNDS, TRANSACTIONS = 150, 20
SEED = int(os.environ.get("DISRUPTIONS_FUZZ_SEED", "20251125"))
FORGED = "00000000-0000-4000-8000-00000000dead"
WORKER_MEGABYTES = 600


class Fuzzed:
    """The ledger of this module, who speaks to its broker, and what is to be counted in it."""

    def __init__(self, ledger: RunningLedger) -> None:
        self.ledger = ledger
        self.sender = BatchSender(ledger.bootstrap_servers)
        self.fuzz = RecordFuzz(SEED)
        for partition in (0, 1):
            self.take(self.fuzz.make_assessment(partition), partition)

    def take(self, batch: bytes, partition: int = 0) -> int:
        """Send what the broker must take; the position of its first record."""
        code, offset = self.sender.send(batch, partition)
        assert code == 0
        return offset

    def settle_all(self) -> None:
        """All is stored, what is good is counted, and the replay agrees."""
        waited = self.ledger.run_command("wait", "--timeout", "60")
        assert waited.returncode == 0, waited.stderr
        assert self.count_counted() == self.fuzz.good
        replayed = self.ledger.run_command("audit", "replay")
        assert replayed.returncode == 0, replayed.stdout + replayed.stderr

    def count_counted(self) -> int:
        """Disruptions that count."""
        return sum(row["n"] for row in self.ledger.ask_json("counts")["rows"])

    def list_troubles(self) -> list[str]:
        """What health says, but for the ids of schemas in bytes without sense."""
        troubles = [one["what"] for one in self.ledger.get_api("health").json()["troubles"]]
        return [one for one in troubles if "name schema ids of a registry" not in one]


@pytest.fixture(scope="module")
def fuzzed(ledger: RunningLedger) -> Iterator[Fuzzed]:
    """Its two threats are known."""
    made = Fuzzed(ledger)
    yield made
    made.sender.close()


def test_whatever_is_published_the_worker_goes_on_and_good_events_are_counted(fuzzed: Fuzzed) -> None:
    """Batches without sense, a good event behind each: all are judged, by one worker, and the replay agrees."""
    sys.stdout.write(f"DISRUPTIONS_FUZZ_SEED={SEED}\n")
    worker, accepted = fuzzed.ledger.find_part("worker-1").pid, 0
    for number in range(ROUNDS):
        partition = number % 2
        accepted += fuzzed.sender.send(fuzzed.fuzz.make_bad(partition), partition)[0] == 0
        fuzzed.take(fuzzed.fuzz.make_good(partition), partition)
    assert accepted > ROUNDS / 2
    fuzzed.settle_all()
    assert fuzzed.ledger.find_part("worker-1").pid == worker
    assert fuzzed.list_troubles() == []


def test_what_cannot_be_carried_is_refused_by_size_and_digest_and_what_is_behind_it_is_judged(fuzzed: Fuzzed) -> None:
    """40 MB, 1 GB, a name that is not UTF-8, a record that claims a later position: a good event after each."""
    worker, fuzz = fuzzed.ledger.find_part("worker-1"), fuzzed.fuzz
    large = fuzzed.take(pack_bomb(40_000_000, pack_record(1, pack_rest(*fuzz.make_event(0)))))
    framed = pack_length(0) + pack_length(40_000_000) + bytes(40_000_000) + pack_length(0)
    huge = fuzzed.take(pack_bomb(1_000_000_000, pack_record(1, pack_rest(b"k", b"v"))))
    named = fuzzed.take(pack_batch([pack_record(0, pack_rest(*fuzz.make_event(0), [(b"\xff", b"x")]))]))
    fuzz.good -= 1  # it is refused for its header
    claimed = fuzzed.take(pack_batch([pack_record(1_000, pack_rest(b"k", b"v"))]))
    fuzzed.take(fuzz.make_good(0))
    fuzzed.settle_all()
    refused = {one.source.offset: one for one in read_rejections(fuzzed.ledger, 0)}
    found = [refused[at] for at in (large, huge, huge + 1, named, claimed)]
    assert [one.code for one in found] == [
        "RECORD_TOO_LARGE",
        "RECORD_TOO_LARGE",
        "RECORD_TOO_LARGE",
        "UNREADABLE_HEADERS",
        "UNDECODABLE",
    ]
    sizes = [(one.original_size, one.original_digest) for one in found[:3]]
    assert sizes == [(len(framed), sha256(framed).hexdigest()), (None, None), (None, None)]
    assert fuzzed.ledger.find_part("worker-1").pid == worker.pid
    assert read_peak_megabytes(worker.pid) < WORKER_MEGABYTES


def test_an_event_that_moves_very_many_disruptions_is_written_in_parts(fuzzed: Fuzzed) -> None:
    """6,000 await their threat; its assessment moves each out of one account and into another: 12,000 legs."""
    for batch in fuzzed.fuzz.make_waiting(1, 6_000):
        fuzzed.take(batch, 1)
    fuzzed.settle_all()
    assert fuzzed.list_troubles() == []


def test_what_a_transaction_aborted_is_no_record_whatever_was_in_it(fuzzed: Fuzzed) -> None:
    """Good events and bytes without sense in transactions that commit or abort, raw batches and markers between them.

    No client may write a marker, or into a transaction that it has not begun: the broker takes none of these batches.
    """
    worker, fuzz, draw = fuzzed.ledger.find_part("worker-1").pid, fuzzed.fuzz, Random(SEED)
    producer = fuzzed.ledger.make_producer(transactional_id=f"fuzz-{SEED}")
    producer.init_transactions(30)
    for number in range(TRANSACTIONS):
        before, commits = fuzz.good, draw.random() < 0.5
        producer.begin_transaction()
        for _ in range(draw.randrange(1, 6)):
            partition = draw.randrange(2)
            record = fuzz.make_event(partition) if draw.random() < 0.6 else fuzz.make_meddled(partition)
            producer.produce(PUBLISHED, key=record[0], value=record[1], partition=partition)
            producer.flush(PATIENCE_SECONDS)
            assert fuzzed.sender.send(fuzz.make_marker(partition), partition)[0] != 0
        inside = fuzz.good - before
        fuzzed.take(fuzz.make_good(number % 2), number % 2)
        fuzz.good -= 0 if commits else inside
        producer.commit_transaction(30) if commits else producer.abort_transaction(30)
    fuzzed.settle_all()
    assert fuzzed.ledger.find_part("worker-1").pid == worker
    assert fuzzed.list_troubles() == []


def test_what_strangers_write_among_the_outputs_stops_no_worker(fuzzed: Fuzzed) -> None:
    """Null, bytes without sense, entries of another partition and of no position: a new worker goes on."""
    ledger, producer = fuzzed.ledger, fuzzed.ledger.make_producer()
    for value in (None, b"garbage", make_forged_entry(1, 0), make_forged_entry(0, 10**9)):
        producer.produce(ENTRIES, value, partition=0)
    assert producer.flush(PATIENCE_SECONDS) == 0
    worker = ledger.find_part("worker-1")
    worker.kill()
    await_true(lambda: has_another(ledger, worker.pid), 30)
    fuzzed.take(fuzzed.fuzz.make_good(0))
    assert ledger.run_command("wait", "--timeout", "60").returncode == 0
    assert fuzzed.count_counted() == fuzzed.fuzz.good
    assert [one for one in fuzzed.list_troubles() if "among the outputs of partition 0 are not the ledger's" in one]
    replayed = ledger.run_command("audit", "replay")
    assert replayed.returncode == 1
    assert "UNREADABLE" in replayed.stdout
    assert "FORGED" in replayed.stdout


def has_another(ledger: RunningLedger, pid: int) -> bool:
    """Whether a worker runs that is not this process; none is named while one is started."""
    try:
        return ledger.find_part("worker-1").pid != pid
    except (KeyError, psutil.NoSuchProcess):
        return False


def read_rejections(ledger: RunningLedger, partition: int) -> list[StoredRejection]:
    """All of a partition."""
    reader = TopicReader(load_settings(ledger.state), REJECTED)
    found = [
        CODEC.decode_rejection(one.value) for one in reader.read_records(partition, *reader.find_bounds(partition))
    ]
    reader.close()
    return found


def make_forged_entry(partition: int, offset: int) -> bytes:
    """An entry that nobody judged."""
    source = SourceRecord(partition, offset, offset - 1, 0, b"T", b"value", ())
    return CODEC.encode_entry(
        source,
        make_threat(event_id=FORGED, threat_id="T"),
        Posted(Verdict.ADMITTED, (), ()),
        JudgedBy("", "", None, ""),
    )


def read_peak_megabytes(pid: int) -> int:
    """The most memory that a process has had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) // 1024
