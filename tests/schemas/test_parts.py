"""Entries in parts: what is split is joined to the same, and what does not go on is seen."""

import pytest

from ledger.entries import Account, EntryPart, JudgedBy, Leg, SourceRecord
from schemas import parts
from schemas.parts import continues_entry, join_entry, list_parts, split_entry
from schemas.stored import StoredEntry

SOURCE = SourceRecord(3, 7, 6, 1_000, b"T", b"value", (("ce_id", b"1"),))
ACCOUNT = Account("kent", "LEAD", "PURSUE", "OCG", "DRUGS", "MAJOR", 19_000, "COUNTED")


def make_entry(legs: int) -> StoredEntry:
    """An entry of an assessment with that many legs."""
    moved = tuple(Leg(f"D-{number}", ACCOUNT, 1, 1_000) for number in range(legs))
    judged = JudgedBy("1", "digest", None, "ledger 1")
    return StoredEntry(SOURCE, "ADMITTED", "ThreatEvent", "id", "T", None, 1, "kent", 1_000, moved, (), judged)


@pytest.fixture(autouse=True)
def three_legs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part has three legs."""
    monkeypatch.setattr(parts, "LEGS_PER_PART", 3)


@pytest.mark.parametrize(
    ("legs", "named"),
    [
        (0, [(0, 1, 0)]),
        (3, [(0, 1, 0)]),
        (4, [(0, 2, 0), (1, 2, 3)]),
        (7, [(0, 3, 0), (1, 3, 3), (2, 3, 6)]),
    ],
)
def test_parts_are_numbered_with_their_first_legs(legs: int, named: list[tuple[int, int, int]]) -> None:
    """Three legs each, and the rest."""
    assert list_parts(legs) == [EntryPart(*one) for one in named]


def test_only_the_first_part_carries_the_original() -> None:
    """The others carry its position."""
    first, second = split_entry(make_entry(4))
    assert first.source == SOURCE
    assert second.source == SourceRecord(3, 7, 6, 1_000, b"", b"", ())
    assert ([leg.disruption_id for leg in first.legs], [leg.disruption_id for leg in second.legs]) == (
        ["D-0", "D-1", "D-2"],
        ["D-3"],
    )


def test_what_is_split_is_joined_to_the_same() -> None:
    """With one part and with three."""
    assert join_entry(list(split_entry(make_entry(2)))) == make_entry(2)
    assert join_entry(list(split_entry(make_entry(7)))) == make_entry(7)


def test_parts_go_on_where_the_one_before_ended() -> None:
    """Not twice, not past one, not of another entry, and not from another leg."""
    first, second, third = split_entry(make_entry(7))
    assert continues_entry([], first)
    assert continues_entry([first], second)
    assert continues_entry([first, second], third)
    assert not continues_entry([first], first)
    assert not continues_entry([first], third)
    assert not continues_entry([first], second._replace(event_id="other"))
    assert not continues_entry([first], second._replace(part=EntryPart(1, 3, 2)))
    assert not continues_entry([], first._replace(part=EntryPart(0, 3, 1)))
