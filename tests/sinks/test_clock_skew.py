"""How far this machine's clock is ahead of the brokers' is read off records, and the margin is held to it."""

from datetime import timedelta

import pytest

from ledger.errors import Unavailable
from queries.clock_skew import ClockSkew, SkewMeter, describe_skew
from queries.published import Tail
from queries.watch import judge_skew
from sinks.positions import find_frontiers
from sinks.store import Store
from tests.sinks.records import Writer, count_millis_of, make_entry, make_rejection

ASKED = count_millis_of(10)
SEEN = ASKED + 2_000
MARGIN = timedelta(seconds=5)


def ask_nobody(*_: int) -> bool:
    """No record here is so old that its broker would be asked about it."""
    raise AssertionError("the broker was asked")


def make_minute(at: int) -> float:
    """The minute of the story in which an instant lies."""
    return (at - count_millis_of(0)) / 60_000


def look_at(meter: SkewMeter, store: Store, at: int, **ends: int) -> ClockSkew | None:
    """Look at the store, and then at the broker, at one moment of this machine; ``p0=4``: partition 0 ends at 4."""
    meter.note_stored(find_frontiers(store), at)
    meter.note_ends({int(name[1:]): Tail(end, end, False) for name, end in ends.items()}, at)
    return meter.read_skew(at)


def test_a_record_that_came_after_the_asking_shows_how_far_apart_the_clocks_are(store: Store, writer: Writer) -> None:
    """The first past the end was appended 300 ms after the asking, the last 100 ms before it was seen: clocks agree."""
    meter = SkewMeter(store, ask_nobody)
    writer.write_entries(make_entry(0, 0, make_minute(ASKED - 90_000)))
    assert look_at(meter, store, ASKED, p0=1, p1=0) is None, "what was there before shows nothing"
    writer.write_entries(make_entry(0, 1, make_minute(ASKED + 300)), make_entry(0, 2, make_minute(SEEN - 100)))
    assert look_at(meter, store, SEEN, p0=3, p1=0) == (-300, 100)


def test_a_clock_ahead_is_found_by_entries_and_by_refusals(store: Store, writer: Writer) -> None:
    """This machine is 7 s ahead: at 00:10:00 here it is 00:09:53 at the broker, where a record comes 250 ms later."""
    meter = SkewMeter(store, ask_nobody)
    look_at(meter, store, ASKED, p0=0, p1=0)
    writer.write_entries(make_entry(0, 0, make_minute(ASKED - 7_000 + 900)))
    writer.write_rejections(make_rejection(1, 0, make_minute(ASKED - 7_000 + 250)))
    skew = look_at(meter, store, SEEN, p0=1, p1=1)
    assert skew == (7_000 - 250, SEEN - (ASKED - 6_100))
    (trouble,) = judge_skew(skew, MARGIN)
    assert trouble["what"].startswith("this machine's clock is 6.8 s ahead of the brokers'")
    assert "DISRUPTIONS_COMPLETENESS_MARGIN_SECONDS" in trouble["remedy"]
    assert judge_skew(skew, timedelta(seconds=7)) == []


def test_what_was_published_before_the_asking_shows_no_clock_ahead(store: Store, writer: Writer) -> None:
    """Offsets 0 and 1 were there and waited an hour to be judged; only 2 came after, half a second later."""
    meter = SkewMeter(store, ask_nobody)
    look_at(meter, store, ASKED, p0=2)
    writer.write_entries(
        make_entry(0, 0, make_minute(ASKED - 3_600_000)), make_entry(0, 1, make_minute(ASKED - 3_600_000))
    )
    assert look_at(meter, store, SEEN, p0=2) is None
    writer.write_entries(make_entry(0, 2, make_minute(SEEN + 500)))
    assert look_at(meter, store, SEEN + 2_000, p0=3) == (-500, 1_500)


def test_while_nothing_comes_the_latest_asking_counts(store: Store, writer: Writer) -> None:
    """The partition ended there at the second asking too: a record that comes 100 ms after it was no 2 s late."""
    meter = SkewMeter(store, ask_nobody)
    look_at(meter, store, ASKED, p0=0)
    look_at(meter, store, SEEN, p0=0)
    writer.write_entries(make_entry(0, 0, make_minute(SEEN + 100)))
    assert look_at(meter, store, SEEN + 400, p0=1) == (-100, 300)


def test_what_was_measured_is_forgotten_after_ten_minutes(store: Store, writer: Writer) -> None:
    """A clock that was set right is no trouble for ever."""
    meter = SkewMeter(store, ask_nobody)
    look_at(meter, store, ASKED, p0=0)
    writer.write_entries(make_entry(0, 0, make_minute(ASKED - 60_000)))
    assert look_at(meter, store, SEEN, p0=1) == (60_000, 62_000)
    assert meter.read_skew(SEEN + 600_000) == (60_000, 62_000)
    assert meter.read_skew(SEEN + 600_001) is None


@pytest.mark.parametrize(("own", "shown"), [(True, (86_400_000, 86_402_000)), (False, None)])
def test_a_record_of_another_day_shows_a_clock_unless_a_restore_gave_it_its_time(
    store: Store, writer: Writer, *, own: bool, shown: ClockSkew | None
) -> None:
    """The record itself says whose time it has: the second of its partition, asked for by its place."""
    asked: list[tuple[int, int]] = []

    def tell_own(*place: int) -> bool:
        asked.append((place[0], place[1]))
        return own

    meter = SkewMeter(store, tell_own)
    writer.write_entries(make_entry(0, 0, make_minute(ASKED - 90_000_000)))
    look_at(meter, store, ASKED, p0=1)
    writer.write_entries(make_entry(0, 1, make_minute(ASKED - 86_400_000)))
    assert look_at(meter, store, SEEN, p0=2) == shown
    assert asked == [(0, 1)]


def test_a_record_of_another_day_that_nobody_gives_shows_nothing(store: Store, writer: Writer) -> None:
    """The broker is away, or the record was deleted: nothing is claimed."""

    def give_nothing(*_: int) -> bool:
        raise Unavailable("away")

    meter = SkewMeter(store, give_nothing)
    look_at(meter, store, ASKED, p0=0)
    writer.write_entries(make_entry(0, 0, make_minute(ASKED - 86_400_000)))
    assert look_at(meter, store, SEEN, p0=1) is None


def test_a_margin_is_eaten_by_more_than_itself() -> None:
    """5.000 s are what it is for."""
    assert describe_skew(None, MARGIN) is describe_skew(ClockSkew(5_000, 6_000), MARGIN) is None
    assert describe_skew(ClockSkew(5_001, 6_000), MARGIN) is not None
