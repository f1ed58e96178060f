"""A bundle as what a lost cluster's topics held: its records with their frames, and what was published out of them.

A bundle ends with its last checkpoint; it has no alerts. With its checkpoints the log's order is known again, so where
no later checkpoint was made the log goes on.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from heapq import merge
from pathlib import Path
from typing import Any, Final

from infra.preallocated_file import read_json_object
from infra.topics import ALERTS, CHECKPOINTS, ENTRIES, FIGURES, PUBLISHED, REJECTED
from ledger.errors import Misuse, Rejected
from ledger.vocabulary import Code
from schemas.codec import Codec
from schemas.containers import read_datums
from schemas.registry import SchemaIds
from schemas.stored import StoredEntry, StoredOutput, StoredRejection
from services.restore_plan import RestoredRecord
from services.restore_source import make_published

FOLDERS: Final = {ENTRIES: "entries", REJECTED: "rejected", FIGURES: "figures"}
OF_A_BUNDLE: Final = (CHECKPOINTS, FIGURES, ALERTS, ENTRIES, REJECTED, PUBLISHED)
FRAMES: Final = ".frames.avro"


class BundleRestoreSource:
    """A bundle that was found valid before: what it holds is not checked again here.

    Raises:
        Misuse: it does not hold every output, or is of another count of partitions.
    """

    topics: tuple[str, ...] = OF_A_BUNDLE

    def __init__(self, directory: Path, ids: SchemaIds, partitions: int) -> None:
        self._directory, self._codec = directory, Codec(ids)
        self._ends: list[int] = list(read_json_object(directory / "manifest.json").get("positions", ()))
        if any((directory / "withheld").glob("*")):
            raise Misuse(
                f"{directory} is the bundle of a period: it holds back outputs; restore from one of everything"
            )
        if len(self._ends) != partitions:
            raise Misuse(f"{directory} is of {len(self._ends)} partitions: set DISRUPTIONS_PARTITIONS to that")

    def read_topic(self, topic: str, partition: int) -> Iterator[RestoredRecord]:
        """Read the records of a partition, as ``RestoreSource`` says."""
        if topic == PUBLISHED:
            yield from self._read_published(partition)
        elif topic == CHECKPOINTS:
            yield from self._read_checkpoints() if partition == 0 else ()
        elif topic in FOLDERS:
            yield from self._read_records(topic, partition)

    def find_end(self, topic: str, partition: int) -> int:
        """Find the last checkpoint's position; other topics end with their last record."""
        return self._ends[partition] if topic == PUBLISHED else 0

    def count_records(self) -> int:
        """Count each output, and the record that it is of."""
        return 2 * sum(self._ends)

    def read_past(self, _partition: int) -> Iterator[RestoredRecord]:
        """Read nothing: a bundle ends with what was sealed."""
        return iter(())

    def find_low(self, partition: int) -> int:
        """Find the end of the last acknowledged loss."""
        lost = (one for one in self._read_outputs(REJECTED, partition) if _is_lost(one))
        return max((one.source.offset + 1 for one in lost), default=0)

    def _read_published(self, partition: int) -> Iterator[RestoredRecord]:
        outputs = [self._read_outputs(topic, partition) for topic in (ENTRIES, REJECTED)]
        previous = -1
        for one in merge(*outputs, key=lambda output: output.source.offset):
            if one.source.previous_offset != previous:
                raise Misuse(f"{self._directory} lacks an output of partition {partition}, after offset {previous}")
            previous = one.source.offset
            if not _is_lost(one):
                yield make_published(one)

    def _read_outputs(self, topic: str, partition: int) -> Iterator[StoredOutput]:
        """Read outputs; of an entry in parts the first, which has the original."""
        decode = self._codec.decode_entry if topic == ENTRIES else self._codec.decode_rejection
        for record in self._read_records(topic, partition):
            try:
                found: StoredOutput = decode(record.value, record.headers)
            except Rejected as error:
                place = f"{topic} partition {partition} offset {record.offset}"
                raise Misuse(f"{self._directory}: {place} cannot be read ({error.code.value}): {REGISTRY}") from None
            if not isinstance(found, StoredEntry) or found.part.part == 0:
                yield found

    def _read_checkpoints(self) -> Iterator[RestoredRecord]:
        with (self._directory / "checkpoints.ndjson").open("rb") as lines:
            for said in map(json.loads, lines):
                note = str(said["note"]).encode()
                origin, _, _ = note.partition(b"\n")
                yield RestoredRecord(said["offset"], said["appended_at"], origin, note, ())

    def _read_records(self, topic: str, partition: int) -> Iterator[RestoredRecord]:
        """Read the records of a topic, those of every schema that wrote some, in the order of their offsets."""
        files = sorted((self._directory / FOLDERS[topic]).glob(f"{partition}.*{FRAMES}"))
        with ExitStack() as opened:
            runs = [_read_container(opened, frames) for frames in files]
            yield from merge(*runs, key=lambda record: record.offset)


REGISTRY: Final = "set SCHEMA_REGISTRY_URL to the registry that it names"


def _read_container(opened: ExitStack, frames: Path) -> Iterator[RestoredRecord]:
    """Read a container beside its frames."""
    datums = frames.with_name(frames.name.removesuffix(FRAMES) + ".avro")
    framed, written = (read_datums(opened.enter_context(one.open("rb"))) for one in (frames, datums))
    for (_, frame), (datum, _) in zip(framed, written, strict=True):
        yield _frame_record(frame, datum)


def _frame_record(frame: dict[str, Any], datum: bytes) -> RestoredRecord:
    headers = tuple(zip(frame["header_names"], frame["header_values"], strict=True))
    return RestoredRecord(frame["offset"], frame["appended_at"], frame["key"], frame["prefix"] + datum, headers)


def _is_lost(output: StoredOutput) -> bool:
    return isinstance(output, StoredRejection) and output.code == Code.LOST
