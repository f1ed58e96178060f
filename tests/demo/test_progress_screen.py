"""The live picture, from answers by hand."""

import io
from typing import Any

import pytest
from rich.console import Console, RenderableType

from demo import progress_screen
from demo.pages import draw_farewell, draw_welcome
from demo.rejections import draw_rejections
from infra.settings import Settings
from ledger.errors import Unavailable
from queries.query import Query
from queries.record_queries import PositionQuery


def list_drawn(shown: RenderableType, width: int = 80) -> list[str]:
    """The lines that a terminal of that width shows."""
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(shown)
    return [line.rstrip() for line in out.getvalue().splitlines()]


class Filling:
    """A ledger that has stored more at every question, and then no more."""

    def __init__(self, stored: list[int]) -> None:
        self._stored = iter(stored)
        self._now = 0

    def ask(self, kind: type[Query[Any]], /, **asked: str | None) -> Any:
        if kind is PositionQuery:
            self._now = next(self._stored, self._now)
            return {"stored": {"0": self._now}, "published": {"0": 100}}
        n = self._now if asked["type"] == "lead" else self._now // 10
        return {"rows": [{"region": "Yorkshire and the Humber", "n": n}]}


class FinishedFeed:
    """A feed that is through."""

    total = 100
    acknowledged = 100

    def check(self) -> bool:
        return True


class Waiting(FinishedFeed):
    """A feed that is not."""

    acknowledged = 0

    def check(self) -> bool:
        return False


def make_plain() -> Console:
    """Not a terminal."""
    return Console(file=io.StringIO(), width=80, highlight=False)


def test_the_watch_ends_when_everything_published_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line a look, the tables at the end, lead and support apart."""
    monkeypatch.setattr(progress_screen, "LINE_SECONDS", 0.0)
    console = make_plain()
    last = progress_screen.watch_until_stored(console, Filling([0, 60, 100]), FinishedFeed())
    assert (last.stored, last.lead, last.support) == (
        100,
        {"Yorkshire and the Humber": 100},
        {"Yorkshire and the Humber": 10},
    )
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # the fixture's own StringIO
    assert [line.split("stored")[1].split() for line in lines[:3]] == [
        ["0", "lead", "0", "support", "0"],
        ["60", "lead", "60", "support", "6"],
        ["100", "lead", "100", "support", "10"],
    ]


def test_a_look_says_what_moved_since_the_one_before() -> None:
    """The difference of two answers."""
    watch = progress_screen.ProgressWatch(Filling([40, 100]), FinishedFeed())
    watch.take_frame()
    frame, done = watch.take_frame()
    assert done
    assert frame.lead_moved == {"Yorkshire and the Humber": 60}
    assert frame.support_moved == {"Yorkshire and the Humber": 6}


def test_a_year_still_being_published_is_not_done() -> None:
    """Even if all of it so far is stored."""
    _, done = progress_screen.ProgressWatch(Filling([100]), Waiting()).take_frame()
    assert not done


def test_a_stall_is_an_error_that_names_the_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo never hangs."""
    monkeypatch.setattr(progress_screen, "STALLED_SECONDS", -1.0)
    watch = progress_screen.ProgressWatch(Filling([5, 5]), FinishedFeed())
    watch.take_frame()
    with pytest.raises(Unavailable, match="logs/"):
        watch.take_frame()


def test_the_picture_fits_80_columns_with_large_numbers() -> None:
    """The longest region, five digits, four digits of movement: nothing is cut."""
    regions = {"Yorkshire and the Humber": 41_491, "London": 13_765}
    moved = {"Yorkshire and the Humber": 9_123, "London": 12}
    lines = list_drawn(
        progress_screen.draw_frame(
            progress_screen.ProgressFrame(1.0, 61_973, 33_615, regions, regions, moved, moved), 61_973
        )
    )
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert "…" not in text
    assert text.count("+9,123") == 2
    assert "LEAD, counted" in text
    assert "SUPPORT, counted" in text


def test_refusals_are_counted_by_code_with_their_sentence() -> None:
    """Commonest first, and a total."""
    rows = [{"code": "SUPPORT_OF_ITSELF", "message": "Name another."}] + [
        {"code": "VERSION_NOT_NEXT", "message": "Send the missing versions first."} for _ in range(2)
    ]
    lines = [line.split(maxsplit=2) for line in list_drawn(draw_rejections(rows)) if line]
    assert lines[2] == ["VERSION_NOT_NEXT", "2", "Send the missing versions first."]
    assert lines[3] == ["SUPPORT_OF_ITSELF", "1", "Name another."]
    assert lines[-1] == ["Total", "3"]


def test_the_first_page_is_marked_and_says_that_nothing_is_real() -> None:
    """A protective marking stands on it."""
    text = "\n".join(list_drawn(draw_welcome(1, 2022)))
    assert text.startswith("OFFICIAL")
    assert "no record in it is real" in text


def test_the_last_page_says_how_to_ask_on(tmp_path: Any) -> None:
    """With the state directory where it is not the usual one."""
    settings = Settings(state=tmp_path, read_api="http://127.0.0.1:21000")
    kept = "\n".join(list_drawn(draw_farewell(settings, 21.7, kept=True), width=400))
    ended = "\n".join(list_drawn(draw_farewell(settings, 21.7, kept=False), width=400))
    assert "http://127.0.0.1:21000/?from=2021-07-01&to=2022-06-30" in kept
    assert f"disruptions up --state {tmp_path}" in ended
    assert f"disruptions audit replay --state {tmp_path}" in ended
