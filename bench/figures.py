"""One table of all figures of a run: medians with their spread, piece by piece."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from bench.aims import Results, number


class Row(NamedTuple):
    """One figure; least and most where it was repeated."""

    piece: str
    figure: str
    median: float
    least: float | None = None
    most: float | None = None


def rows(results: Results) -> list[Row]:
    """Every figure of the pieces that were measured, in the order of the issue."""
    readers = (
        ("intake", intake),
        ("loader", loader),
        ("fold", fold),
        ("large", large),
        ("codec", codec),
        ("producer", producer),
        ("freshness", freshness),
        ("balances", balances),
        ("machines", machines),
    )
    return [row for name, read in readers if name in results for row in read(results[name])]


def intake(found: Results) -> Iterator[Row]:
    """(a) and (b), and the return of a worker that holds many books."""
    for name, one in found["throughput"].items():
        yield Row("intake", f"{name}, events/s", one["events_per_second"], one["least"], one["most"])
    for name, value in found["return after kill -9"].items():
        yield Row("return", name, value)


def loader(found: Results) -> Iterator[Row]:
    """(c)."""
    for name, one in found["entries per second"].items():
        yield Row("loader", f"{name}, entries/s", **one)


def fold(found: Results) -> Iterator[Row]:
    """(d)."""
    least, most = found["events_per_second_slowest"], found["events_per_second_fastest"]
    yield Row("fold", "alone, events/s", found["events_per_second"], least, most)
    yield Row("fold", "bytes of a live book per disruption", found["live_bytes_per_disruption"])


def large(found: Results) -> Iterator[Row]:
    """Large books: growth for each event and leg, and the worst single event."""
    for name, one in found["shapes"].items():
        yield Row("large", f"{name}: growth", one["growth"])
    for name, value in found["one book"].items():
        yield Row("large", name, value)


def codec(found: Results) -> Iterator[Row]:
    """The calls of the hot path."""
    for name, one in found.items():
        yield Row("codec", f"{name}, us", one["us"], one["least"], one["greatest"])


def producer(found: Results) -> Iterator[Row]:
    """The SDK."""
    for name, one in found.items():
        yield Row("producer", f"{name}, events/s", **one["events_per_second"])


def freshness(found: Results) -> Iterator[Row]:
    """(e)."""
    for rate, one in found["rates"].items():
        for share, several in one["acknowledged to visible"].items():
            yield Row("freshness", f"{rate}: {share}, ms", **several)


def balances(found: Results) -> Iterator[Row]:
    """(f)."""
    for size, one in found.items():
        if isinstance(one, dict) and "milliseconds" in one:
            for name, several in one["milliseconds"].items():
                yield Row("balances", f"{int(size.split()[0]):,}: {name}, ms", **several)


def machines(found: Results) -> Iterator[Row]:
    """(g)."""
    for name, seconds in found["start seconds"].items():
        yield Row("machines", f"start, {name}, s", seconds)
    for name, megabytes in found["peak megabytes"].items():
        yield Row("machines", f"peak of {name}, MB", megabytes)
    for name, one in found["seconds back after kill -9"].items():
        yield Row("machines", f"back after kill -9 of {name}, s", **one)


def table(results: Results) -> str:
    """All of them, as lines for people."""
    lines = [f"{'piece':10}{'figure':50}{'median':>11}{'least':>11}{'most':>11}"]
    return "\n".join([*lines, *(line(row) for row in rows(results))])


def line(row: Row) -> str:
    cells: list[Any] = ["" if one is None else number(one) for one in (row.median, row.least, row.most)]
    return f"{row.piece:10}{row.figure:50}" + "".join(f"{one:>11}" for one in cells)
