"""What a worker waits for in silence is said, by its own name, and no longer than it lasts."""

from infra import status
from streams.stalls import NAMED_SECONDS, READING, WRITING, StallReports


def list_said() -> list[str]:
    return [one["what"] for one in status.list_troubles()]


def raise_trouble(why: str) -> None:
    raise AssertionError(why)


def test_what_is_waited_for_for_long_is_said_until_it_comes() -> None:
    """Outputs for a second: nothing. For seven seconds: that. Fetches too: both. Then nothing again."""
    waits = {READING: 0.0, WRITING: 1.0}
    stalls = StallReports(
        {READING: lambda: waits[READING], WRITING: lambda: waits[WRITING]}, lambda: 99.0, raise_trouble, 60.0
    )
    assert not stalls.report_stalls()
    assert list_said() == []
    waits[WRITING] = 7.2
    assert stalls.report_stalls()
    assert list_said() == ["outputs have not been acknowledged for 7 s"]
    waits[READING] = NAMED_SECONDS
    assert stalls.report_stalls()
    assert "soc.published is not read: fetches have not been answered for 5 s" in list_said()
    waits.update({READING: 0.0, WRITING: 0.0})
    assert not stalls.report_stalls()
    assert list_said() == []


def test_what_lasts_though_the_broker_answers_ends_the_worker() -> None:
    """Of 60 s: 70 s of waiting with a broker that has answered for 50 s do not; ten seconds later they do."""
    waits, answers, ended = [70.0], [50.0], []
    stalls = StallReports({WRITING: lambda: waits[0]}, lambda: answers[0], ended.append, 60.0)
    stalls.report_stalls()
    waits, answers = [59.0], [500.0]
    stalls.report_stalls()
    assert ended == []
    waits, answers = [80.0], [60.0]
    stalls.report_stalls()
    assert ended == ["outputs have not been acknowledged for 80 s, though the broker answers"]
