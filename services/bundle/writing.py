"""Writing a bundle.

1. Outputs, partition after partition, and published figures: containers, sums for the bundle's own figures.
2. Tiles, made of their leaves in the log's order, and held to every checkpoint, so that of outputs that are not those
   that were sealed no bundle can be made.
3. Schemas, rules, keys, checkpoints, the report, the program that checks all of it.
4. The manifest; then the directory is put in its place (``services.bundle.directory``).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Final, NamedTuple

from audit.figure_sums import FigureSums
from infra.topics import ENTRIES, FIGURES, REJECTED
from ledger.facts import Millis
from ledger.instants import format_instant, format_millis, make_date
from methodology.ruleset import IN_FORCE, write_rules
from proofs.checkpoints import Checkpoint
from proofs.errors import NotValid
from proofs.keys import VerifierKey
from proofs.tiles import HashTile
from schemas.judged import name_software
from schemas.registry import SchemaIds
from schemas.rulesets import find_rules
from schemas.stored import StoredEntry
from seals.chain import SealedOutput
from seals.leaves import FIGURE_LEAVES, hash_output
from seals.remaking import remake_log
from services.bundle.directory import FOLLOWING_FORMAT, FORMAT, UNSEALED_FORMAT, BundleDirectory
from services.bundle.outputs import (
    WITHHELD,
    BundledOutput,
    BundledRecord,
    BundlePeriod,
    ContainerFiles,
    OutputFiles,
    WrittenBy,
)
from services.bundle.report import draw_report
from services.bundle.tables import TABLE_NAME, BundleInstants, fill_figures, list_questions

VERIFIER: Final = "offline_verifier.py"
FIGURES_FOLDER: Final = "figures"

EVERYTHING: Final = "every output that the last checkpoint seals"
PERIOD_ALONE: Final = (
    "entries with a posting on an event date of the period, and every rejection; of the other outputs that the last "
    "checkpoint seals there are hashes alone, so that none of them has a posting in the period is the ledger's word"
)
BundleProgress = Callable[[int, int], Any]  # positions done, of how many


class BundledCheckpoint(NamedTuple):
    """A checkpoint as it lies in ``soc.checkpoints``, with every signature that it has."""

    offset: int
    appended_at: Millis
    checkpoint: Checkpoint
    note: str


class BundledFigure(NamedTuple):
    """A record of ``soc.figures``."""

    partition: int
    written: WrittenBy
    record: BundledRecord

    def hash_leaf(self) -> bytes:
        """Hash the leaf of the log that it is."""
        return hash_output(FIGURES, self.written.fingerprint, [self.record.datum])


class BundleSource(NamedTuple):
    """What a bundle is made of.

    Attributes:
        ids: the schemas.
        log_keys: the log's verifier keys, oldest first.
        witness_keys: those of witnesses that are known.
        checkpoints: those that count, in order; at least one.
        read_partition: gives the sealed outputs of a partition, in order.
        figures: what was published; those alone that the last checkpoint seals, where it says how many they are.
        claims: files with what others say of the figures, by name.
    """

    ids: SchemaIds
    log_keys: Sequence[VerifierKey]
    witness_keys: Sequence[VerifierKey]
    checkpoints: Sequence[BundledCheckpoint]
    read_partition: Callable[[int], Iterator[BundledOutput]]
    figures: Sequence[BundledFigure] = ()
    claims: Mapping[str, bytes] = {}

    @property
    def last(self) -> Checkpoint:
        """The checkpoint that the bundle ends with."""
        return self.checkpoints[-1].checkpoint


class WrittenBundle(NamedTuple):
    """A bundle that was written: its manifest's digest, and what the manifest says."""

    digest: str
    said: dict[str, Any]


class BundleWriter:
    """Writes one bundle into a directory.

    Args:
        period: event dates that it is about; None for all.
        instants: of its own figures.
        progress: is told the positions that are done.
    """

    def __init__(
        self,
        directory: BundleDirectory,
        source: BundleSource,
        period: BundlePeriod | None,
        instants: BundleInstants,
        progress: BundleProgress = lambda *_: None,
    ) -> None:
        self._directory = directory
        self._source = source
        self._period = period
        self._instants = instants
        self._progress = progress
        self._questions = list(list_questions(period, instants))
        self._sums = FigureSums(self._questions)
        self._containers = ContainerFiles(directory)
        self._outputs = OutputFiles(directory, self._containers, period)

    def write_bundle(self) -> WrittenBundle:
        """Write all of it.

        Raises:
            NotValid: the outputs are not those that were sealed.
            Unavailable: the broker did not answer.
            OSError: the disk did not take it.
        """
        self._write_sealed()
        figures = list(fill_figures(self._questions, self._sums, self._source.last.positions))
        self._write_json(TABLE_NAME, {"figures": figures})
        self._write_definitions()
        self._write_log()
        for name, content in self._source.claims.items():
            self._directory.write_file(f"claims/{name}", content)
        said = self._describe_bundle()
        self._directory.write_file("report.html", draw_report(said, figures).encode())
        self._directory.write_file("verify.py", files("audit").joinpath(VERIFIER).read_bytes())
        return WrittenBundle(self._directory.finish_bundle(said), said)

    def _write_sealed(self) -> None:
        """Write outputs and published figures, and tiles of them."""
        checkpoints = [one.checkpoint for one in self._source.checkpoints]
        try:
            remake_log(checkpoints, self._write_leaves(), self._write_tiles, beside=self._directory.path)
        except NotValid as error:
            raise NotValid(f"no bundle is made: {error}; `disruptions audit replay` names what differs") from None

    def _write_leaves(self) -> Iterator[tuple[int, SealedOutput]]:
        """Write outputs and published figures, partition after partition; give the leaf of each, once it is written."""
        positions = self._source.last.positions
        done, whole = 0, sum(positions)
        for partition in range(len(positions)):
            for output in self._source.read_partition(partition):
                source = output.content.source
                self._outputs.add_output(output)
                if isinstance(output.content, StoredEntry):
                    self._sums.add_entry(output.content)
                yield partition, SealedOutput(source.offset, output.hash_leaf())
                done += source.offset - source.previous_offset
                self._progress(done, whole)
            self._containers.close_files()
        for figure in self._source.figures:
            self._containers.add_record(FIGURES_FOLDER, figure.partition, figure.written, figure.record)
            yield FIGURE_LEAVES, SealedOutput(figure.record.record.offset, figure.hash_leaf())
        self._containers.close_files()

    def _write_tiles(self, tiles: Sequence[HashTile]) -> None:
        """Write tiles where the log's own directory has them."""
        for tile in tiles:
            self._directory.write_file(str(tile.name), tile.hashes)

    def _write_definitions(self) -> None:
        schemas = dict(self._containers.schemas)
        for fingerprint, reference in self._outputs.events.items():
            found = self._source.ids.find_writer(reference)
            if found is not None:
                schemas[fingerprint] = found
        for fingerprint, schema in schemas.items():
            self._write_json(f"schemas/{fingerprint}.avsc", schema)
        for digest in {IN_FORCE.digest, *self._outputs.rules}:
            rules = find_rules(digest)
            if rules is not None:
                self._directory.write_file(f"rules/{digest}.json", write_rules(rules).encode())

    def _write_log(self) -> None:
        for name, keys in (("log", self._source.log_keys), ("witnesses", self._source.witness_keys)):
            self._directory.write_file(f"keys/{name}.txt", "".join(f"{key}\n" for key in keys).encode())
        for one in self._source.checkpoints:
            line = {"offset": one.offset, "appended_at": one.appended_at, "note": one.note}
            self._directory.open_file("checkpoints.ndjson").write(json.dumps(line).encode() + b"\n")

    def _describe_bundle(self) -> dict[str, Any]:
        last, counts = self._source.last, self._outputs.counts
        return {
            "format": name_format(last),
            "made_at": format_instant(datetime.now(UTC)),
            "software": name_software(),
            "log": last.origin,
            "keys": [str(key) for key in self._source.log_keys],
            "size": last.size,
            "positions": list(last.positions),
            "period": None if self._period is None else list(self._period),
            "dates": None if self._period is None else [make_date(day).isoformat() for day in self._period],
            "as_at": format_millis(self._instants.as_at),
            "known_at": format_millis(self._instants.known_at),
            "rules": IN_FORCE.digest,
            "rules_version": IN_FORCE.version,
            "holds": EVERYTHING if self._period is None else PERIOD_ALONE,
            "outputs": {"entries": counts[ENTRIES], "rejected": counts[REJECTED], "withheld": counts[WITHHELD]},
            "checkpoints": len(self._source.checkpoints),
            "published_figures": len(self._source.figures),
        }

    def _write_json(self, name: str, content: Any) -> None:
        self._directory.write_file(name, json.dumps(content, indent=1).encode() + b"\n")


def name_format(last: Checkpoint) -> str:
    """Name the format of a bundle by its last checkpoint, so that none is passed off as another."""
    if last.follows is not None:
        return FOLLOWING_FORMAT
    return UNSEALED_FORMAT if last.figures is None else FORMAT
