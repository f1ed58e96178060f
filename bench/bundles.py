"""A bundle: seconds to write it, and to check it by its own program, beside reading its files once.

    python -m bench.bundles [--events N] [--checkpoints C] [--repeats R]

Entries of the mix of bench.fold in twelve partitions, sealed by that many checkpoints, in memory: what Kafka takes to
give them is not in it. *Write* is containers, leaves, tiles, figures, report and manifest, synced to the disk. *Check*
is ``audit/offline_verifier.py`` on the whole of it. *Read* is the floor: every file's SHA-256. Interleaved repeats;
medians with the lowest and highest. Prints a table; keeps bench/results/bundles.json.
"""

import argparse
import contextlib
import io
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from audit.offline_verifier import main as verify_bundle
from audit.topic_reader import TopicRecord
from bench.loader import PARTITIONS, make_values
from bench.spread import add_keep_option, compute_spread, keep_results
from infra.topics import ENTRIES
from proofs.checkpoints import Checkpoint
from proofs.keys import KeyAlgorithm, SigningKey
from proofs.notes import SignedNote, sign_note
from proofs.tiles import TreeEdge
from schemas.codec import Codec
from schemas.definitions import ENTRY, read_definition
from schemas.registry import pin_ids
from schemas.upcast import compute_fingerprint
from schemas.wire import FRAME_BYTES
from services.bundle.directory import BundleDirectory, digest_file
from services.bundle.outputs import BundledOutput, BundledRecord, WrittenBy
from services.bundle.tables import BundleInstants
from services.bundle.writing import BundledCheckpoint, BundleSource, BundleWriter

FAR_MILLIS = 4_102_444_800_000  # 2100: all is known
KEY = SigningKey("bench.example/soc", KeyAlgorithm.ED25519, bytes(32))
Outputs = Sequence[Sequence[BundledOutput]]


def make_outputs(events: int) -> Outputs:
    """Make the outputs by partition."""
    codec, written = Codec(pin_ids()), WrittenBy(read_definition(ENTRY), compute_fingerprint(read_definition(ENTRY)))
    found: list[list[BundledOutput]] = [[] for _ in range(PARTITIONS)]
    for partition, offset, value in make_values(events):
        record = BundledRecord(TopicRecord(offset, 0, b"key", value, ()), value[FRAME_BYTES:])
        found[partition].append(BundledOutput(ENTRIES, written, (record,), codec.decode_entry(value)))
    return found


def seal_outputs(outputs: Outputs, count: int) -> Iterator[BundledCheckpoint]:
    """Seal them by so many checkpoints, of about the same number of outputs each."""
    edge, before = TreeEdge(), [0] * PARTITIONS
    for number in range(1, count + 1):
        cut = [len(one) * number // count for one in outputs]
        for partition, end in enumerate(cut):
            fresh = outputs[partition][before[partition] : end]
            for _ in edge.append_leaves([one.hash_leaf() for one in fresh]):
                pass
        before = cut
        text = Checkpoint(KEY.name, edge.size, edge.compute_root(), tuple(cut))
        note = SignedNote(text.write_text(), (sign_note(text.write_text(), KEY),))
        yield BundledCheckpoint(number, 0, text, str(note))


def measure_once(source: BundleSource) -> dict[str, float]:
    """Measure one bundle."""
    with tempfile.TemporaryDirectory() as place:
        out, began = Path(place) / "bundle", time.perf_counter()
        with BundleDirectory(out) as directory:
            BundleWriter(directory, source, None, BundleInstants(FAR_MILLIS, FAR_MILLIS)).write_bundle()
        written = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            assert verify_bundle([str(out), "--key", str(KEY.make_verifier())]) == 0
        checked = time.perf_counter()
        size = sum(int(digest_file(path)["size"]) for path in out.rglob("*") if path.is_file())
        read = time.perf_counter()
    return {"write": written - began, "check": checked - written, "read": read - checked, "megabytes": size / 1e6}


def measure_bundles(events: int, checkpoints: int, repeats: int) -> dict[str, Any]:
    """Measure repeats of the same bundle."""
    outputs = make_outputs(events)
    source = BundleSource(
        ids=pin_ids(),
        log_keys=[KEY.make_verifier()],
        witness_keys=[],
        checkpoints=list(seal_outputs(outputs, checkpoints)),
        read_partition=lambda partition: iter(outputs[partition]),
    )
    runs = [measure_once(source) for _ in range(repeats)]
    spread = {name: compute_spread([one[name] for one in runs], 2) for name in runs[0]}
    return {"entries": sum(map(len, outputs)), "checkpoints": checkpoints, **spread}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.bundles", description=__doc__)
    parser.add_argument("--events", type=int, default=62_000)
    parser.add_argument("--checkpoints", type=int, default=2_000)
    parser.add_argument("--repeats", type=int, default=3)
    add_keep_option(parser, "bundles")
    asked = parser.parse_args()
    found = measure_bundles(asked.events, asked.checkpoints, asked.repeats)
    keep_results(asked.keep, found)
    print(f"{found['entries']:,} entries, {found['checkpoints']:,} checkpoints, {found['megabytes']['median']:.0f} MB")
    for name in ("write", "check", "read"):
        one = found[name]
        print(f"{name:6} {one['median']:7.2f} s  ({one['least']:.2f} to {one['most']:.2f})")


if __name__ == "__main__":
    main()
