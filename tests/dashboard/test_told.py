"""Whoever was told how far the ledger has come finds it in every later answer."""

from infra.settings import Settings
from queries.balance_queries import CountQuery
from queries.record_queries import PositionQuery, RejectionQuery
from queries.store_answers import StoreAnswers
from sinks.store import Store
from tests.dashboard.conftest import Known

REFUSAL = ["partition", "offset", "previous_offset", "ledger_time", "code", "message"]


def test_positions_refusals_and_counts_say_at_once_what_is_stored(settings: Settings, store: Store) -> None:
    """Whichever is asked first after a write; nothing of a moment before is said after it."""
    answers = StoreAnswers(settings, store, Known())
    before = answers.answer_query(CountQuery())["position"]
    moment = store.query("SELECT max(ledger_time) AS at FROM rejected")[0]["at"]
    asked = [
        lambda: answers.answer_query(PositionQuery())["stored"],
        lambda: answers.answer_query(RejectionQuery())["position"],
        lambda: answers.answer_query(CountQuery())["position"],
    ]
    for number in range(3):
        end = before["1"] + number
        row = [1, end, end - 1, moment, "MISROUTED", "Key it by its threat."]
        store.insert_rows("rejected", REFUSAL, [row])
        told = [ask() for ask in (*asked[number:], *asked[:number])]
        assert told == [before | {"1": end + 1}] * 3
