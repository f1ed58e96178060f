"""A switch rests on a certificate: of these tables, of all of the ledger, of what was approved, and of these rows.

The engine is real; what a replay would digest is packed by the audit from the outputs themselves.
"""

from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from audit.approval import digest_differences
from audit.certificate import make_certificate
from audit.findings import Finding, FindingKind, PartitionReach, ReplayReport
from audit.packed import PACKED_COLUMNS, pack_output
from infra.settings import load_settings
from ledger.errors import Misuse
from schemas.stored import StoredOutput
from services import switch_certificate
from services.switch_certificate import hold_certificate
from sinks.store import Store
from tests.sinks.records import CODEC, Writer, make_entry, make_leg, make_rejection, make_threat_leg
from tests.stores import open_migrated

PARTITIONS = 2
TOPICS = {"soc.published": "p-1", "soc.entries": "e-1", "soc.rejected": "r-1"}
ADMITTED = [
    make_entry(0, 0, 0, threat_legs=[make_threat_leg(1, 0)]),
    make_entry(0, 1, 1, [make_leg(1, 1), make_leg(-1, 1)]),
    make_entry(0, 5, 3, [make_leg(1, 3)], previous=2),
    make_entry(1, 0, 2, [make_leg(1, 2)]),
]
REFUSED = [make_rejection(0, 2, 2)]


def digest_partition(number: int) -> dict[str, str]:
    """The digests of what must be stored of a partition."""
    rows: dict[str, list[bytes]] = defaultdict(list)
    outputs: list[StoredOutput] = [*map(CODEC.decode_entry, ADMITTED), *map(CODEC.decode_rejection, REFUSED)]
    for one in sorted(outputs, key=lambda output: output.source.offset):
        if one.source.partition == number:
            for table, row in pack_output(one):
                rows[table].append(row)
    return {table: sha256(b"".join(rows[table])).hexdigest() for table in PACKED_COLUMNS}


def make_certified(*findings: Finding, generation: int = 1, **changed: Any) -> dict[str, Any]:
    """The certificate of a replay that found these."""
    report = ReplayReport(limit=10, known_at="2026-11-29T00:00:00.000Z", topics=dict(TOPICS))
    for number, end in ((0, 6), (1, 1)):
        reach = PartitionReach(partition=number, covered_end=end, digests=digest_partition(number))
        report.reaches.append(reach)
    for one in findings:
        report.add_finding(one)
    for name, value in changed.items():
        setattr(report, name, value)
    return make_certificate(report, generation=generation)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """These outputs, one of them written twice, of these topics."""
    settings = load_settings(tmp_path / "state").model_copy(update={"clickhouse_dsn": None})
    with open_migrated(settings) as opened:
        writer = Writer(opened)
        writer.write_entries(*ADMITTED)
        writer.write_entries(ADMITTED[1])
        writer.write_rejections(*REFUSED)
        opened.insert_rows("topics", ["name", "id"], [[name, one] for name, one in TOPICS.items()])
        yield opened


def change_rows(store: Store, statement: str) -> None:
    """Change what is stored, behind everybody's back."""
    store.query(statement, settings={"mutations_sync": 2})


@pytest.mark.parametrize("window", [1, 2, 5_000])
def test_tables_that_hold_what_was_compared_pass(store: Store, monkeypatch: pytest.MonkeyPatch, window: int) -> None:
    """However few positions are read at a time; a row that is there twice is the same row."""
    monkeypatch.setattr(switch_certificate, "WINDOW_POSITIONS", window)
    hold_certificate(make_certified(), "", store, PARTITIONS)


def test_rows_past_what_was_compared_are_of_no_matter(store: Store) -> None:
    """Events go on arriving; the next replay compares them."""
    Writer(store).write_entries(make_entry(0, 6, 9, [make_leg(1, 9)]))
    hold_certificate(make_certified(), "", store, PARTITIONS)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("ALTER TABLE postings UPDATE pillar = 'PREVENT' WHERE partition = 0 AND offset = 5", "postings, partition 0"),
        ("ALTER TABLE postings DELETE WHERE partition = 1", "postings, partition 1 before offset 1"),
        ("ALTER TABLE threat_postings DELETE WHERE true", "threat_postings, partition 0"),
        ("ALTER TABLE rejected UPDATE message = 'No.' WHERE true", "rejected, partition 0 before offset 6"),
        ("ALTER TABLE entries UPDATE value = 'x' WHERE offset = 0 AND partition = 0", "entries, partition 0"),
        (
            "INSERT INTO postings SELECT * REPLACE (9 AS leg) FROM postings WHERE partition = 1",
            "postings, partition 1",
        ),
    ],
)
def test_rows_that_were_changed_after_the_replay_are_not_switched_to(store: Store, statement: str, said: str) -> None:
    """A field, a lost row, a row too many: named by table and partition, with what to do, and without a value."""
    change_rows(store, statement)
    with pytest.raises(Misuse, match=f"{said}.*compare again, `disruptions audit rebuild`"):
        hold_certificate(make_certified(), "", store, PARTITIONS)


@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        ({}, "no certificate of the replay of a rebuild"),
        ({"kind": "another"}, "no certificate of the replay of a rebuild"),
        (make_certified() | {"kind": "another"}, "no certificate of the replay of a rebuild"),
        (make_certified() | {"agrees": True, "balances": 7}, "changed after it was made"),
        (make_certified(generation=2), "of generation 2, and 1 is being built"),
        (make_certified(topics=TOPICS | {"soc.entries": "e-2"}), "of other topics"),
        (make_certified(until={"positions": {"0": 3}}), "of a part of the ledger"),
        (make_certified(reaches=[PartitionReach(partition=0, covered_end=6)]), "of a part of the ledger"),
        (
            make_certified(reaches=[PartitionReach(partition=0, covered_end=7), PartitionReach(partition=1)]),
            "has not come as far",
        ),
        (make_certified(notes=["balances were not compared"]), "not those that were approved"),
    ],
)
def test_a_certificate_of_something_else_is_refused(store: Store, certificate: dict[str, Any], said: str) -> None:
    """Each with what is the matter."""
    with pytest.raises(Misuse, match=said):
        hold_certificate(certificate, "", store, PARTITIONS)


def find_lost(partition: int) -> Finding:
    """A row of a partition that is missing."""
    return Finding(kind=FindingKind.ROW_MISSING, place="postings", sentence="Not there.", partition=partition)


def test_a_difference_is_switched_to_when_just_it_was_approved(store: Store) -> None:
    """The partition that it names may hold other rows than the fold's; the other one may not."""
    certificate = make_certified(find_lost(1))
    report = ReplayReport(limit=10, known_at="")
    report.add_finding(find_lost(1))
    approved = digest_differences(report) or ""
    change_rows(store, "ALTER TABLE postings DELETE WHERE partition = 1")
    for other in ("", "ab" * 32):
        with pytest.raises(Misuse, match="not those that were approved"):
            hold_certificate(certificate, other, store, PARTITIONS)
    hold_certificate(certificate, approved, store, PARTITIONS)
    change_rows(store, "ALTER TABLE postings DELETE WHERE partition = 0 AND offset = 5")
    with pytest.raises(Misuse, match="postings, partition 0"):
        hold_certificate(certificate, approved, store, PARTITIONS)


def test_differences_that_were_not_all_shown_cannot_be_approved(store: Store) -> None:
    """Two differ, and one is shown: no digest is of both."""
    report = ReplayReport(limit=1, known_at="", topics=dict(TOPICS))
    report.reaches = [PartitionReach(partition=0, covered_end=6), PartitionReach(partition=1, covered_end=1)]
    for _ in range(2):
        report.add_finding(find_lost(1))
    certificate = make_certificate(report, generation=1)
    for approved in ("", "ab" * 32):
        with pytest.raises(Misuse, match="not those that were approved"):
            hold_certificate(certificate, approved, store, PARTITIONS)
