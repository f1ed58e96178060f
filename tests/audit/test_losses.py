"""Records that are gone: lost where nothing judged them, without evidence where something did, or acknowledged."""

from collections.abc import Callable
from typing import Any

from audit.findings import AcknowledgedLoss, FindingKind
from audit.losses import ORIGINAL_NOT_KEPT
from ledger.entries import SourceRecord
from ledger.vocabulary import Code
from schemas.restored import ORIGINAL_GONE
from tests.facts import NOON

Facts = tuple[Callable[..., Any], Callable[..., Any]]
SAID = (("acknowledged-by", b"a.smith"), ("acknowledged-at", b"2026-11-25T09:00:00Z"), ("reason", b"retention"))


def lose_events(ledger: Any, facts: Facts) -> None:
    """0 is judged, 1 and 2 are published and never judged."""
    threat, disruption = facts
    ledger.admit(threat())
    ledger.publish(disruption(2))
    ledger.publish(disruption(3))


def acknowledge_loss(ledger: Any, first: int, last: int, ledger_time: int = NOON, value: bytes | None = None) -> None:
    """What an operator writes of them."""
    source = SourceRecord(ledger.partition, last, first - 1, ledger_time, None, value, SAID)
    ledger.append_value(ledger.rejected, ledger.codec.encode_rejection(source, Code.LOST, "Lost.", None))


def list_found(verdict: Any) -> list[tuple[FindingKind, int, str]]:
    return [(one.kind, one.offset, one.sentence) for one in verdict.shown]


def test_records_deleted_before_they_were_judged_are_lost(ledger: Any, facts: Facts) -> None:
    """1 and 2 are gone without an output; the output of 0 stands without its evidence."""
    lose_events(ledger, facts)
    verdict, _ = ledger.audit_partition(low=3)
    assert list_found(verdict) == [
        (FindingKind.LOST, 1, "Offsets 1 to 2 were deleted before they were judged. Nobody acknowledged it."),
        (
            FindingKind.EVIDENCE_GONE,
            0,
            "Offsets 0 to 2 are deleted: what the outputs of 1 of them hold cannot be compared.",
        ),
    ]


def test_records_deleted_after_they_were_judged_leave_no_evidence(honest: Any) -> None:
    """All of four: nothing was lost, and nothing of it can be shown any more."""
    verdict, _ = honest.audit_partition(low=4)
    assert not verdict.agrees
    assert list_found(verdict) == [
        (
            FindingKind.EVIDENCE_GONE,
            0,
            "Offsets 0 to 3 are deleted: what the outputs of 4 of them hold cannot be compared.",
        )
    ]


def test_a_deleted_span_that_an_output_covers_and_none_names_is_said(ledger: Any, facts: Facts) -> None:
    """0 and 3 were judged; 1 and 2 were a hole, or records that somebody passed over: nobody can tell any more."""
    threat, disruption = facts
    ledger.admit(threat())
    ledger.next_offset = 3
    ledger.admit(disruption())
    verdict, _ = ledger.audit_partition(low=3)
    assert list_found(verdict) == [
        (
            FindingKind.EVIDENCE_GONE,
            0,
            "Offsets 0 to 2 are deleted: what the outputs of 1 of them hold cannot be compared. "
            "No output names 1 to 2: whether anything was published there cannot be told.",
        )
    ]


def test_an_acknowledged_loss_is_no_difference(ledger: Any, facts: Facts) -> None:
    """Who and when are in the verdict; what was deleted before the loss is acknowledged with it."""
    lose_events(ledger, facts)
    acknowledge_loss(ledger, 1, 2)
    verdict, settled = ledger.audit_partition(low=3)
    assert verdict.agrees
    assert verdict.acknowledged == [AcknowledgedLoss(ledger.partition, 1, 2, "a.smith", "2026-11-25T09:00:00Z")]
    assert verdict.make_body()["acknowledged"][0]["by"] == "a.smith"
    assert [one.output.offset for one in settled] == [0, 2]


def test_what_is_deleted_after_a_loss_was_acknowledged_is_not_covered_by_it(ledger: Any, facts: Facts) -> None:
    """1 and 2 are acknowledged; 3 was judged, and deleted later."""
    lose_events(ledger, facts)
    acknowledge_loss(ledger, 1, 2)
    ledger.admit(facts[1](4))
    verdict, _ = ledger.audit_partition(low=4)
    assert list_found(verdict) == [
        (
            FindingKind.EVIDENCE_GONE,
            3,
            "Offsets 0 to 3 are deleted: what the outputs of 1 of them hold cannot be compared.",
        )
    ]


def test_a_loss_acknowledged_of_records_that_are_there_is_forged(ledger: Any, facts: Facts) -> None:
    """Nobody may make events disappear by calling them lost."""
    lose_events(ledger, facts)
    acknowledge_loss(ledger, 1, 2)
    verdict, _ = ledger.audit_partition(judged=3)
    kinds = [(one.kind, one.offset) for one in verdict.shown]
    assert (FindingKind.FORGED, 2) in kinds
    assert (FindingKind.LOST, 1) in kinds
    assert verdict.acknowledged == []


def test_a_loss_carries_no_record_and_the_greatest_ledger_time(ledger: Any, facts: Facts) -> None:
    """Another ledger time would hide or show entries; bytes would be nobody's."""
    lose_events(ledger, facts)
    acknowledge_loss(ledger, 1, 2, ledger_time=NOON + 5, value=b"x")
    verdict, _ = ledger.audit_partition(low=3)
    assert list_found(verdict) == [(FindingKind.SOURCE_DIFFERS, 2, "Not as published: value, ledger_time.")]


def mark_last(ledger: Any) -> None:
    """Put the mark of a stand-in behind the headers of the record that was published last."""
    last = ledger.published[-1]
    ledger.published[-1] = last._replace(headers=(*last.headers, (ORIGINAL_GONE, None)))


def test_a_stand_in_of_a_restore_is_evidence_that_is_gone(ledger: Any, facts: Facts) -> None:
    """In the place of a refused record; the mark on the record of an entry is a difference."""
    ledger.admit(facts[0]())
    ledger.append_garbage()
    mark_last(ledger)
    verdict, _ = ledger.audit_partition()
    assert list_found(verdict) == [(FindingKind.EVIDENCE_GONE, 1, ORIGINAL_NOT_KEPT)]
    ledger.admit(facts[1](2))
    mark_last(ledger)
    verdict, _ = ledger.audit_partition()
    assert [one.kind for one in verdict.shown] == [FindingKind.EVIDENCE_GONE, FindingKind.SOURCE_DIFFERS]
