"""The sealer on a real broker: killed at any moment, started twice, its tiles lost, its topic written to by others."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Producer

from audit.figure_seals import read_figure_seals
from bench.fold import make_mix
from infra import topic_admin
from infra.settings import Settings
from infra.status import read_status
from infra.topics import CHECKPOINTS, ENTRIES, FIGURES, REJECTED
from local import child_processes
from proofs.checkpoints import Checkpoint
from proofs.keys import KeyAlgorithm, SigningKey
from proofs.notes import SignedNote, parse_note, sign_note
from schemas.figures import encode_figure
from schemas.registry import pin_ids
from seals.figures import read_figure_leaves
from seals.index import OutputPosition
from seals.inspection import inspect_log
from seals.keys import locate_key, locate_seals, read_secret_key
from seals.leaves import FIGURE_LEAVES
from seals.ledger_log import LedgerLog, open_log, read_outputs, read_sealed
from seals.proving import prove_leaf
from seals.publishing import CheckpointPublisher, SealerShutOut, publish_cosigned
from seals.witness import LAST_NAME, Witness, open_witness_key
from tests.figures import make_published_figure
from tests.live.intake_proof import Start, publish_facts, read_all
from tests.patience import PATIENCE_SECONDS, await_truth
from tests.seals.log_made import MadeLog, make_entry

EVENTS = 900
FIGURES_IN_ALL = 6
Sealing = Callable[..., child_processes.ChildProcess]


@pytest.fixture
def sealing(child: Start, environment_of: Callable[[Settings], dict[str, str]]) -> Sealing:
    """``sealing(settings)``: a sealer process."""

    def start_whole(settings: Settings, **environment: str) -> child_processes.ChildProcess:
        own = {"DISRUPTIONS_SEAL_INTERVAL_SECONDS": "0.2"} | environment
        return child("services.sealer", "--state", str(settings.state), environment=environment_of(settings) | own)

    return start_whole


def count_outputs(settings: Settings) -> int:
    """How many outputs lie in the topics."""
    return sum(len(records) for topic in (ENTRIES, REJECTED) for records in read_all(settings, topic).values())


def is_sealed(settings: Settings, outputs: int) -> bool:
    """Whether so many outputs are sealed."""
    newest = open_log(settings).history.newest if (locate_seals(settings) / "keys").exists() else None
    return newest is not None and newest.checkpoint.size == outputs


def find_trouble(settings: Settings) -> str:
    """What the sealer says is the matter."""
    return " ".join(one["what"] for one in read_status(settings.state, "sealer").get("troubles", ()))


def test_a_sealer_killed_again_and_again_seals_every_output_once(
    quick: Settings, worker: Start, sealing: Sealing
) -> None:
    """Every output is proved by the newest checkpoint, and the topics give the very tiles."""
    worker(quick, "worker-1")
    rng = random.Random(9)
    process = sealing(quick)
    for first in range(0, EVENTS, 300):
        seen = len(read_all(quick, CHECKPOINTS)[0])
        publish_figures(quick, f"Table {first}", "Table 0")
        publish_facts(quick, list(make_mix(EVENTS, 3))[first : first + 300])
        await_truth(lambda seen=seen: len(read_all(quick, CHECKPOINTS)[0]) > seen)  # type: ignore[misc]  # of this round
        time.sleep(rng.uniform(0.0, 0.4))
        child_processes.kill_child(process)
        process = sealing(quick)
    await_truth(lambda: count_outputs(quick) == EVENTS)
    await_truth(lambda: is_sealed(quick, EVENTS + FIGURES_IN_ALL))
    log = open_log(quick)
    found = inspect_log(log, read_outputs=lambda newest: read_sealed(quick, newest))
    assert (found.faults, found.outputs, len(log.history.checkpoints) >= 3) == ([], EVENTS + FIGURES_IN_ALL, True)
    newest = log.history.newest
    assert newest is not None
    assert newest.checkpoint.figures == FIGURES_IN_ALL
    prove_figures(quick, log, newest.checkpoint)
    for partition, one in read_outputs(quick, newest.checkpoint.positions):
        log.prove_position(OutputPosition(partition, one.offset), one.leaf_hash)
    newest_alone = open_log(quick, newest_only=True).history.newest
    assert newest_alone == newest
    lose_tiles(quick, process, sealing, log)
    publish_forged(quick, log)
    await_truth(lambda: "no checkpoints of this log" in find_trouble(quick))
    assert len(open_log(quick).history.passed) == 3
    child_processes.stop_child(process)


def publish_figures(settings: Settings, *notes: str) -> None:
    """Let somebody publish a figure with each of these notes, and write what is none."""
    producer = Producer(settings.build_kafka_options())
    for note in notes:
        producer.produce(FIGURES, encode_figure(make_published_figure(note=note), pin_ids()), partition=0)
    producer.produce(FIGURES, b"no figure", partition=0)
    assert producer.flush(10) == 0


def prove_figures(settings: Settings, log: LedgerLog, newest: Checkpoint) -> None:
    """Each is a leaf of its own, also those that say the same; what is no figure lies between."""
    figures = list(read_figure_leaves(settings, pin_ids(), FIGURES_IN_ALL))
    assert [one.offset for one in figures] == [0, 1, 3, 4, 6, 7]
    leaves = [log.index.find_leaf(OutputPosition(FIGURE_LEAVES, one.offset)) for one in figures]
    for leaf, one in zip(leaves, figures, strict=True):
        assert leaf is not None
        prove_leaf(log.files, newest, leaf, one.leaf_hash)
    assert tuple(leaves) == tuple(one.leaf for one in read_figure_seals(settings).sealed or ())


def lose_tiles(settings: Settings, process: child_processes.ChildProcess, sealing: Sealing, log: LedgerLog) -> None:
    """A tile altered while it runs, all of them lost while it does not: made again, to the same bytes."""
    tiles = locate_seals(settings) / "tile"
    kept = {file: file.read_bytes() for file in tiles.rglob("*") if file.is_file() and ".p" not in str(file)}
    assert child_processes.stop_child(process) == 0
    said = read_status(settings.state, "sealer")
    assert (said["state"], said["troubles"], said["pid"]) == ("stopped", [], process.pid)
    victim = tiles / "0" / "000"
    victim.write_bytes(b"\x00" + victim.read_bytes()[1:])
    (fault,) = inspect_log(log).faults
    assert fault == "tile/0/000 is not what tile/1/000.p/3 says: one of the two was altered"
    process = sealing(settings)
    await_truth(lambda: all(file.exists() and file.read_bytes() == content for file, content in kept.items()))
    child_processes.stop_child(process)
    shutil.rmtree(tiles)
    sealing(settings)
    await_truth(lambda: all(file.exists() and file.read_bytes() == content for file, content in kept.items()))
    await_truth(lambda: inspect_log(log).faults == [])


def publish_forged(settings: Settings, log: LedgerLog) -> None:
    """What no checkpoint is, one of another key, and one by which the log's own key would fork the log."""
    key = read_secret_key(locate_key(settings))
    newest = log.history.newest
    assert key is not None
    assert newest is not None
    other = SigningKey(key.name, KeyAlgorithm.ED25519, bytes(32))
    text = newest.checkpoint._replace(root=bytes(32)).write_text()
    producer = Producer(settings.build_kafka_options())
    for value in (b"nothing", *(str(SignedNote(text, (sign_note(text, one),))).encode() for one in (other, key))):
        producer.produce(CHECKPOINTS, value, partition=0)
    assert producer.flush(PATIENCE_SECONDS) == 0


def test_a_second_sealer_shuts_the_first_one_out(fresh_topics: Settings) -> None:
    """Whatever the first one still holds in its hands."""
    first = CheckpointPublisher(fresh_topics)
    key = SigningKey("ledger.example/soc", KeyAlgorithm.ED25519, bytes(32))
    text = Checkpoint(key.name, 0, bytes(32), (0,)).write_text()
    note = SignedNote(text, (sign_note(text, key),))
    first.publish_note(note)
    second = CheckpointPublisher(fresh_topics)
    with pytest.raises(SealerShutOut, match="another sealer took over"):
        first.publish_note(note)
    second.publish_note(note)
    assert len(read_all(fresh_topics, CHECKPOINTS)[0]) == 2


@pytest.mark.effect_of(
    "DISRUPTIONS_SEAL_INTERVAL_SECONDS",
    "DISRUPTIONS_SEAL_DIRECTORY",
    "DISRUPTIONS_SEAL_KEY_FILE",
    "DISRUPTIONS_SEAL_ORIGIN",
)
def test_how_often_where_and_by_which_key_is_sealed_is_set(fresh_topics: Settings, sealing: Sealing) -> None:
    """With an hour between two checkpoints the first one is that of the stop."""
    producer = Producer(fresh_topics.build_kafka_options())
    producer.produce(ENTRIES, make_entry(2, 0), partition=2)
    assert producer.flush(PATIENCE_SECONDS) == 0
    place = fresh_topics.state / "elsewhere"
    process = sealing(
        fresh_topics,
        DISRUPTIONS_SEAL_INTERVAL_SECONDS="3600",
        DISRUPTIONS_SEAL_DIRECTORY=str(place / "served"),
        DISRUPTIONS_SEAL_KEY_FILE=str(place / "private" / "key"),
        DISRUPTIONS_SEAL_ORIGIN="ledger.example/soc",
    )
    await_truth(lambda: read_status(fresh_topics.state, "sealer").get("state") == "working")
    time.sleep(1.5)
    assert not (place / "served" / "checkpoint").exists()
    child_processes.stop_child(process)
    assert (place / "served" / "checkpoint").read_text().startswith("ledger.example/soc\n1\n")
    assert (place / "private" / "key").read_text().startswith("PRIVATE+KEY+ledger.example/soc+")
    assert (place / "served" / "tile" / "0" / "000.p" / "1").stat().st_size == 32
    assert not (fresh_topics.state / "seals").exists()


def test_a_log_whose_key_is_gone_is_not_begun_again(fresh_topics: Settings, sealing: Sealing) -> None:
    """Nor one whose checkpoints are gone from the topic: health says what to do."""
    producer = Producer(fresh_topics.build_kafka_options())
    producer.produce(ENTRIES, make_entry(2, 0), partition=2)
    assert producer.flush(PATIENCE_SECONDS) == 0
    process = sealing(fresh_topics)
    await_truth(lambda: is_sealed(fresh_topics, 1))
    child_processes.stop_child(process)
    kept = locate_key(fresh_topics).rename(fresh_topics.state / "kept")
    process = sealing(fresh_topics)
    await_truth(lambda: "put its key there, or name it by DISRUPTIONS_SEAL_KEY_FILE" in find_trouble(fresh_topics))
    kept.rename(locate_key(fresh_topics))
    await_truth(lambda: not find_trouble(fresh_topics))
    child_processes.stop_child(process)
    topic_admin.delete_topics(fresh_topics, [CHECKPOINTS])
    topic_admin.create_topics(fresh_topics)
    sealing(fresh_topics)
    await_truth(lambda: "checkpoints that were published are gone from soc.checkpoints" in find_trouble(fresh_topics))
    assert not read_all(fresh_topics, CHECKPOINTS)


def test_a_witness_cosigns_what_goes_on_and_names_what_does_not(
    fresh_topics: Settings, child: Start, environment_of: Callable[[Settings], dict[str, str]]
) -> None:
    """By the command, killed and started again; a reader who demands its cosignature finds it in the topic."""
    made = MadeLog(fresh_topics.state / "log")
    own = fresh_topics.model_copy(update={"seal_directory": made.directory.path})
    environment = environment_of(own) | {"DISRUPTIONS_SEAL_DIRECTORY": str(made.directory.path)}
    command = ["audit", "witness", "--name", "kent.example/witness", "--dir", str(own.state / "kent")]

    def seal_aside(end: int) -> None:
        made.fill_positions(0, end - 10, end)
        made.sealer.seal_ready()
        publish_cosigned(own, parse_note(made.published[-1]))

    def has_cosigned() -> bool:
        log = open_log(own)
        verifier = open_witness_key(own.state / "kent", "kent.example/witness").make_verifier()
        return not inspect_log(log, witnesses=[verifier], quorum=1).faults

    seal_aside(10)
    process = child("cli.main", *command, "--every", "0.2", environment=environment)
    await_truth((own.state / "kent" / LAST_NAME).exists)
    await_truth(has_cosigned)
    child_processes.kill_child(process)
    seal_aside(20)
    witness = Witness(own.state / "kent", "kent.example/witness")  # killed between remembering and publishing
    assert witness.cosign_note(parse_note(made.published[-1]), made.directory) is not None
    assert not has_cosigned()
    assert run_command(environment, *command, "--once").returncode == 0
    assert has_cosigned()
    newest, key = made.list_checkpoints()[-1], read_secret_key(made.key_file)
    assert key is not None
    text = newest._replace(root=bytes(32)).write_text()
    publish_cosigned(own, SignedNote(text, (sign_note(text, key),)))
    refused = run_command(environment, *command, "--once")
    assert refused.returncode == 1
    assert "split view: the log's key signed two trees of 20 leaves" in refused.stdout + refused.stderr


def run_command(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command to its end."""
    script = str(Path(sys.executable).with_name("disruptions"))
    return subprocess.run(
        [script, *arguments], capture_output=True, text=True, check=False, env={**os.environ, **environment}, timeout=60
    )
