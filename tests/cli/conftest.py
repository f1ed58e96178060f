"""The commands over the read API of ``tests/dashboard``, whose rows were written by hand."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from cli.main import app
from tests.dashboard.conftest import (
    address,
    ask_each_time,
    judge_bodies,
    loader,
    published,
    settings,
    state_of_api,
    store,
)

__all__ = ["address", "ask_each_time", "judge_bodies", "loader", "published", "settings", "state_of_api", "store"]

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The API's log does not mix with the output of a command that runs in the same process."""
    with capture_logs():
        yield


@pytest.fixture
def run(state_of_api: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("counts", "--by", "org")``: a command at 80 columns, asking that API."""
    monkeypatch.setenv("DISRUPTIONS_STATE", str(state_of_api))
    monkeypatch.setenv("COLUMNS", "80")

    def invoke(*arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(app, list(arguments), **options)

    return invoke
