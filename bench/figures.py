"""One table of all figures of a run: medians with their spread, piece by piece."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from bench.aims import Results, format_number


class FigureRow(NamedTuple):
    """One figure; least and most where it was repeated."""

    piece: str
    figure: str
    median: float
    least: float | None = None
    most: float | None = None


def list_rows(results: Results) -> list[FigureRow]:
    """List every figure of the pieces that were measured, in the order of the issue."""
    readers = (
        ("intake", list_intake),
        ("loader", list_loader),
        ("fold", list_fold),
        ("replay", list_replay),
        ("large", list_large),
        ("codec", list_codec),
        ("producer", list_producer),
        ("seals", list_seals),
        ("freshness", list_freshness),
        ("balances", list_balances),
        ("pages", list_pages),
        ("watchers", list_watchers),
        ("machines", list_machines),
    )
    return [row for name, read in readers if name in results for row in read(results[name])]


def list_intake(found: Results) -> Iterator[FigureRow]:
    """List intake by events a second, beside its peers, and the return of a worker that holds many books."""
    for name, one in found["throughput"].items():
        yield FigureRow("intake", f"{name}, events/s", one["events_per_second"], one["least"], one["most"])
    for name, value in found["return after kill -9"].items():
        yield FigureRow("return", name, value)


def list_loader(found: Results) -> Iterator[FigureRow]:
    """List the loader by entries a second."""
    for name, one in found["entries per second"].items():
        yield FigureRow("loader", f"{name}, entries/s", **one)


def list_seals(found: Results) -> Iterator[FigureRow]:
    """List sealing beside its floors, and proofs of inclusion."""
    for name, one in found["sealing"]["entries per second"].items():
        yield FigureRow("seals", f"{name}, entries/s", **one)
    for name, value in found["inclusion"]["milliseconds"].items():
        yield FigureRow("seals", f"inclusion at {found['inclusion']['leaves']:,} leaves, ms, {name}", value)


def list_fold(found: Results) -> Iterator[FigureRow]:
    """List the fold alone by events a second."""
    least, most = found["events_per_second_slowest"], found["events_per_second_fastest"]
    yield FigureRow("fold", "alone, events/s", found["events_per_second"], least, most)
    yield FigureRow("fold", "bytes of a live book per disruption", found["live_bytes_per_disruption"])


def list_replay(found: Results) -> Iterator[FigureRow]:
    """List the replay and its floors."""
    for name, one in found["entries a second a core"].items():
        yield FigureRow("replay", f"{name}, entries/s a core", **one)
    yield FigureRow("replay", "whole replay of a year, s", **found["whole replay, seconds"])


def list_large(found: Results) -> Iterator[FigureRow]:
    """List large books: growth for each event and leg, and the worst single event."""
    for name, one in found["shapes"].items():
        yield FigureRow("large", f"{name}: growth", one["growth"])
    for name, value in found["one book"].items():
        yield FigureRow("large", name, value)


def list_codec(found: Results) -> Iterator[FigureRow]:
    """List the calls of the hot path."""
    for name, one in found.items():
        yield FigureRow("codec", f"{name}, us", one["us"], one["least"], one["greatest"])


def list_producer(found: Results) -> Iterator[FigureRow]:
    """List the SDK's."""
    for name, one in found.items():
        yield FigureRow("producer", f"{name}, events/s", **one["events_per_second"])


def list_freshness(found: Results) -> Iterator[FigureRow]:
    """List from acknowledged to visible, in milliseconds."""
    for rate, one in found["rates"].items():
        for share, several in one["acknowledged to visible"].items():
            yield FigureRow("freshness", f"{rate}: {share}, ms", **several)


def list_balances(found: Results) -> Iterator[FigureRow]:
    """List how long balances take."""
    for size, one in found.items():
        if isinstance(one, dict) and "milliseconds" in one:
            for name, several in one["milliseconds"].items():
                yield FigureRow("balances", f"{int(size.split()[0]):,}: {name}, ms", **several)


def list_pages(found: Results) -> Iterator[FigureRow]:
    """List how long pages take, cold and again, and answers under load."""
    for name, by in found["milliseconds"].items():
        for when, one in by.items():
            yield FigureRow("pages", f"{name}, {when}, ms", one["median"], one["least"], one["most"])
    paint = found["first contentful paint, ms"]
    yield FigureRow("pages", "first contentful paint, ms", paint["median"], paint["least"], paint["most"])
    for load in found["load"]:
        for name, by in load["answers"].items():
            yield FigureRow(
                "pages", f"{name}, {load['readers']} readers, {load['events/s']} events/s, p99 ms", by["p99"]
            )


def list_watchers(found: Results) -> Iterator[FigureRow]:
    """List how soon live movement is seen, by how many watch, and on a screen."""
    for name, one in found["crowds"].items():
        yield FigureRow("watchers", f"{name}: cores of the service", one["cores used"]["service"])
        for share, value in one["acknowledged to watcher"].items():
            yield FigureRow("watchers", f"{name}: {share}, ms", value)
    for name, one in found["browser"].items():
        for share, value in one["acknowledged to screen"].items():
            yield FigureRow("watchers", f"browser, {name}: {share}, ms", value)


def list_machines(found: Results) -> Iterator[FigureRow]:
    """List how machines start, and what they take."""
    for name, seconds in found["start seconds"].items():
        yield FigureRow("machines", f"start, {name}, s", seconds)
    for name, megabytes in found["peak megabytes"].items():
        yield FigureRow("machines", f"peak of {name}, MB", megabytes)
    for name, one in found["seconds back after kill -9"].items():
        yield FigureRow("machines", f"back after kill -9 of {name}, s", **one)


def format_figures(results: Results) -> str:
    """Return all of them, as lines for people."""
    lines = [f"{'piece':10}{'figure':50}{'median':>11}{'least':>11}{'most':>11}"]
    return "\n".join([*lines, *(format_row(row) for row in list_rows(results))])


def format_row(row: FigureRow) -> str:
    cells: list[Any] = ["" if one is None else format_number(one) for one in (row.median, row.least, row.most)]
    return f"{row.piece:10}{row.figure:50}" + "".join(f"{one:>11}" for one in cells)
