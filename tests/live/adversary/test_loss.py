"""Records that somebody, or a wrong retention, deletes: before they were judged, after it, from the outputs, and all
of them, by making the topic anew.
"""

import json
import shutil
import signal
import time
from typing import Any

from infra.status import read_status
from infra.topics import ENTRIES, PUBLISHED
from tests.live.adversary.broken_topics import delete_records, make_anew, publish_story
from tests.live.adversary.running import RunningLedger, await_true
from tests.patience import PATIENCE_SECONDS

FETCH_SECONDS = 0.5  # a fetch that waits at the broker is answered, empty, within this
ANEW = "topic soc.published is not the one of before"


def is_stored(ledger: RunningLedger) -> bool:
    found = ledger.get_api("positions").json()
    return bool(found["stored"] == found["published"])


def read_troubles(ledger: RunningLedger) -> str:
    return str(ledger.get_api("health").json()["troubles"])


def say_worker(ledger: RunningLedger) -> str:
    return str([one for one in ledger.get_api("health").json()["troubles"] if one["part"] == "worker-1"])


def lose_events(ledger: RunningLedger, partition: int, published: int, before: int) -> None:
    """Publish while the worker sleeps, and delete what it has not seen."""
    worker = ledger.find_part("worker-1")
    worker.send_signal(signal.SIGSTOP)
    time.sleep(FETCH_SECONDS)
    publish_story(ledger, partition, published - 1)
    delete_records(ledger, PUBLISHED, partition, before)
    worker.send_signal(signal.SIGCONT)


def run_replay(ledger: RunningLedger, *options: str) -> tuple[int, dict[str, Any]]:
    done = ledger.run_command("audit", "replay", "--json", *options)
    return done.returncode, json.loads(done.stdout)


def acknowledge_loss(ledger: RunningLedger, partition: int, *options: str) -> Any:
    return ledger.run_command("acknowledge-loss", f"--partition={partition}", "--reason", "retention", *options)


def test_a_loss_stands_until_somebody_acknowledges_it(ledger: RunningLedger) -> None:
    """Three judged (two count), four published, two of them deleted unseen: offsets 3 and 4 of 0 to 6 are lost."""
    publish_story(ledger, 0, 2)
    await_true(lambda: ledger.ask_count() == 2 and is_stored(ledger), PATIENCE_SECONDS)
    lose_events(ledger, 0, published=4, before=5)
    await_true(lambda: "offsets 3 to 4 of soc.published" in read_troubles(ledger), PATIENCE_SECONDS)
    publish_story(ledger, 1, 1)
    await_true(lambda: ledger.ask_count() == 3, PATIENCE_SECONDS)  # the other partition goes on
    assert ledger.get_api("positions").json()["stored"] == {"0": 3, "1": 2}

    code, verdict = run_replay(ledger, "--partition=0")
    assert (code, verdict["kinds"]) == (1, {"EVIDENCE_GONE": 1, "LOST": 1})
    (lost,) = [one for one in verdict["shown"] if one["kind"] == "LOST"]
    assert (lost["partition"], lost["offset"]) == (0, 3)
    assert "3 to 4" in lost["sentence"]

    assert acknowledge_loss(ledger, 1, "--yes").returncode == 2  # nothing is lost there
    assert "--yes" in acknowledge_loss(ledger, 0).stderr  # nobody can be asked
    done = acknowledge_loss(ledger, 0, "--yes", "--json")
    assert json.loads(done.stdout)["lost"] == [{"first": 3, "last": 4}], done.stderr
    await_true(lambda: is_stored(ledger), PATIENCE_SECONDS)
    assert "offsets 3 to 4" not in read_troubles(ledger)
    assert [(one["code"], one["offset"]) for one in ledger.get_api("rejected").json()["rows"]] == [("LOST", 4)]

    code, verdict = run_replay(ledger)
    assert (code, verdict["kinds"]) == (0, {})
    (noted,) = verdict["acknowledged"]
    assert (noted["partition"], noted["first"], noted["last"]) == (0, 3, 4)


def test_evidence_that_is_deleted_once_judged_is_missed_by_the_replay_alone(ledger: RunningLedger) -> None:
    """The two events of partition 1 are judged and deleted: the stream goes on, the replay does not agree."""
    delete_records(ledger, PUBLISHED, 1, 2)
    publish_story(ledger, 1, 1)
    await_true(lambda: ledger.ask_count() == 4, PATIENCE_SECONDS)
    assert "soc.published" not in read_troubles(ledger)
    code, verdict = run_replay(ledger, "--partition=1")
    assert (code, verdict["kinds"]) == (1, {"EVIDENCE_GONE": 1})


def test_books_that_cannot_be_rebuilt_are_not_guessed(ledger: RunningLedger) -> None:
    """An entry is deleted: health says so at once; a worker without its snapshot stands rather than begin from less."""
    delete_records(ledger, ENTRIES, 1, 1)
    await_true(lambda: "records of soc.entries were deleted, partition 1" in read_troubles(ledger), PATIENCE_SECONDS)
    worker = ledger.find_part("worker-1")
    shutil.rmtree(ledger.state / "books")
    worker.kill()
    worker.wait()
    await_true(
        lambda: (
            "books cannot be rebuilt" in read_troubles(ledger)
            and str(worker.pid) not in str(read_status(ledger.state, "worker-1").get("pid"))
        ),
        PATIENCE_SECONDS,
    )
    publish_story(ledger, 1, 1)
    publish_story(ledger, 0, 1)
    await_true(lambda: ledger.ask_count() == 5, PATIENCE_SECONDS)  # partition 0 alone
    code, verdict = run_replay(ledger)
    assert (code, [one["place"] for one in verdict["shown"]]) == (1, ["soc.entries"])


def test_a_topic_made_anew_is_neither_passed_over_nor_judged(ledger: RunningLedger) -> None:
    """Nine positions of partition 0 are judged; eleven of another topic of the same name lie there: none of them is."""
    counted, refused = ledger.ask_count(), ledger.get_api("rejected").json()["rows"]
    make_anew(ledger, PUBLISHED)
    publish_story(ledger, 0, 10)
    await_true(lambda: ANEW in say_worker(ledger), PATIENCE_SECONDS, ledger.log)
    await_true(
        lambda: "soc.published is not the one" in str(ledger.get_api("health").json()), PATIENCE_SECONDS, ledger.log
    )
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
        lambda: read_status(ledger.state, "worker-1").get("pid") != worker.pid and ANEW in say_worker(ledger),
        PATIENCE_SECONDS,
        ledger.log,
    )
    assert ledger.get_api("rejected").json()["rows"] == refused
    assert ledger.ask_count() == counted
