"""What is raised and cleared by measurements: subject by subject, muted while history is replayed."""

from ledger.vocabulary import AlertKind, AlertState
from queries.alert_measures import AlertMeasure
from services.alert_judge import AlertBooks

BURST, DEGRADED = AlertKind.REFUSAL_BURST, AlertKind.DEGRADED
MINUTE = 60_000


def make_burst(code: str, value: float) -> AlertMeasure:
    """So many events refused lately for that reason."""
    return AlertMeasure(BURST, code, value, f"{value} were refused.")


def judge_in_words(books: AlertBooks, minute: float, *measures: AlertMeasure, replaying: bool = False) -> list[str]:
    """What happened, in words."""
    alerts = books.judge_measures(list(measures), replaying=replaying, instant=int(minute * MINUTE), day=20_000)
    return [f"{one.subject} {one.state} {one.value:g}/{one.bound:g}" for one in alerts]


def test_each_subject_is_raised_and_cleared_by_itself() -> None:
    """20 in five minutes raise; 5 or fewer for five minutes clear; a code of which there is none left is at 0."""
    books = AlertBooks(set())
    assert judge_in_words(books, 0, make_burst("MISROUTED", 20), make_burst("UNDECODABLE", 19)) == [
        "MISROUTED RAISED 20/20"
    ]
    assert judge_in_words(books, 1, make_burst("MISROUTED", 90), make_burst("UNDECODABLE", 25)) == [
        "UNDECODABLE RAISED 25/20"
    ]
    assert judge_in_words(books, 2, make_burst("UNDECODABLE", 25)) == []
    assert judge_in_words(books, 7, make_burst("UNDECODABLE", 6)) == ["MISROUTED CLEARED 0/5"]


def test_what_stands_is_known_after_a_restart() -> None:
    """It is not raised again, and it is cleared once it is over."""
    books = AlertBooks({("REFUSAL_BURST", "MISROUTED")})
    assert judge_in_words(books, 0, make_burst("MISROUTED", 50)) == []
    assert judge_in_words(books, 1) == []
    assert judge_in_words(books, 6) == ["MISROUTED CLEARED 0/5"]


def test_while_history_is_replayed_only_rules_about_now_speak() -> None:
    """Refusals of long ago raise nothing; a part in trouble does."""
    books, trouble = AlertBooks(set()), AlertMeasure(DEGRADED, "the ledger", 2, "The ledger is degraded.")
    assert judge_in_words(books, 0, make_burst("MISROUTED", 500), trouble, replaying=True) == []
    assert judge_in_words(books, 1, make_burst("MISROUTED", 500), trouble, replaying=True) == ["the ledger RAISED 2/1"]
    assert judge_in_words(books, 2, make_burst("MISROUTED", 500), trouble) == ["MISROUTED RAISED 500/20"]


def test_an_alert_says_what_to_do_and_who_judged() -> None:
    """Its remedy is its rule's, its sentence the measurement's."""
    (alert,) = AlertBooks(set()).judge_measures([make_burst("MISROUTED", 21)], replaying=False, instant=5, day=20_000)
    assert (alert.kind, alert.state, alert.at) == (BURST, AlertState.RAISED, 5)
    assert alert.sentence == "21 were refused."
    assert "send them again" in alert.remedy
    assert alert.software.startswith("disruption-ledger ")
