"""Facts for tests: say what matters, the rest is an ordinary record. Days and instants are counted from 1970-01-01."""

from itertools import count
from uuid import UUID

from methodology.book import Book
from methodology.posting import Posted, post_event
from tests.facts import DAY_MILLIS, make_disruption, make_threat

DAY = DAY_MILLIS
JUNE_30_2023 = 19_538
JULY_1_2023 = 19_539
FAR = 10**15

_numbers = count(1_000_000)  # above the numbers that tests choose themselves: which test counts first is chance


def make_event_id(number=None):
    return str(UUID(int=next(_numbers) if number is None else number))


def state_disruption(disruption_id="D1", version=1, **said):
    """A counted lead disruption of 1 July 2023, entered at noon of the day."""
    fields = {
        "event_id": make_event_id(),
        "change": "RECORDED" if version == 1 else "AMENDED",
        "disruption_id": disruption_id,
        "version": version,
        "threat_id": "T1",
        "event_date": JULY_1_2023,
        "entered_at": JULY_1_2023 * DAY + DAY // 2,
        "actor": "actor-1",
    }
    return make_disruption(**fields | said)


def state_threat(version=1, **said):
    """A moderated, tactical OCG in drugs, assessed and entered half a year before."""
    fields = {
        "event_id": make_event_id(),
        "threat_id": "T1",
        "version": version,
        "assessed_on": JULY_1_2023 - 180,
        "entered_at": (JULY_1_2023 - 180) * DAY + DAY // 2,
        "actor": "actor-1",
    }
    return make_threat(**fields | said)


def fill_book(*facts):
    """A book that admitted these, and what posting each wrote."""
    book, posted = Book("T1"), []
    for fact in facts:
        answer = post_event(book, fact, FAR)
        assert isinstance(answer, Posted), answer
        posted.append(answer)
    return book, posted


def find_accounts(posted):
    """Where each disruption stands in the end: the account whose legs do not cancel."""
    sums = {}
    for one in posted:
        for leg in one.legs:
            key = leg.disruption_id, leg.account
            sums[key] = sums.get(key, 0) + leg.sign
    assert set(sums.values()) <= {0, 1}
    left = [key for key, n in sums.items() if n]
    assert len({name for name, _ in left}) == len(left)
    return dict(left)
