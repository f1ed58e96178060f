"""Tampering by a seed: whatever byte of a log's files or of its outputs is altered is found, and its place is named."""

import random
from pathlib import Path

import pytest

from proofs.errors import NotValid
from proofs.notes import parse_note
from seals.chain import SealedOutput
from seals.index import OutputPosition, SealIndex
from seals.inspection import LogInspection, inspect_log
from seals.leaves import FIGURE_LEAVES
from seals.ledger_log import LedgerLog
from seals.witness import Witness
from tests.seals.log_made import MadeLog, join_outputs

SEEDS = range(12)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeLog:
    """A log of 800 outputs and five figures by five checkpoints."""
    log = MadeLog(tmp_path_factory.mktemp("log"))
    for first in range(0, 500, 100):
        log.fill_positions(0, first, first + 100)
        log.fill_positions(2, first // 100 * 60, first // 100 * 60 + 60)
        log.publish_figures(f"Table {first}")
        log.sealer.seal_ready()
    return log


def inspect_whole(made: MadeLog, outputs: list[tuple[int, SealedOutput]]) -> LogInspection:
    """What a reader finds who looks at all of it."""
    log = LedgerLog(made.follow_history(), made.directory, SealIndex(made.directory.path))
    return inspect_log(log, read_outputs=lambda _: iter(outputs))


def test_a_log_that_nobody_touched_is_as_it_was_sealed(made: MadeLog) -> None:
    """All its tiles, checkpoints and outputs: 3 full tiles, a partial one, and the one above them."""
    found = inspect_whole(made, join_outputs(made))
    assert (found.faults, found.tiles, found.checkpoints, found.outputs) == ([], 5, 5, 805)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_byte_of_a_tile_is_found_and_the_tile_named(made: MadeLog, seed: int) -> None:
    """Altered, cut off or taken away: by the tiles alone, and by name where the topics are compared."""
    rng = random.Random(seed)
    name = rng.choice(["tile/0/000", "tile/0/001", "tile/0/002", "tile/0/003.p/37", "tile/1/000.p/3"])
    file = made.directory.path / name
    kept = file.read_bytes()
    at = rng.randrange(len(kept))
    how = rng.choice(["alter", "cut", "lose"])
    if how == "lose":
        file.unlink()
    else:
        rest = bytes([kept[at] ^ 1 << rng.randrange(8)]) + kept[at + 1 :]
        file.write_bytes(kept[:at] + (rest if how == "alter" else b""))
    try:
        found = inspect_log(LedgerLog(made.follow_history(), made.directory, SealIndex(made.directory.path)))
        full = inspect_whole(made, join_outputs(made))
    finally:
        file.write_bytes(kept)
    assert found.faults, (how, name)
    assert name in found.faults[0] or "the tiles are not those" in found.faults[0], (how, found.faults)
    assert any(name in fault for fault in full.faults), (how, name, full.faults)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_byte_of_a_checkpoint_is_found_and_its_record_named(made: MadeLog, seed: int) -> None:
    """Whichever byte of the note; but for the base64 of a key's id that nobody knows, which makes it nobody's."""
    rng = random.Random(seed)
    number = rng.randrange(len(made.published))
    kept = made.published[number]
    at = rng.randrange(len(kept))
    made.published[number] = kept[:at] + bytes([kept[at] ^ 1 << rng.randrange(7)]) + kept[at + 1 :]
    try:
        found = inspect_whole(made, join_outputs(made))
    finally:
        made.published[number] = kept
    assert any(f"soc.checkpoints partition 0 offset {number}: " in fault for fault in found.faults), (at, found.faults)


def tamper_outputs(rng: random.Random, outputs: list[tuple[int, SealedOutput]], place: int) -> str:
    """Alter, drop or add one; which of these it was, or ``move``, which is for whoever asks to do."""
    partition, one = outputs[place]
    how = rng.choice(["alter", "drop", "add", "move"])
    if how == "alter":
        outputs[place] = partition, one._replace(leaf_hash=rng.randbytes(32))
    elif how == "drop":
        del outputs[place]
    elif how == "add":
        outputs.insert(place, (partition, SealedOutput(one.offset, rng.randbytes(32))))
    return how


@pytest.mark.parametrize("seed", SEEDS)
def test_an_output_that_was_altered_dropped_added_or_moved_is_found(made: MadeLog, seed: int) -> None:
    """Between which positions it lies is named, by the first checkpoint that does not hold."""
    rng = random.Random(seed)
    outputs = join_outputs(made)
    place = rng.randrange(799)
    partition, one = outputs[place]
    how = tamper_outputs(rng, outputs, place)
    if how == "move":
        other = outputs[place + 1][1]
        outputs[place] = partition, one._replace(leaf_hash=other.leaf_hash)
        outputs[place + 1] = outputs[place + 1][0], other._replace(leaf_hash=one.leaf_hash)
    found = inspect_whole(made, outputs)
    checkpoints = [sealed.checkpoint for sealed in made.follow_history().checkpoints]
    covering = next(sealed for sealed in checkpoints if sealed.has_position(partition, one.offset))
    positions = " ".join(map(str, covering.positions))
    (fault,) = found.faults
    assert fault.endswith(f"lies before its positions {positions}"), how
    assert found.outputs is None, "what does not hold was not compared"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_figure_that_was_altered_dropped_added_or_moved_is_found(made: MadeLog, seed: int) -> None:
    """By the checkpoint that seals it; which of its figures it is, the replay says."""
    rng = random.Random(seed)
    outputs = join_outputs(made)
    number = rng.randrange(4)
    place = len(outputs) - 5 + number
    assert outputs[place][0] == FIGURE_LEAVES
    how = tamper_outputs(rng, outputs, place)
    if how == "move":
        outputs[place], outputs[place + 1] = outputs[place + 1], outputs[place]
    (fault,) = inspect_whole(made, outputs).faults
    sealed = made.list_checkpoints()[number]
    positions = " ".join(map(str, sealed.positions))
    assert f"the checkpoint of {sealed.size} leaves seals: " in fault
    assert fault.endswith(
        f"is one of its {number + 1} published figures, which `disruptions audit replay` names, or lies before its "
        f"positions {positions}"
    ), how


def test_the_index_is_no_proof(made: MadeLog) -> None:
    """One that leads to another leaf gives no proof."""
    index = made.directory.path / "index" / "runs-0"
    kept = index.read_bytes()
    index.write_bytes(kept[:8] + (5).to_bytes(8, "little") + kept[16:])
    try:
        log = LedgerLog(made.follow_history(), made.directory, SealIndex(made.directory.path))
        place, output = OutputPosition(0, 3), join_outputs(made)[3][1]
        with pytest.raises(NotValid, match="leaf 8 of the log is another than this output"):
            log.prove_position(place, output.leaf_hash)
    finally:
        index.write_bytes(kept)


def test_a_cosignature_of_a_time_that_is_none_is_a_fault_and_no_defect(tmp_path: Path) -> None:
    """A witness's clock is his own."""
    log = MadeLog(tmp_path / "log")
    log.fill_positions(0, 0, 3)
    log.sealer.seal_ready()
    witness = Witness(tmp_path / "kent", "kent.example/witness")
    cosigned = witness.cosign_note(parse_note(log.published[-1]), log.directory, 2.0**62)
    log.published[-1] = str(cosigned).encode()
    found = inspect_log(
        LedgerLog(log.follow_history(), log.directory, SealIndex(log.directory.path)), witnesses=[witness.verifier]
    )
    assert found.faults == ["the cosignature of 'kent.example/witness' says a time that no calendar holds"]
