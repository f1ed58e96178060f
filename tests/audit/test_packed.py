"""The replay of entries in parts, and of records that no output carries."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from audit.findings import FindingKind
from audit.rows import ENTRIES, make_rows
from audit.topic_reader import TopicRecord
from ledger.entries import SourceRecord
from ledger.originals import Misfit, Original
from ledger.vocabulary import Code, Verdict
from methodology.posting import Posted
from methodology.rejection_sentences import UnfitRecord
from schemas.parts import split_entry
from schemas.stored import StoredEntry

Facts = tuple[Callable[..., Any], Callable[..., Any]]
LARGE = Misfit(0, 0, Code.RECORD_TOO_LARGE, Original(40_000_007, "d" * 64))


@pytest.fixture
def parted(ledger: Any, facts: Facts, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Three disruptions await their threat; its assessment's 6 legs go in parts of two."""
    threat, disruption = facts
    for number in range(3):
        ledger.admit(disruption(number + 2, disruption_id=f"D-{number}"))
    whole: StoredEntry = ledger.codec.decode_entry(ledger.admit(threat(1)).value)
    ledger.entries.pop()
    monkeypatch.setattr("schemas.parts.LEGS_PER_PART", 2)
    ledger.parts = [encode_part(ledger, whole, part) for part in split_entry(whole)]
    return ledger


def encode_part(ledger: Any, whole: StoredEntry, part: StoredEntry) -> bytes:
    """One part as the stream writes it."""
    fact = ledger.codec.decode(whole.source.value, whole.source.headers)
    posted = Posted(Verdict(part.verdict), part.legs, part.threat_legs)
    value: bytes = ledger.codec.encode_entry(part.source, fact, posted, whole.judged, part.part)
    return value


def list_kinds(ledger: Any, parts: Sequence[bytes]) -> list[tuple[FindingKind, int | None]]:
    """What a replay finds when these parts were written."""
    for value in parts:
        ledger.append_value(ledger.entries, value)
    verdict, _ = ledger.audit_partition(judged=9)
    return [(one.kind, one.offset) for one in verdict.shown]


def test_an_entry_in_parts_is_one_entry_with_a_row_for_each(parted: Any) -> None:
    """6 legs in 3 parts; the rows are numbered through."""
    assert list_kinds(parted, parted.parts) == []
    _, settled = parted.audit_partition()
    rows = list(make_rows(settled[3].expected))
    entries = [row for table, row in rows if table == ENTRIES]
    assert [(row["part"], row["parts"], row["leg_count"], row["value"] == "") for row in entries] == [
        (0, 3, 2, False),
        (1, 3, 2, True),
        (2, 3, 2, True),
    ]
    assert [row["leg"] for table, row in rows if table == "postings"] == [0, 1, 2, 3, 4, 5]


def test_parts_that_repeat_with_the_same_bytes_are_no_difference(parted: Any) -> None:
    """A stale worker writes the first two again."""
    assert list_kinds(parted, [*parted.parts, *parted.parts[:2]]) == []


def test_an_entry_that_lacks_a_part_is_lost(parted: Any, facts: Facts) -> None:
    """A later position has its output."""
    parted.append_value(parted.entries, parted.parts[0])
    parted.append_value(parted.entries, parted.parts[1])
    parted.admit(facts[1](9, disruption_id="D-9"))
    assert list_kinds(parted, [])[0] == (FindingKind.LOST, 3)


def test_a_part_that_does_not_go_on_is_a_difference(parted: Any) -> None:
    """The second says that it is the third."""
    assert (FindingKind.OUT_OF_ORDER, 3) in list_kinds(parted, [parted.parts[0], parted.parts[2]])


def refuse_large(ledger: Any, misfit: Misfit) -> None:
    """A record that was too large, and its refusal with the size and digest of ``LARGE``."""
    ledger._read_source(TopicRecord(ledger.next_offset, 1_000, None, None, (), misfit))
    source = find_source(ledger)
    sentence = UnfitRecord(LARGE).sentence
    value = ledger.codec.encode_rejection(source, LARGE.code, sentence, None, original=LARGE.original)
    ledger.append_value(ledger.rejected, value)


def find_source(ledger: Any) -> Any:
    """The source of the last record published."""
    last = ledger.published[-1]
    return SourceRecord(ledger.partition, last.offset, last.offset - 1, last.appended_at, None, None, ())


def test_a_refusal_by_size_and_digest_agrees_with_the_record(ledger: Any) -> None:
    """40 MB, of which the output carries none."""
    refuse_large(ledger, LARGE)
    verdict, _ = ledger.audit_partition()
    assert verdict.agrees


def test_another_digest_than_the_records_is_a_difference(ledger: Any) -> None:
    """The record is another than the refused one."""
    refuse_large(ledger, LARGE._replace(original=Original(40_000_007, "e" * 64)))
    verdict, _ = ledger.audit_partition()
    assert [(one.kind, one.sentence) for one in verdict.shown] == [
        (FindingKind.ENTRY_DIFFERS, "Not as the fold has it: original_digest.")
    ]


def test_a_refusal_by_size_of_a_record_that_is_gone_is_not_judged_again(ledger: Any) -> None:
    """Only its evidence is gone."""
    refuse_large(ledger, LARGE)
    verdict, _ = ledger.audit_partition(low=1)
    assert [one.kind for one in verdict.shown] == [FindingKind.EVIDENCE_GONE]
