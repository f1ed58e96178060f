"""Strangers' records among the outputs: what cannot be an output of a partition, and what it is said to be."""

from typing import Any

import pytest

from infra.status import list_troubles
from infra.topic_identity import Standstill
from ledger.entries import EntryPart, SourceRecord
from ledger.errors import Rejected
from ledger.facts import Fact
from ledger.vocabulary import Code, Verdict
from methodology.posting import Posted
from schemas.codec import Codec
from schemas.stored import StoredEntry
from streams.strays import Stray, Strays, hold_output, read_fact
from tests.streams.records import CODEC, state_threat

FACT = state_threat()
SOURCE = SourceRecord(3, 7, 6, 1_000, b"T1", CODEC.encode_fact(FACT), ())


def make_entry(**changes: Any) -> StoredEntry:
    """An admitted assessment at offset 7 of partition 3."""
    value = CODEC.encode_entry(SOURCE, FACT, Posted(Verdict.ADMITTED, (), ()))
    return CODEC.decode_entry(value)._replace(**changes)


def test_an_output_of_its_partition_is_held_to_be_one() -> None:
    """And adds its event to a book."""
    hold_output(make_entry(), 3)
    assert read_fact(CODEC, make_entry()) == FACT


@pytest.mark.parametrize(
    "changes",
    [
        {"source": SOURCE._replace(partition=2)},
        {"source": SOURCE._replace(previous_offset=7)},
        {"source": SOURCE._replace(previous_offset=-2)},
        {"part": EntryPart(1, 1, 0)},
        {"part": EntryPart(-1, 1, 0)},
    ],
)
def test_what_names_no_place_in_the_partition_is_a_stray(changes: dict[str, Any]) -> None:
    """Another partition, no position, a part that there cannot be."""
    with pytest.raises(Stray):
        hold_output(make_entry(**changes), 3)


@pytest.mark.parametrize(
    "changes",
    [
        {"source": SOURCE._replace(value=b"garbage")},
        {"source": SOURCE._replace(key=b"T2")},
        {"event_id": "another"},
        {"threat_id": "T2"},
        {"version": 2},
    ],
)
def test_an_entry_of_another_event_than_it_holds_is_a_stray(changes: dict[str, Any]) -> None:
    """Or of none."""
    with pytest.raises(Stray):
        read_fact(CODEC, make_entry(**changes))


def test_a_duplicate_and_a_later_part_add_nothing() -> None:
    """So nothing of them is read."""
    assert read_fact(CODEC, make_entry(verdict="DUPLICATE", source=SOURCE._replace(value=b""))) is None
    assert read_fact(CODEC, make_entry(part=EntryPart(1, 2, 3), source=SOURCE._replace(value=b""))) is None


class Forgetful(Codec):
    """Its registry knows no schema any more."""

    def decode(self, value: bytes | None, headers: Any = ()) -> Fact:  # noqa: ARG002 - the codec's signature
        """Refused."""
        raise Rejected(Code.UNKNOWN_SCHEMA, "It is not known.")


def test_an_admitted_event_whose_schema_is_gone_stands() -> None:
    """It is the ledger's own, and its books cannot do without."""
    with pytest.raises(Standstill, match="partition 3 offset 7"):
        read_fact(Forgetful(CODEC._ids), make_entry())


def test_what_is_passed_over_is_a_trouble_until_the_next_recovery() -> None:
    """One for the partition, with how many there are."""
    strays = Strays(3)
    strays.pass_over("soc.entries", 8, "UNDECODABLE")
    strays.pass_over("soc.entries", 9, "UNDECODABLE")
    (trouble,) = list_troubles()
    assert "2 records among the outputs of partition 3" in trouble["what"]
    assert "offset 9 of soc.entries" in trouble["what"]
    strays.end_report()
    assert list_troubles() == []
