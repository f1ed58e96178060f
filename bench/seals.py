"""The log: sealing, between a floor of consuming and one of decoding; proofs of inclusion in a large tree.

    python -m bench.seals [--entries N] [--leaves N] [--repeats R]

Entries of the mix of bench.loader, in a real broker. *Consume only* reads them all and drops them. *Decode only* reads
each as an output, from memory. *Sealing* does the work: from a session's start to the checkpoint that covers the last
entry, acknowledged, tiles and index written and synced. *Inclusion* proves leaves at random from the tiles of a tree of
N made-up leaves on disk, each proof by a reader that has read nothing yet, and verifies it.
"""

import argparse
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.loader import PARTITIONS, make_values, measure_consuming, produce_entries
from bench.spread import add_keep_option, compute_spread, find_percentile, keep_results
from infra.settings import Settings, load_settings
from infra.topic_admin import create_topics, delete_topics
from infra.topics import CHECKPOINTS, ENTRIES
from local.broker import Broker
from proofs.checkpoints import Checkpoint
from proofs.tiles import TreeEdge
from schemas.codec import Codec
from schemas.registry import pin_ids
from seals.directory import SealDirectory
from seals.ledger_log import open_log
from seals.outputs import AppendedRecord, PartReader
from seals.proving import prove_leaf
from services.sealing_session import SealingSession

LEAVES_AT_ONCE = 65_536
PROOFS = 200
LOOK_SECONDS = 0.02  # a checkpoint is looked for so often: less than the time between two of them


def measure_decoding(_: Settings, entries: list[tuple[int, int, bytes]]) -> float:
    """Measure the seconds to read each as an output."""
    reader = PartReader(Codec(pin_ids()))
    before = time.perf_counter()
    for partition, offset, value in entries:
        reader.read_part(AppendedRecord(ENTRIES, partition, offset, 0, value))
    return time.perf_counter() - before


def measure_sealing(settings: Settings, entries: list[tuple[int, int, bytes]]) -> float:
    """Measure the seconds from a session's start to the checkpoint that covers all."""
    delete_topics(settings, [CHECKPOINTS])
    create_topics(settings)
    with tempfile.TemporaryDirectory() as directory:
        own = settings.model_copy(update={"state": Path(directory)})
        stop, session = threading.Event(), SealingSession(own)
        thread = threading.Thread(target=session.run, args=(stop,), kwargs={"remake": False, "begun": lambda: None})
        before = time.perf_counter()
        thread.start()
        while read_size(own) < len(entries):
            time.sleep(LOOK_SECONDS)
        spent = time.perf_counter() - before
        stop.set()
        thread.join()
        session.close()
        newest = open_log(own).history.newest
        assert newest is not None
        assert newest.checkpoint.size == len(entries)
    return spent


def read_size(settings: Settings) -> int:
    """Read the size of the newest checkpoint, from the file that is written once it is published."""
    with suppress(FileNotFoundError, IndexError):
        return int((settings.state / "seals" / "checkpoint").read_text().split("\n")[1])
    return 0


def measure_sealing_ways(settings: Settings, number: int, repeats: int) -> dict[str, Any]:
    """Measure the entries a second of each."""
    entries = list(make_values(number))
    produce_entries(settings, entries)
    rates: dict[str, list[float]] = {"consume only": [], "decode only": [], "sealing": []}
    for _ in range(repeats):
        for name, run in zip(rates, (measure_consuming, measure_decoding, measure_sealing), strict=True):
            rates[name].append(len(entries) / run(settings, entries))
    return {"entries": len(entries), "entries per second": {name: compute_spread(one) for name, one in rates.items()}}


def make_leaves(number: int) -> Iterator[list[bytes]]:
    """Make leaf hashes, some at a time."""
    for first in range(0, number, LEAVES_AT_ONCE):
        last = min(first + LEAVES_AT_ONCE, number)
        yield [sha256(one.to_bytes(8, "big")).digest() for one in range(first, last)]


def measure_proofs(number: int) -> dict[str, Any]:
    """Measure the milliseconds of proofs of inclusion."""
    with tempfile.TemporaryDirectory() as place:
        edge, before = TreeEdge(), time.perf_counter()
        for leaves in make_leaves(number):
            write_plain(Path(place), list(edge.append_leaves(leaves)))
        write_plain(Path(place), edge.list_partial())
        built = time.perf_counter() - before
        checkpoint = Checkpoint("bench", number, edge.compute_root(), (number,))
        spent, files = [], SealDirectory(Path(place))
        for index in random.Random(1).sample(range(number), PROOFS):
            leaf = sha256(index.to_bytes(8, "big")).digest()
            before = time.perf_counter()
            prove_leaf(files, checkpoint, index, leaf)
            spent.append(1000 * (time.perf_counter() - before))
        files.close()
    ordered = sorted(spent)
    return {
        "leaves": number,
        "leaves per second appended": number / built,
        "milliseconds": {"median": find_percentile(ordered, 0.5), "p99": find_percentile(ordered, 0.99)},
    }


def write_plain(place: Path, tiles: list[Any]) -> None:
    """Write tiles without waiting for the disk: it is reading that is measured."""
    for tile in tiles:
        file = place / str(tile.name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(tile.hashes)


def measure_log(entries: int, leaves: int, repeats: int) -> dict[str, Any]:
    """Measure how fast entries are sealed, and how soon a leaf is proved."""
    with tempfile.TemporaryDirectory() as directory, Broker(Path(directory) / "kafka") as broker:
        settings = load_settings(Path(directory)).model_copy(
            update={"kafka_bootstrap_servers": broker.bootstrap_servers, "partitions": PARTITIONS}
        )
        create_topics(settings)
        sealing = measure_sealing_ways(settings, entries, repeats)
    return {"sealing": sealing, "inclusion": measure_proofs(leaves)}


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--leaves", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    add_keep_option(parser, "seals")
    options = parser.parse_args()
    results = measure_log(options.entries, options.leaves, options.repeats)
    for name, rate in results["sealing"]["entries per second"].items():
        print(f"{name:16}{rate['median']:12,.0f} entries/s")
    proof = results["inclusion"]["milliseconds"]
    print(f"inclusion at {options.leaves:,} leaves: {proof['median']:.2f} ms, p99 {proof['p99']:.2f} ms")
    keep_results(options.keep, results)


if __name__ == "__main__":
    main()
