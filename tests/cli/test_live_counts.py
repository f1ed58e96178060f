"""The live table's words, and what it does when nobody answers for a while."""

from typing import Any

import pytest

import cli.live_counts
from cli.live_counts import describe_freshness, watch_counts
from ledger.errors import Misuse, Unavailable
from queries.balance_queries import MovementQuery
from queries.query import Query

COUNTS = {
    "rows": [{"org": "kent", "n": 1}],
    "position": {"0": 1},
    "as_at": "2022-07-04T22:59:59.999Z",
    "known_at": "2022-07-04T22:59:59.999Z",
    "complete": True,
    "filters": {"type": "LEAD", "standing": "COUNTED"},
    "measure": "m",
}
MOVEMENT = {"rows": [{"org": "kent", "n": 1}], "seconds": 300, "newest": None, "age_seconds": 0.4}


class Scripted:
    """Answers, or errors, in turn; then Ctrl-C."""

    def __init__(self, *script: Any) -> None:
        self._script = iter(script)

    def ask(self, kind: type[Query[Any]], /, **_: str | None) -> Any:
        """The next of the script when counts are asked for."""
        if kind is MovementQuery:
            return MOVEMENT
        found = next(self._script, KeyboardInterrupt())
        if isinstance(found, BaseException):
            raise found
        return dict(found)


def watch_script(*script: Any, as_json: bool = False) -> None:
    """Watch until the script is over."""
    watch_counts(Scripted(*script), by="org", org=None, type=None, as_json=as_json)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between pictures."""
    monkeypatch.setattr(cli.live_counts, "REFRESH_SECONDS", 0.0)


def test_freshness_says_how_far_back_and_how_old() -> None:
    """And that nothing is there yet."""
    assert describe_freshness(MOVEMENT) == "moved: the last 5 minutes; newest event 0.4 s ago. Ctrl-C ends."
    assert describe_freshness(MOVEMENT | {"age_seconds": None}).startswith(
        "moved: the last 5 minutes; nothing is stored yet"
    )


def test_an_answer_that_fails_is_waited_out(capsys: pytest.CaptureFixture[str]) -> None:
    """The last picture stays, with the reason below it, until there is another."""
    watch_script(COUNTS, Unavailable("the store is away"))
    shown = capsys.readouterr().out
    assert "kent" in shown
    assert "waiting: the store is away" in shown
    watch_script(COUNTS, Unavailable("the store is away"), COUNTS)
    assert "waiting" not in capsys.readouterr().out


@pytest.mark.parametrize("error", [Misuse("no dimension"), Unavailable("nobody")])
def test_a_first_question_that_fails_is_the_commands_error(error: Exception) -> None:
    """Nothing is there to be kept on the screen."""
    with pytest.raises(type(error)):
        watch_script(error)


def test_as_json_there_is_a_line_whenever_the_position_moves(capsys: pytest.CaptureFixture[str]) -> None:
    """The same position again is no line."""
    watch_script(COUNTS, COUNTS, COUNTS | {"position": {"0": 2}}, as_json=True)
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_as_json_an_answer_that_fails_is_waited_out_too(capsys: pytest.CaptureFixture[str]) -> None:
    """A restarting service does not end the stream."""
    watch_script(COUNTS, Unavailable("restarting"), COUNTS | {"position": {"0": 2}}, as_json=True)
    assert len(capsys.readouterr().out.splitlines()) == 2
