"""Records to outputs, without a broker."""

import errno
import os
from typing import Any, cast

import pytest

from infra.topics import ENTRIES, REJECTED
from ledger.originals import Misfit, Original
from ledger.vocabulary import Code
from schemas.stored import StoredEntry, StoredRejection
from streams.intake import FoldProgress, Intake, ProgramFault, decode_records, name_error
from streams.outputs import ProducedOutput
from tests.streams.records import CODEC, DAY, MONDAY, PlainShelf, Record, make_record, state_disruption, state_threat

ONE_PARTITION = 1


def make_intake(ledger: FoldProgress | None = None, partitions: int = ONE_PARTITION) -> Intake:
    return Intake(CODEC, PlainShelf(), ledger or FoldProgress(0), partitions)


def fold_facts(one: Intake, *records: Any) -> list[ProducedOutput]:
    return one.fold(records, decode_records(CODEC, records))


def read_entry(output: ProducedOutput) -> StoredEntry:
    assert output[0] == ENTRIES
    return CODEC.decode_entry(output[2])


def read_rejection(output: ProducedOutput) -> StoredRejection:
    assert output[0] == REJECTED
    return CODEC.decode_rejection(output[2])


def test_every_record_gives_one_output_at_its_position() -> None:
    """An assessment, a disruption of it and a tombstone: two entries and a rejection, in order."""
    first, second, third = fold_facts(
        make_intake(),
        make_record(0, state_threat()),
        make_record(1, state_disruption(1)),
        Record(2, MONDAY * DAY, b"T1", None),
    )
    assert [read_entry(first).source.offset, read_entry(second).source.offset, read_rejection(third).source.offset] == [
        0,
        1,
        2,
    ]
    assert [leg.sign for leg in read_entry(second).legs] == [1]
    assert read_rejection(third).code == "UNDECODABLE"


def test_an_output_covers_from_the_record_before_it() -> None:
    """Offsets 3, 4 and 9: the hole from 5 to 8 is covered by the output of 9."""
    one = make_intake(FoldProgress(0, covered=2))
    outputs = fold_facts(
        one, make_record(3, state_threat()), make_record(4, state_disruption(1)), make_record(9, state_disruption(2))
    )
    assert [(read_entry(o).source.previous_offset, read_entry(o).source.offset) for o in outputs] == [
        (2, 3),
        (3, 4),
        (4, 9),
    ]
    assert one.ledger.covered == 9


def test_ledger_time_never_goes_back() -> None:
    """Append times 20, 10 and 30 give ledger times 20, 20 and 30."""
    at = (MONDAY + 1) * DAY
    outputs = fold_facts(
        make_intake(),
        make_record(0, state_threat(), at + 20),
        make_record(1, state_disruption(1), at + 10),
        make_record(2, state_disruption(2), at + 30),
    )
    assert [read_entry(o).source.ledger_time - at for o in outputs] == [20, 20, 30]


def test_a_key_that_is_not_the_threat_is_refused() -> None:
    """KEY_MISMATCH, even for a key that was good for another event."""
    outputs = fold_facts(
        make_intake(), make_record(0, state_threat()), make_record(1, state_disruption(1, "T2"), key=b"T1")
    )
    assert read_rejection(outputs[1]).code == "KEY_MISMATCH"


def test_a_key_over_the_bound_is_refused_before_it_is_hashed_or_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing one of 4 MB would take seconds; a hundred of them remembered would fill the memory."""
    monkeypatch.setattr("infra.partitioning.murmur2", None)
    one = make_intake()
    (refused,) = fold_facts(one, make_record(0, state_disruption(1, "T" * 201)))
    assert read_rejection(refused).code == "FIELD_TOO_LONG"
    assert not cast(Any, one._is_here).cache_info().currsize
    assert not one._shelf.live


def test_a_record_in_another_partition_than_its_key_names_is_refused() -> None:
    """Kafka's own vector: murmur2("foobar") is -790332482, positive 1357151166, so partition 2 of 4 and not 0."""
    foobar = make_record(0, state_threat(threat_id="foobar"))
    assert read_rejection(fold_facts(make_intake(FoldProgress(0), 4), foobar)[0]).code == "MISROUTED"
    assert read_entry(fold_facts(make_intake(FoldProgress(2), 4), foobar)[0]).verdict == "ADMITTED"


def test_a_rejection_carries_the_dead_letter_headers_and_no_value_of_the_record() -> None:
    """Topic, partition, offset, stage, class and message; the original bytes are in the record itself."""
    bad = make_record(7, state_disruption(1, recorded_by="nobody-knows"))
    topic, key, value, headers = fold_facts(make_intake(), bad)[0]
    said = {name: text.decode() for name, text in headers or []}
    assert (topic, key) == (REJECTED, b"T1")
    assert said["__connect.errors.topic"] == "soc.published"
    assert said["__connect.errors.offset"] == "7"
    assert said["__connect.errors.exception.class.name"] == "UNKNOWN_ORGANISATION"
    assert "nobody-knows" not in " ".join(said.values())
    assert CODEC.decode_rejection(value).source.value == bad.value


def test_outputs_that_are_there_already_are_restored_and_not_written_again() -> None:
    """Offset 1 was written before a crash: the book is advanced by it, and offset 2 is version 2 of the same."""
    one = make_intake(FoldProgress(0, covered=-1, beyond={1: state_disruption(1)}))
    later = state_disruption(2, disruption_id="D1", version=2, change="AMENDED")
    outputs = fold_facts(
        one, make_record(0, state_threat()), make_record(1, state_disruption(1)), make_record(2, later)
    )
    assert [read_entry(o).source.offset for o in outputs] == [0, 2]
    assert read_entry(outputs[1]).verdict == "ADMITTED"
    assert one.ledger.beyond == {}


def test_what_was_refused_stays_refused_though_it_would_be_admitted_now() -> None:
    """Offset 1 was refused before a crash (its schema was not known then): version 2 of it has nothing to follow."""
    one = make_intake(FoldProgress(0, covered=-1, beyond={1: None}))
    later = state_disruption(2, disruption_id="D1", version=2, change="AMENDED")
    outputs = fold_facts(
        one, make_record(0, state_threat()), make_record(1, state_disruption(1)), make_record(2, later)
    )
    assert [topic for topic, *_ in outputs] == [ENTRIES, REJECTED]
    assert CODEC.decode_rejection(outputs[1][2]).code == "VERSION_NOT_NEXT"


def test_a_misfit_is_refused_without_its_bytes() -> None:
    """Its rejection carries size and digest; the event behind it is judged."""
    misfit = Misfit(0, MONDAY * DAY, Code.RECORD_TOO_LARGE, Original(40_000_007, "d" * 64))
    refused, admitted = fold_facts(make_intake(), misfit, make_record(1, state_threat()))
    found = read_rejection(refused)
    assert (found.code, found.original_size, found.original_digest) == ("RECORD_TOO_LARGE", 40_000_007, "d" * 64)
    assert (found.source.offset, found.source.key, found.source.value, found.source.headers) == (0, None, None, ())
    assert read_entry(admitted).source.previous_offset == 0


@pytest.fixture
def two_legs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part has two legs."""
    monkeypatch.setattr("streams.intake.LEGS_PER_PART", 2)
    monkeypatch.setattr("schemas.parts.LEGS_PER_PART", 2)


@pytest.mark.usefixtures("two_legs")
def test_an_entry_that_moves_very_much_is_written_in_parts() -> None:
    """Three disruptions await their threat; its assessment moves each out of one account and into another: 6 legs."""
    waiting = [make_record(number, state_disruption(number + 1)) for number in range(3)]
    made = [read_entry(output) for output in fold_facts(make_intake(), *waiting, make_record(3, state_threat()))][3:]
    assert [(one.source.offset, *one.part, len(one.legs)) for one in made] == [
        (3, 0, 3, 0, 2),
        (3, 1, 3, 2, 2),
        (3, 2, 3, 4, 2),
    ]
    assert [(one.source.key, bool(one.source.value), len(one.threat_legs)) for one in made] == [
        (b"T1", True, 1),
        (b"", False, 0),
        (b"", False, 0),
    ]


@pytest.mark.usefixtures("two_legs")
def test_parts_that_are_there_already_are_not_written_again() -> None:
    """A crash after the first of three."""
    waiting = [make_record(number, state_disruption(number + 1)) for number in range(3)]
    one = make_intake(FoldProgress(0, begun={3: {0}}))
    made = [read_entry(output) for output in fold_facts(one, *waiting, make_record(3, state_threat()))][3:]
    assert [found.part.part for found in made] == [1, 2]
    assert not one.ledger.is_loose()


def test_a_run_is_folded_in_slices_as_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every output is over the bound: a slice each, and the books are no further than the slice."""
    monkeypatch.setattr("streams.intake.SLICE_BYTES", 1)
    one, records = (
        make_intake(),
        [make_record(0, state_threat()), make_record(1, state_disruption(1)), make_record(2, state_disruption(2))],
    )
    covered = [(len(made), one.ledger.covered) for made in one.fold_slices(records, decode_records(CODEC, records))]
    assert covered == [(1, 0), (1, 1), (1, 2)]


def test_a_mistake_of_the_program_is_never_recorded_as_the_messages_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends as a Fault that names the position and no value."""

    def raise_fault(*_: object) -> None:
        raise KeyError("metropolitan")

    monkeypatch.setattr("streams.intake.judge_event", raise_fault)
    with pytest.raises(ProgramFault, match="KeyError at partition 0 offset 5") as caught:
        fold_facts(make_intake(), make_record(5, state_threat()))
    assert "metropolitan" not in str(caught.value)


def test_what_the_system_refuses_is_named_by_its_own_word() -> None:
    """A worker whose files have run out says so; of any other error the kind alone is said, as it may hold values."""
    assert name_error(OSError(errno.EMFILE, os.strerror(errno.EMFILE), "books")) == "OSError (Too many open files)"
    assert name_error(ValueError("metropolitan")) == "ValueError"
