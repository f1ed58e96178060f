"""Books: what is kept, in how few bytes, and that nothing is lost between pack and unpack."""

import msgspec
import pytest

from methodology.book import Book
from methodology.versions import make_assessment, make_version, share_content
from tests.laws.whole import list_timeline
from tests.methodology.facts import DAY, JULY_1_2023, fill_book, state_disruption, state_threat

NOON = JULY_1_2023 * DAY + DAY // 2


def make_story():
    return (
        state_threat(phase="Closed"),
        state_disruption("D1", activity_ref="A"),
        state_disruption("D2", activity_ref="A", pillar="PREVENT", entered_at=NOON + 1),
        state_disruption("D1", 2, change="WITHDRAWN", activity_ref="A", entered_at=NOON + 2),
        state_threat(2, kind="VULNERABILITY", entered_at=NOON + 3),
    )


def test_a_book_comes_back_as_it_was():
    """Everything that a later event can be judged by."""
    book, _ = fill_book(*make_story())
    again = Book.unpack("T1", book.pack())
    assert again.threat_id == "T1"
    assert again.assessments == book.assessments
    assert again.disruptions == book.disruptions
    assert find_leader(again, "A") == find_leader(book, "A") == [(NOON, "D1", "PURSUE"), (NOON + 2, "D2", "PREVENT")]
    assert again.events == book.events
    assert len(again.events) == 5
    assert list_timeline(again) == list_timeline(book)
    assert again.pack() == book.pack()


def test_an_unpacked_book_shares_what_few_disruptions_differ_in():
    """One record object for all versions that say the same, before and after."""
    book, _ = fill_book(state_disruption("D1"), state_disruption("D2"))
    again = Book.unpack("T1", book.pack())
    records = {id(one.record) for held in (book, again) for versions in held.disruptions.values() for one in versions}
    assert records == {id(share_content("RECORDED", "metropolitan", "LEAD", "PURSUE", "MAJOR"))}


def test_an_empty_book_is_packed_too():
    """A book of which every event was refused."""
    assert Book.unpack("T1", Book("T1").pack()).pack() == Book("T1").pack()


def test_a_packed_disruption_takes_less_than_150_bytes():
    """Event id and digest are 16 bytes each; the record is named once per book."""
    book, _ = fill_book(state_threat(), *(state_disruption(f"MET-2023-{n:07d}") for n in range(30)))
    assert len(book.pack()) < 30 * 150


def test_bytes_of_another_format_are_not_read():
    """A snapshot is a cache: its reader folds the entries again instead."""
    for torn in (b"", Book("T1").pack()[:-1], msgspec.msgpack.encode(["a", [], [], [], b""])):
        with pytest.raises(ValueError, match=r"^not a packed book: .* again$"):
            Book.unpack("T1", torn)
    with pytest.raises(ValueError, match=r"^a book of another format: .* again$"):
        Book.unpack("T1", msgspec.msgpack.encode([0, [], [], [], b""]))


def test_a_version_keeps_what_counting_looks_at():
    """Six things of twenty; who entered it, and why, are in the entry."""
    version = make_version(state_disruption(activity_ref="A", category="MINOR", tags=["x"]))
    assert version == (NOON, JULY_1_2023, ("RECORDED", "metropolitan", "LEAD", "PURSUE", "MINOR"), "A")


def test_an_assessment_keeps_its_account():
    """The raw phase becomes a flag."""
    found = make_assessment(state_threat(phase="Enclosed", tier=5, soc=False))
    account = ("metropolitan", "OCG", "DRUGS", "TACTICAL", "MODERATED", False, 5, True)
    assert found == ((JULY_1_2023 - 180) * DAY + DAY // 2, JULY_1_2023 - 180, account)


def find_leader(book, ref):
    """Who leads an activity from noon on."""
    leads = book.activities["metropolitan", ref].list_leads(NOON)
    return [(lead.since, lead.rank[1], lead.pillar) for lead in leads]


def test_an_activity_is_led_by_the_first_entered_in_whatever_order_they_are_heard():
    """Ties by disruption id; a disruption that bears the reference twice is in it once."""
    heard = [("D3", 0), ("D1", 0), ("D2", 5)]
    facts = [state_disruption(name, activity_ref="A", entered_at=NOON + at) for name, at in heard]
    gone = state_disruption("D1", 3, change="WITHDRAWN", activity_ref="A", entered_at=NOON + 9)
    book, _ = fill_book(*facts, state_disruption("D1", 2, activity_ref="A", entered_at=NOON + 1), gone)
    assert find_leader(book, "A") == [(NOON, "D1", "PURSUE"), (NOON + 9, "D3", "PURSUE")]


def test_an_activity_of_one_is_none_until_another_comes():
    """A disruption alone is behind nobody, however often it leaves and comes back; what it did is known then."""
    alone = [
        state_disruption("D1", activity_ref="A", entered_at=NOON),
        state_disruption("D1", 2, activity_ref="B", entered_at=NOON + 1),
        state_disruption("D1", 3, activity_ref="A", pillar="PREVENT", entered_at=NOON + 2),
    ]
    book, _ = fill_book(*alone)
    assert book.activities == {}
    assert book.find_activity(("metropolitan", "A"), "D1") is None
    book, _ = fill_book(*alone, state_disruption("D2", activity_ref="A", entered_at=NOON + 1))
    assert find_leader(book, "A") == [(NOON, "D1", "PURSUE"), (NOON + 1, "D2", "PURSUE"), (NOON + 2, "D1", "PREVENT")]
    assert list(book.activities) == [("metropolitan", "A")]
