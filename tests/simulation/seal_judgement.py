"""What must hold of the log that seals: one line of checkpoints, whose roots and tiles are those of the outputs.

The leaves are made of the topics by the checkpoints alone, and the trees by the definition of RFC 6962 (section 2.1.1).
"""

from collections import defaultdict
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from infra.topics import CHECKPOINTS, ENTRIES, FIGURES
from proofs.checkpoints import Checkpoint, read_checkpoint
from proofs.errors import NotValid
from proofs.notes import parse_note
from proofs.tiles import TileReader
from schemas.codec import Codec
from schemas.definitions import FIGURE, read_definition
from schemas.registry import pin_ids
from schemas.stored import StoredEntry
from schemas.upcast import compute_fingerprint
from schemas.wire import FRAME_BYTES
from seals.directory import SealDirectory
from seals.history import CheckpointHistory
from seals.index import OutputPosition, SealIndex
from seals.keys import read_verifiers
from seals.leaves import FIGURE_LEAVES, make_leaf
from seals.outputs import RECORD_NAMES, AppendedRecord
from seals.proving import verify_tiles
from tests.simulation.judgement import hold_law
from tests.simulation.world import PARTITIONS, STRAY, World

CODEC = Codec(pin_ids())
NEW_LOG = Checkpoint("", 0, b"", (0,) * PARTITIONS)
FIGURE_SCHEMA = compute_fingerprint(read_definition(FIGURE))


def watch_seals(world: World) -> None:
    """Have every checkpoint looked at as it is published: its tiles are there already."""

    def hold_published(place: tuple[str, int], offset: int) -> None:
        note = world.log.find_partition(*place).find_record(offset)
        checkpoint = read_checkpoint(parse_note(note.value or b""))
        publisher = world.kernel.current.name
        try:
            root = _read_root(world.settings.state / publisher, checkpoint)
        except NotValid as error:
            root = str(error).encode()
        if root != checkpoint.root:
            world.kernel.report_defect(f"{publisher} publishes {checkpoint.size} leaves whose tiles are not there")

    world.log.hold_published.append(hold_published)


def _read_root(path: Path, checkpoint: Checkpoint) -> bytes:
    directory = SealDirectory(path)
    return TileReader(checkpoint.size, directory.read_tile).compute_root() if checkpoint.size else checkpoint.root


def judge_seals(world: World) -> None:
    """Hold checkpoints, roots, tiles and index to the outputs in the topics. Raises Defect."""
    directory = SealDirectory(world.sealer.directory)
    history = CheckpointHistory(read_verifiers(directory.path))
    records = [
        AppendedRecord(CHECKPOINTS, 0, one.offset, one.timestamp, one.value)
        for one in world.log.find_partition(CHECKPOINTS, 0).read_records(0)
    ]
    followed = list(history.follow_records(records))
    hold_law(not history.passed, f"checkpoints that do not go on: {[str(one) for one in history.passed]}")
    hold_law(len(followed) == len(records), "a checkpoint was published twice")
    leaves: list[bytes] = []
    places: list[OutputPosition] = []
    outputs = {partition: _list_leaves(world, partition) for partition in range(PARTITIONS)}
    figures = _list_figures(world)
    checkpoints = [one.checkpoint for one in history.checkpoints]
    for before, found in pairwise([NEW_LOG, *checkpoints]):
        for partition, (first, end) in enumerate(zip(before.positions, found.positions, strict=True)):
            covered = [offset for offset in sorted(outputs[partition]) if first <= offset < end]
            leaves += [outputs[partition][offset] for offset in covered]
            places += [OutputPosition(partition, offset) for offset in covered]
        new = figures[before.sealed_figures : found.sealed_figures]
        leaves += [leaf for _, leaf in new]
        places += [place for place, _ in new]
        hold_law((found.size, found.root) == (len(leaves), compute_root(leaves)), f"{found.size} leaves: another tree")
    whole = sum(map(len, outputs.values())) + len(figures)
    hold_law(len(leaves) == whole, "not every output and figure is sealed")
    _judge_files(world, directory, checkpoints[-1], places)


def _judge_files(world: World, directory: SealDirectory, last: Checkpoint, places: list[OutputPosition]) -> None:
    published = parse_note(world.log.find_partition(CHECKPOINTS, 0).read_records(0)[-1].value or b"").text
    try:
        list(verify_tiles(directory, last))
        served = parse_note(directory.read_checkpoint()).text
    except NotValid as error:
        served = str(error)
    hold_law(served == published, f"the tiles or the checkpoint that are served differ: {served!r}")
    index = SealIndex(directory.path)
    hold_law([index.find_leaf(one) for one in places] == list(range(len(places))), "the index names other leaves")


def _list_figures(world: World) -> list[tuple[OutputPosition, bytes]]:
    """List the figures of the topic, in its order: the place of each, and its leaf."""
    records = world.log.find_partition(FIGURES, 0).read_records(0)
    found = [(one.offset, one.value) for one in records if one.value and one.value != STRAY]
    return [
        (OutputPosition(FIGURE_LEAVES, offset), make_leaf(FIGURES, FIGURE_SCHEMA, [value[FRAME_BYTES:]]))
        for offset, value in found
    ]


def _list_leaves(world: World, partition: int) -> dict[int, bytes]:
    """List by position the leaf of each output: of repeated records, those that were appended first."""
    parts: dict[int, dict[int, tuple[str, str, bytes]]] = defaultdict(dict)
    for topic, name in RECORD_NAMES.items():
        for landed in world.log.outputs[topic, partition]:
            record, fingerprint, datum = CODEC.read_output(name, landed.value, ())
            number = landed.stored.part.part if isinstance(landed.stored, StoredEntry) else 0
            hold_law(record["offset"] == landed.stored.source.offset, f"{ENTRIES}: another position")
            parts[landed.stored.source.offset].setdefault(number, (topic, fingerprint, datum))
    return {
        offset: make_leaf(found[0][0], found[0][1], [found[number][2] for number in sorted(found)])
        for offset, found in parts.items()
    }


def compute_root(leaves: list[bytes]) -> bytes:
    """Compute the root of a tree by its definition."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + compute_root(leaves[:split]) + compute_root(leaves[split:])).digest()
