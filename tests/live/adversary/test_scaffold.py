"""The scaffold itself."""

from tests.live.adversary.running import RunningLedger


def test_a_stranger_is_answered(ledger: RunningLedger) -> None:
    """A fresh ledger counts nothing and is well."""
    assert ledger.ask_json("counts")["rows"] == [{"n": 0}] or ledger.ask_json("counts")["rows"] == []
    assert ledger.get_api("health").json()["status"] == "ok"
