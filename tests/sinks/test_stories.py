"""What stands behind a count: stories of single disruptions, and refusals."""

from typing import Any

import pytest

from ledger.entries import EntryPart
from ledger.errors import Misuse
from ledger.instants import format_instant
from ledger.vocabulary import Code, Verdict
from methodology.posting import Posted
from queries import explain, rejections
from queries.record_queries import DisruptionQuery, RejectionQuery
from sinks.store import Store
from tests.sinks.records import (
    CODEC,
    Writer,
    make_entry,
    make_fact,
    make_leg,
    make_rejection,
    make_source,
    tell_instant,
)


def tell_story(store: Store, reference: str) -> dict[str, Any]:
    """Tell the story of a reference, of all that is stored."""
    return explain.tell_story(store, DisruptionQuery.parse_fields(disruption_id=reference), [1000] * 3)


def test_a_story_is_told_per_threat(store: Store, writer: Writer) -> None:
    """The same reference under two threats is two disruptions; a leg names the event that moved it."""
    waiting = {"standing": "AWAITING_THREAT"}
    writer.write_entries(
        make_entry(0, 0, 1, [make_leg(1, 0, **waiting)]),
        make_entry(0, 1, 2, [make_leg(-1, 0, **waiting), make_leg(1, 0)], disruption="its threat", version=1),
        make_entry(0, 2, 3, verdict=Verdict.DUPLICATE),
        make_entry(1, 0, 4, [make_leg(1, 3, organisation="essex")], threat="T2"),
    )
    told = tell_story(store, "D1")
    first, second = told["threats"]
    assert (first["threat_id"], second["threat_id"]) == ("T1", "T2")
    assert [(row["offset"], row["verdict"]) for row in first["entries"]] == [(0, "ADMITTED"), (2, "DUPLICATE")]
    assert [(row["offset"], row["sign"], row["standing"]) for row in first["postings"]] == [
        (0, 1, "AWAITING_THREAT"),
        (1, -1, "AWAITING_THREAT"),
        (1, 1, "COUNTED"),
    ]
    assert [(row["standing"], row["organisation"]) for row in first["stands_in"]] == [("COUNTED", "metropolitan")]
    assert [row["organisation"] for row in second["stands_in"]] == ["essex"]
    assert first["postings"][0]["ledger_time"] == format_instant(tell_instant(1))


def test_a_withdrawn_disruption_stands_nowhere(store: Store, writer: Writer) -> None:
    """Its legs cancel, and are all told."""
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 0)]), make_entry(0, 1, 2, [make_leg(-1, 1)], version=2))
    [under] = tell_story(store, "D1")["threats"]
    assert under["stands_in"] == []
    assert len(under["postings"]) == 2


def test_refusals_that_name_it_are_part_of_its_story(store: Store, writer: Writer) -> None:
    """Also when nothing of it was ever admitted."""
    writer.write_rejections(make_rejection(0, 0, 1, Code.VERSION_NOT_NEXT, known=make_fact(0, "D9", "T1", 3)))
    told = tell_story(store, "D9")
    assert told["threats"] == []
    assert [(row["code"], row["offset"]) for row in told["refusals"]] == [("VERSION_NOT_NEXT", 0)]
    assert tell_story(store, "D404") == {
        "disruption_id": "D404",
        "threats": [],
        "refusals": [],
    }


def test_refusals_are_listed_by_position_and_counted_by_code(store: Store, writer: Writer) -> None:
    """Most frequent first; a code may be asked for."""
    codes = [Code.MISROUTED, Code.KEY_MISMATCH, Code.MISROUTED]
    writer.write_rejections(*[make_rejection(2 - n, n, 1, code) for n, code in enumerate(codes)])
    listed = rejections.find_rejections(store, RejectionQuery())[0]
    assert [(row["partition"], row["offset"], row["code"]) for row in listed] == [
        (0, 2, "MISROUTED"),
        (1, 1, "KEY_MISMATCH"),
        (2, 0, "MISROUTED"),
    ]
    assert [row["offset"] for row in rejections.find_rejections(store, RejectionQuery(code="KEY_MISMATCH"))[0]] == [1]
    numbers = rejections.find_rejections(store, RejectionQuery())[1]
    assert list(numbers.items()) == [("MISROUTED", 2), ("KEY_MISMATCH", 1)]
    assert listed[0]["message"] == "Key it by its threat."
    assert [
        row["offset"] for row in rejections.find_rejections(store, RejectionQuery(code="MISROUTED", limit=1))[0]
    ] == [2]
    assert rejections.find_rejections(store, RejectionQuery(limit=1))[1] == {"MISROUTED": 2, "KEY_MISMATCH": 1}
    with pytest.raises(Misuse, match="code: there is no 'misrouted'; did you mean MISROUTED"):
        RejectionQuery.parse_fields(code="misrouted")


def test_a_refused_reference_is_found_as_it_was_written(store: Store, writer: Writer) -> None:
    """The ledger keeps D9; the refused event had a space at its end."""
    writer.write_rejections(make_rejection(0, 0, 1, Code.VERSION_NOT_NEXT, known=make_fact(0, "D9 ", "T1", 3)))
    assert len(tell_story(store, "D9 ")["refusals"]) == 1
    assert tell_story(store, "D9")["refusals"] == []


def test_an_entry_in_parts_is_one_version(store: Store, writer: Writer) -> None:
    """Its legs are all there, in their order, and it stands once."""
    parts = [EntryPart(0, 2, 0), EntryPart(1, 2, 1)]
    made = [(make_leg(1, 0, standing="UNASSESSED"),), (make_leg(-1, 0, standing="UNASSESSED"), make_leg(1, 0))]
    known = make_fact(0, "D1", "T1", 1)
    writer.write_entries(
        *[
            CODEC.encode_entry(make_source(0, 0, 1), known, Posted(Verdict.ADMITTED, legs, ()), None, part)
            for part, legs in zip(parts, made, strict=True)
        ]
    )
    (threat,) = tell_story(store, "D1")["threats"]
    assert [(row["partition"], row["offset"]) for row in threat["entries"]] == [(0, 0)]
    assert [row["leg"] for row in threat["postings"]] == [0, 1, 2]
    assert [account["standing"] for account in threat["stands_in"]] == ["COUNTED"]
