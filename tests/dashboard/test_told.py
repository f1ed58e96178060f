"""Whoever was told how far the ledger has come finds it in every later answer, whatever a crowd is shown."""

import pytest

from infra.settings import Settings
from queries import crowd, snapshot
from queries.balance_queries import CountQuery
from queries.record_queries import PositionQuery, RejectionQuery
from queries.store_answers import StoreAnswers
from sinks.store import Store
from tests.dashboard.conftest import Known


def test_positions_and_refusals_say_nothing_that_a_count_lacks(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Positions are those that all are shown; a list of refusals has all of them shown what it holds."""
    monkeypatch.setattr(crowd, "AT_ONCE", 1)
    monkeypatch.setattr(crowd, "ASKS_A_SECOND", 1)
    monkeypatch.setattr(snapshot, "SHOWN_SECONDS", 3600.0)
    monkeypatch.setattr(snapshot, "REST_SECONDS_MOST", 3600.0)
    answers = StoreAnswers(settings, store, Known())
    monkeypatch.setattr(answers._snapshots, "_rested_at", float("inf"))  # nobody makes the next moment meanwhile
    before = answers.answer_query(CountQuery())["position"]
    moment = store.query("SELECT max(ledger_time) AS at FROM rejected")[0]["at"]
    row = [1, before["1"], before["1"] - 1, moment, "MISROUTED", "Key it by its threat."]
    store.insert_rows("rejected", ["partition", "offset", "previous_offset", "ledger_time", "code", "message"], [row])
    assert answers.answer_query(PositionQuery())["stored"] == before
    assert answers.answer_query(CountQuery())["position"] == before
    after = before | {"1": before["1"] + 1}
    assert answers.answer_query(RejectionQuery())["position"] == after
    assert answers.answer_query(CountQuery())["position"] == after
    assert answers.answer_query(PositionQuery())["stored"] == after
