"""Topics deleted and made again, and partitions added, under a ledger that runs."""

import shutil
from collections.abc import Callable

from infra.status import read_status
from infra.topics import PUBLISHED
from tests.live.adversary.broken_topics import add_partitions, make_anew, publish_story
from tests.live.adversary.running import RunningLedger, await_true

SOON_SECONDS = 40.0
OwnLedger = Callable[..., RunningLedger]


def count(ledger: RunningLedger) -> int:
    return sum(row["n"] for row in ledger.get_api("counts").json()["rows"])


def say_worker(ledger: RunningLedger) -> str:
    found = ledger.get_api("health").json()
    return str([one for one in found["troubles"] if one["part"] == "worker-1"])


def test_a_topic_made_anew_is_neither_passed_over_nor_judged(own_ledger: OwnLedger) -> None:
    """Three events are judged (two count); six of another topic of the same name lie at 0 to 5: none of them is."""
    ledger = own_ledger().start_up()
    publish_story(ledger, 0, 2)
    await_true(lambda: count(ledger) == 2, SOON_SECONDS)
    make_anew(ledger, PUBLISHED)
    publish_story(ledger, 0, 5)
    await_true(lambda: "topic soc.published is not the one of before" in say_worker(ledger), SOON_SECONDS, ledger.log)
    await_true(lambda: "soc.published is not the one" in str(ledger.get_api("health").json()), SOON_SECONDS, ledger.log)
    waited = ledger.run_command("wait", "--timeout=0")
    assert waited.returncode == 3
    assert "soc.published is not the one" in waited.stderr
    assert ledger.get_api("counts").json()["complete"] is False
    # A worker that has forgotten all it knew, its snapshots too: the last output names another record than lies there.
    worker = ledger.find_part("worker-1")
    shutil.rmtree(ledger.state / "books")
    worker.kill()
    worker.wait()
    await_true(
        lambda: (
            read_status(ledger.state, "worker-1").get("pid") != worker.pid
            and "topic soc.published is not the one of before" in say_worker(ledger)
        ),
        SOON_SECONDS,
        ledger.log,
    )
    assert ledger.get_api("rejected").json()["rows"] == []
    assert count(ledger) == 2


def test_added_partitions_stop_the_judging_and_no_setting_is_advised(own_ledger: OwnLedger) -> None:
    """Two partitions become four: red, with a remedy that works; the advice of the next start is the same one."""
    ledger = own_ledger().start_up()
    publish_story(ledger, 0, 2)
    await_true(lambda: count(ledger) == 2, SOON_SECONDS)
    add_partitions(ledger, PUBLISHED, 4)
    await_true(lambda: "partitions were added" in say_worker(ledger), SOON_SECONDS, ledger.log)
    publish_story(ledger, 0, 3)
    assert "begin a new ledger" in say_worker(ledger)
    other = {"DISRUPTIONS_PARTITIONS": "4", "DISRUPTIONS_STATE": str(ledger.state.with_name("other"))}
    said = ledger.run_command("up", environment=other | {"KAFKA_BOOTSTRAP_SERVERS": ledger.bootstrap_servers})
    assert said.returncode == 2
    assert "soc.published has 4 partitions, this ledger began with 2: partitions were added" in said.stderr, said.stderr
    assert "begin a new ledger" in said.stderr
    assert "set DISRUPTIONS_PARTITIONS=" not in said.stderr
