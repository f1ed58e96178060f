"""The replay of one partition: an untouched one agrees, and each way of touching it is named at its position."""

from collections.abc import Callable
from typing import Any

from audit.findings import FindingKind
from audit.topic_reader import TopicRecord
from schemas.stored import StoredEntry, StoredRejection

Facts = tuple[Callable[..., Any], Callable[..., Any]]


def alter_entry(ledger: Any, record: TopicRecord, **changes: Any) -> TopicRecord:
    """An entry's record with some of its fields changed, encoded again."""
    held: StoredEntry = ledger.codec.decode_entry(record.value)
    fact = ledger.codec.decode(held.source.value, held.source.headers)
    source = held.source._replace(**{k: v for k, v in changes.items() if k in held.source._fields})
    posted = held._replace(**{k: v for k, v in changes.items() if k in held._fields})
    return record._replace(value=ledger.codec.encode_entry(source, fact, posted))


def test_an_untouched_partition_agrees(honest: Any) -> None:
    """Three entries (one a resend) and one refusal cover four positions."""
    verdict, settled = honest.audit_partition()
    assert verdict.agrees
    assert [one.output.offset for one in settled] == [0, 1, 2, 3]
    reach = verdict.reaches[0]
    assert (reach.covered_end, reach.entries, reach.rejections, reach.repeats) == (4, 3, 1, 0)


def test_a_repeat_with_the_same_content_is_no_difference(honest: Any) -> None:
    """A stale worker's late outputs are the same again."""
    honest.append_value(honest.entries, honest.entries[0].value)
    honest.append_value(honest.rejected, honest.rejected[0].value)
    verdict, _ = honest.audit_partition()
    assert verdict.agrees
    assert verdict.reaches[0].repeats == 2


def test_a_repeat_with_other_content_is_a_difference(honest: Any) -> None:
    """The first output counts; the second is named."""
    forged = alter_entry(honest, honest.entries[1], legs=())
    honest.append_value(honest.entries, forged.value)
    verdict, _ = honest.audit_partition()
    assert [(d.kind, d.offset, d.disruption_id) for d in verdict.shown] == [(FindingKind.REPEAT_DIFFERS, 1, "D-1")]


def test_postings_that_the_fold_does_not_write_are_a_difference(honest: Any) -> None:
    """An entry whose sign was turned is named at its position, by field and without values."""
    leg = honest.codec.decode_entry(honest.entries[1].value).legs[0]
    honest.entries[1] = alter_entry(honest, honest.entries[1], legs=(leg._replace(sign=-1),))
    verdict, settled = honest.audit_partition()
    assert [(d.kind, d.offset, d.sentence) for d in verdict.shown] == [
        (FindingKind.ENTRY_DIFFERS, 1, "Not as the fold has it: legs.")
    ]
    assert settled[1].expected.legs[0].sign == 1


def test_bytes_that_were_not_published_are_a_difference(honest: Any, facts: Facts) -> None:
    """An entry for another pillar, consistent in itself, is not what the force published."""
    _, disruption = facts
    held = honest.codec.decode_entry(honest.entries[1].value)
    lie = disruption(pillar="PREVENT")
    source = held.source._replace(value=honest.codec.encode_fact(lie))
    account = held.legs[0].account._replace(pillar="PREVENT")
    posted = held._replace(legs=(held.legs[0]._replace(account=account),))
    honest.entries[1] = honest.entries[1]._replace(value=honest.codec.encode_entry(source, lie, posted))
    verdict, _ = honest.audit_partition()
    kinds = [(d.kind, d.offset) for d in verdict.shown]
    assert kinds[0] == (FindingKind.SOURCE_DIFFERS, 1)
    assert verdict.shown[0].sentence == "Not as published: value."
    assert (FindingKind.VERDICT_DIFFERS, 2) in kinds, "the resend is none any more: its content differs"


def test_an_entry_for_an_event_that_must_be_refused_is_a_difference(ledger: Any, facts: Facts) -> None:
    """Support by a force was let through: the fold refuses it."""
    threat, disruption = facts
    ledger.admit(threat())
    bad = disruption(type="SUPPORT", benefits="btp")
    ledger.admit(bad)
    refusal: StoredRejection = ledger.codec.decode_rejection(ledger.rejected.pop().value)
    empty = type("Posted", (), {"verdict": "ADMITTED", "legs": (), "threat_legs": ()})
    ledger.append_value(ledger.entries, ledger.codec.encode_entry(refusal.source, bad, empty))
    verdict, _ = ledger.audit_partition()
    assert [(d.kind, d.offset, d.sentence) for d in verdict.shown] == [
        (FindingKind.VERDICT_DIFFERS, 1, "The ledger says ADMITTED, the fold says rejected, SUPPORT_BY_FORCE.")
    ]


def test_a_refusal_of_a_good_event_is_a_difference_and_moves_no_book(ledger: Any, facts: Facts) -> None:
    """The fold would admit it; what follows is judged by the books as the ledger has them."""
    threat, disruption = facts
    ledger.admit(threat())
    ledger.refuse_event(disruption(), "EVENT_AFTER_ENTRY")
    ledger.admit(disruption(4))
    verdict, _ = ledger.audit_partition()
    assert [(d.kind, d.offset) for d in verdict.shown] == [(FindingKind.VERDICT_DIFFERS, 1)]


def test_a_position_without_output_before_a_later_one_is_lost(honest: Any) -> None:
    """Offset 1 was published; neither entry nor rejection is there, and the next output leaves a gap."""
    del honest.entries[1]
    verdict, _ = honest.audit_partition()
    found = {(d.kind, d.offset) for d in verdict.shown}
    assert (FindingKind.LOST, 1) in found


def test_positions_at_the_end_without_output_are_not_judged_yet(honest: Any, facts: Facts) -> None:
    """Published a moment ago and not committed by the intake: on its way, no difference."""
    _, disruption = facts
    honest.publish(disruption(9, disruption_id="D-9"))
    verdict, _ = honest.audit_partition(judged=4)
    assert verdict.agrees
    assert verdict.reaches[0].not_judged == 1


def test_an_entry_that_came_between_the_ends_of_the_two_topics_is_on_its_way(ledger: Any, facts: Facts) -> None:
    """1 is admitted and 2 refused after the end of the entries was taken, and before that of the rejections.

    The walk ends before 1, whose entry is not seen, and so does what is compared.
    """
    threat, disruption = facts
    ledger.admit(threat())
    ledger.admit(disruption())
    ledger.admit(disruption(4, type="SUPPORT", benefits="btp"))
    assert (len(ledger.entries), len(ledger.rejected)) == (2, 1)
    ledger.entries.pop()
    verdict, walked = ledger.audit_partition(judged=1)
    assert verdict.agrees
    assert (len(walked), verdict.reaches[0].covered_end, verdict.reaches[0].not_judged) == (1, 1, 2)


def test_an_entry_between_them_that_the_intake_had_committed_is_lost(ledger: Any, facts: Facts) -> None:
    """The same, but 1 had been committed: its output was there before any end was taken."""
    threat, disruption = facts
    ledger.admit(threat())
    ledger.admit(disruption())
    ledger.admit(disruption(4, type="SUPPORT", benefits="btp"))
    ledger.entries.pop()
    verdict, _ = ledger.audit_partition(judged=2)
    assert (FindingKind.LOST, 1) in {(one.kind, one.offset) for one in verdict.shown}


def test_a_position_at_the_end_that_the_intake_committed_is_lost(honest: Any, facts: Facts) -> None:
    """Outputs come before the commit: a committed position without one was lost."""
    _, disruption = facts
    honest.publish(disruption(9, disruption_id="D-9"))
    verdict, _ = honest.audit_partition(judged=5)
    assert [(d.kind, d.offset) for d in verdict.shown] == [(FindingKind.LOST, 4)]


def test_a_broken_chain_is_a_difference(honest: Any) -> None:
    """An output that claims to cover what another covers."""
    honest.entries[2] = alter_entry(honest, honest.entries[2], previous_offset=0)
    verdict, _ = honest.audit_partition()
    assert [(d.kind, d.offset) for d in verdict.shown] == [(FindingKind.BROKEN_CHAIN, 2)]


def test_an_entry_of_nothing_is_forged(honest: Any) -> None:
    """It names a position past the end of what was published."""
    honest.append_value(honest.entries, alter_entry(honest, honest.entries[1], offset=77).value)
    verdict, _ = honest.audit_partition()
    assert [(d.kind, d.offset, d.event_id is not None) for d in verdict.shown] == [(FindingKind.FORGED, 77, True)]


def test_an_entry_where_a_rejection_is_the_output_is_a_difference(honest: Any) -> None:
    """A position has exactly one output."""
    honest.append_value(honest.entries, alter_entry(honest, honest.entries[1], offset=3, previous_offset=2).value)
    verdict, _ = honest.audit_partition()
    assert FindingKind.REPEAT_DIFFERS in {d.kind for d in verdict.shown if d.offset == 3}


def test_an_output_that_is_not_one_is_named_by_its_own_offset(honest: Any) -> None:
    """Garbage in soc.entries has no position in soc.published; its own is given."""
    honest.append_value(honest.entries, b"\x00garbage")
    verdict, _ = honest.audit_partition()
    assert [(d.kind, d.place) for d in verdict.shown] == [(FindingKind.UNREADABLE, "soc.entries offset 3")]


def test_a_hole_in_the_offsets_is_no_loss(ledger: Any, facts: Facts) -> None:
    """Kafka's offsets have holes; outputs cover ranges."""
    threat, disruption = facts
    ledger.admit(threat())
    ledger.next_offset = 5
    ledger.admit(disruption())
    verdict, settled = ledger.audit_partition()
    assert verdict.agrees
    assert [one.output.offset for one in settled] == [0, 5]


def test_entries_whose_events_are_no_longer_there_are_folded_from_their_own_bytes(honest: Any) -> None:
    """Somebody's broker has dropped the first two events: the entries still hold them."""
    verdict, settled = honest.audit_partition(low=2)
    assert dict(verdict.differences) == {FindingKind.EVIDENCE_GONE: 1}
    assert len(settled) == 4


def test_differences_are_counted_past_the_limit_and_shown_up_to_it(honest: Any) -> None:
    """Every entry differs; one is shown."""
    honest.entries[:] = [alter_entry(honest, record, ledger_time=1) for record in honest.entries]
    verdict, _ = honest.audit_partition(limit=1)
    assert len(verdict.shown) == 1
    assert verdict.make_body()["kinds"]["SOURCE_DIFFERS"] == 3


def test_a_refusal_for_a_schema_that_is_known_by_now_is_noted(ledger: Any, facts: Facts) -> None:
    """The registry did not know it then; it does now. It cannot be judged again, and moves nothing."""
    threat, disruption = facts
    ledger.admit(threat())
    ledger.refuse_event(disruption(), "UNKNOWN_SCHEMA")
    ledger.admit(disruption(4))
    verdict, _ = ledger.audit_partition()
    assert verdict.agrees
    assert verdict.notes == ["a rejection for an unknown schema was not judged again: its schema is known now"]


def test_a_wrong_key_and_bytes_that_are_no_event_are_refused_again(ledger: Any, facts: Facts) -> None:
    """Both refusals are judged from the original bytes and agree."""
    threat, disruption = facts
    ledger.admit(threat())
    ledger.admit(disruption(), key="T-9")
    ledger.append_garbage()
    verdict, _ = ledger.audit_partition()
    assert verdict.agrees
    assert verdict.reaches[0].rejections == 2


def test_an_entry_in_another_partition_than_its_key_names_is_a_difference(ledger: Any, facts: Facts) -> None:
    """MISROUTED is judged by the audit's own look at the key."""
    _, disruption = facts
    elsewhere = next(f"T-{n}" for n in range(2, 99) if ledger.place_key(f"T-{n}") != ledger.partition)
    ledger.admit(disruption(threat_id=elsewhere))
    verdict, _ = ledger.audit_partition()
    assert [(d.kind, d.sentence) for d in verdict.shown] == [
        (FindingKind.VERDICT_DIFFERS, "The ledger says ADMITTED, the fold says rejected, MISROUTED.")
    ]


def test_a_run_of_lost_positions_is_one_difference(honest: Any, facts: Facts) -> None:
    """Offsets 4 to 6 were published and committed: the first is named, and how many follow."""
    _, disruption = facts
    for number in range(4, 7):
        honest.publish(disruption(number, disruption_id=f"D-{number}"))
    verdict, _ = honest.audit_partition(judged=7)
    assert [(d.offset, d.sentence) for d in verdict.shown] == [
        (4, "It has neither an entry nor a rejection, and the intake committed it. Nor have the 2 up to offset 6.")
    ]
