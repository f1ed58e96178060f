"""Which disruptions of a large book have a date in a range, from an instant on."""

import pytest

from methodology import book as books
from methodology.date_index import DateIndex
from methodology.posting import restore_event
from tests.methodology.facts import DAY, JULY_1_2023, fill_book, find_accounts, state_disruption, state_threat

NOON = JULY_1_2023 * DAY + DAY // 2
START = 100 * DAY
D1 = [state_disruption("D1", event_date=50, entered_at=START + 10)]
D2 = [
    state_disruption("D2", event_date=50, entered_at=START + 10),
    state_disruption("D2", 2, event_date=60, entered_at=START + 20),
]
D3 = [
    state_disruption("D3", event_date=70, entered_at=START + 10),
    state_disruption("D3", 2, change="WITHDRAWN", event_date=70, entered_at=START + 30),
]
D4 = [
    state_disruption("D4", event_date=70, entered_at=START + 40),
    state_disruption("D4", 2, event_date=70, entered_at=START + 50),
]


@pytest.fixture(params=["looked through", "indexed", "indexed from the start"])
def book(request, monkeypatch):
    """The same book, small and large."""
    if request.param != "looked through":
        monkeypatch.setattr(books, "INDEXED_DISRUPTIONS", 0)
    facts = [*D1, *D2, *D3, *D4]
    if request.param != "indexed from the start":
        return fill_book(*facts)[0]
    found, posted = fill_book(state_threat())
    assert posted[0].legs == ()
    for fact in facts:
        restore_event(found, fact)
    return found


@pytest.mark.parametrize(
    ("first", "last", "since", "expected"),
    [
        (50, 51, 0, {"D1", "D2"}),
        (50, 51, 19, {"D1", "D2"}),
        (50, 51, 20, {"D1"}),
        (60, 61, 20, {"D2"}),
        (51, 61, 0, {"D2"}),
        (70, 71, 29, {"D3", "D4"}),
        (70, 71, 30, {"D4"}),
        (0, 1 << 62, 0, {"D1", "D2", "D3", "D4"}),
        (61, 70, 0, set()),
    ],
)
def test_a_disruption_is_found_by_any_date_it_has_from_the_instant_on(book, first, last, since, expected):
    """D2 moves from 50 to 60 at instant 20, D3 of 70 is withdrawn at 30; a withdrawn one stands nowhere."""
    found = list(book.list_dated(first, last, START + since))
    assert set(found) == expected
    assert len(found) == len(expected)


def test_an_index_made_late_is_one_kept_from_the_start():
    """It is made of all versions of all disruptions."""
    book, _ = fill_book(*D1, *D2, *D3, *D4)
    made = DateIndex(book.disruptions)
    assert set(made.list_dated(50, 51, START + 19)) == {"D1", "D2"}


def test_a_large_book_is_reclassified_by_date(monkeypatch):
    """Above the bound the index says who moves: D1 is before the new assessment's day, D2 is not."""
    monkeypatch.setattr(books, "INDEXED_DISRUPTIONS", 2)
    facts = [state_disruption("D1", event_date=JULY_1_2023 - 9), state_disruption("D2")]
    again = state_threat(2, kind="VULNERABILITY", assessed_on=JULY_1_2023, entered_at=NOON + 1)
    found = find_accounts(fill_book(state_threat(), *facts, again)[1])
    assert [found[name].kind for name in ("D1", "D2")] == ["OCG", "VULNERABILITY"]
