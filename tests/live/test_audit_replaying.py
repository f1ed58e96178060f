"""A replay in processes, up to a point, cut off and gone on with, certified: it says the same as one in one go."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from audit.certificate import read_certificate
from audit.findings import ReplayReport
from audit.replay import ReplayOptions, replay_ledger
from audit.resume import ReplayFile
from audit.until import ReplayEnd
from infra.settings import Settings
from infra.topics import PUBLISHED
from ledger.errors import Misuse
from ledger.instants import format_instant, make_instant
from queries.api_client import ApiClient
from queries.audited import AuditedStore
from tests.facts import make_disruption
from tests.live.audited import CODEC, READY_SECONDS, THREATS, AuditedStack
from tests.patience import await_truth


def open_store(address: str) -> AuditedStore:
    """The store, as a worker process opens it."""
    return AuditedStore(ApiClient(address))


def run_replay(whole: AuditedStack, **options: Any) -> ReplayReport:
    """Replay with options."""
    store = open_store(whole.environment["DISRUPTIONS_READ_API"])
    return replay_ledger(whole.settings, store, ReplayOptions(seed=5, **options))


def select_lasting(report: ReplayReport) -> dict[str, Any]:
    """What of a report does not depend on when it was made."""
    body = report.make_body()
    return {name: body[name] for name in ("agrees", "partitions", "kinds", "notes", "shown", "balances", "closings")}


def test_processes_say_what_one_says_and_certify_it(whole: AuditedStack, tmp_path: Path) -> None:
    """Two processes: the same positions, counts and digests; a certificate that was changed is refused."""
    address = whole.environment["DISRUPTIONS_READ_API"]
    alone = run_replay(whole)
    assert select_lasting(run_replay(whole, jobs=2, open_store=partial(open_store, address))) == select_lasting(alone)
    file = tmp_path / "replay.json"
    code, body = whole.run_replay("--jobs", "2", "--seed", "5", "--certificate", str(file))
    assert (code, body["seed"]) == (0, 5)
    certified = read_certificate(file)
    assert certified["partitions"] == select_lasting(alone)["partitions"] == body["partitions"]
    assert all(len(one["digests"]["entries"]) == 64 for one in certified["partitions"])
    assert (certified["agrees"], certified["seal"], sorted(certified["topics"])) == (
        True,
        None,
        ["soc.entries", "soc.published", "soc.rejected"],
    )
    file.write_text(file.read_text().replace('"repeats": 0', '"repeats": 1', 1))
    with pytest.raises(Misuse, match="was changed"):
        read_certificate(file)


def test_a_replay_ends_at_an_instant_or_before_positions(whole: AuditedStack) -> None:
    """Up to the first event of a partition: one position of it; outputs and rows of later ones are not looked at."""
    whole_report = run_replay(whole)
    partition = max(whole_report.reaches, key=lambda one: one.published_end).partition
    cut = run_replay(whole, until=ReplayEnd(positions={partition: 1}))
    assert cut.agrees
    assert [one.published_end for one in cut.reaches] == [
        1 if one.partition == partition else one.published_end for one in whole_report.reaches
    ]
    assert cut.notes == [
        "balances were not compared: the store answers as at instants, and the replay ended at positions"
    ]
    with pytest.raises(Misuse, match=f"partition {partition} of soc.published"):
        run_replay(whole, until=ReplayEnd(positions={partition: 10_000}))
    between = find_ledger_times(whole)[THREATS]
    code, body = whole.run_replay("--until", between, "--seed", "5")
    assert (code, body["until"], body["known_at"]) == (0, {"instant": between}, between)
    positions = sum(one["published_end"] for one in body["partitions"])
    assert positions == sum(1 for one in find_ledger_times(whole) if one <= between)
    assert body["balances"] > 0


def find_ledger_times(whole: AuditedStack) -> list[str]:
    """The ledger times of what is stored, in order."""
    store = open_store(whole.environment["DISRUPTIONS_READ_API"])
    rows = [row for table in ("entries", "rejected") for p in range(4) for row in store.read_rows(table, p, 0, None)]
    return sorted(format_instant(make_instant(row["ledger_time"])) for row in rows)


class CutOff(Exception):
    """What a replay is cut off by."""


def test_a_replay_that_is_cut_off_goes_on_and_says_the_same(whole: AuditedStack, tmp_path: Path) -> None:
    """After two partitions; the end of the file is torn; what is published meanwhile is not of this replay."""
    uncut, file = run_replay(whole), tmp_path / "kept"
    told: list[int] = []

    def cut_off(done: int, _: int) -> None:
        told.append(done)
        if len(told) == 3:
            raise CutOff

    with pytest.raises(CutOff):
        run_replay(whole, kept=ReplayFile(file), progress=cut_off)
    publish_more(whole.settings)
    await_truth(whole.is_stored)
    with file.open("ab") as torn:
        torn.write(b"half a piece")
    done = []
    resumed = run_replay(whole, kept=ReplayFile(file), progress=lambda now, _: done.append(now))
    assert select_lasting(resumed) == select_lasting(uncut)
    assert len(done) == len(uncut.reaches) - 2, "two were done before"
    with pytest.raises(Misuse, match="another end"):
        run_replay(whole, kept=ReplayFile(file), until=ReplayEnd(instant=1))
    with pytest.raises(Misuse, match="other partitions"):
        run_replay(whole, kept=ReplayFile(file), partition=0)


def publish_more(settings: Settings) -> None:
    """Publish one more event, which is refused: its threat is known, its version is not the next."""
    producer = Producer(settings.build_kafka_options() | {"partitioner": "murmur2_random", "acks": "all"})
    fact = make_disruption(threat_id="T-0", disruption_id="A", version=9, change="AMENDED")
    producer.produce(PUBLISHED, CODEC.encode_fact(fact), fact.threat_id)
    assert producer.flush(READY_SECONDS) == 0
