"""A sealed ledger in memory, of two partitions, and the bundle of it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from audit.topic_reader import TopicRecord
from infra.topics import ENTRIES, REJECTED
from ledger.entries import EntryPart
from methodology.measures import MEASURE
from proofs.checkpoints import Checkpoint
from proofs.keys import KeyAlgorithm, SigningKey, VerifierKey
from proofs.notes import SignedNote, sign_note
from proofs.tiles import TreeEdge
from schemas.containers import DatumWriter
from schemas.definitions import ENTRY, FIGURE, REJECTION, read_definition
from schemas.figures import FigureCell, PublishedFigure, compute_figure_id, encode_figure
from schemas.parts import strip_source
from schemas.registry import pin_ids
from schemas.stored import StoredEntry, StoredOutput
from schemas.upcast import compute_fingerprint
from schemas.wire import FRAME_BYTES
from services.bundle.directory import BundleDirectory
from services.bundle.outputs import BundledOutput, BundledRecord, BundlePeriod, WrittenBy
from services.bundle.tables import BundleInstants
from services.bundle.writing import BundledCheckpoint, BundledFigure, BundleSource, BundleWriter, WrittenBundle
from tests.audit.conftest import Ledger, make_audited_disruption, make_audited_threat
from tests.facts import DAY_MILLIS, JUNE_1_2022, NOON
from tests.figures import make_published_figure

ORIGIN = "ledger.example/soc"
LOG_KEY = SigningKey(ORIGIN, KeyAlgorithm.ED25519, bytes(range(32)))
WITNESS_KEY = SigningKey("kent.example/witness", KeyAlgorithm.COSIGNATURE, bytes(range(1, 33)))
STRANGER_KEY = SigningKey(ORIGIN, KeyAlgorithm.ED25519, bytes(range(2, 34)))
CUTS = ((0, 3), (5, 8), (8, 8))
INSTANTS = BundleInstants(NOON + DAY_MILLIS, NOON + DAY_MILLIS)


def write_story(ledger: Ledger, first: int) -> None:
    """A threat with disruptions by three recorders: amended, withdrawn, in support, on two days; one is refused."""
    name = f"T-{first}"
    ledger.admit(make_audited_threat(first, threat_id=name))
    for number, (org, day) in enumerate([("metropolitan", 0), ("kent", 0), ("kent", -40)], first + 1):
        said = {"threat_id": name, "disruption_id": f"D-{number}", "recorded_by": org}
        ledger.admit(make_audited_disruption(number, **said, event_date=JUNE_1_2022 + day))
    amended = {"threat_id": name, "disruption_id": f"D-{first + 1}", "version": 2, "change": "AMENDED"}
    ledger.admit(make_audited_disruption(first + 10, **amended, pillar="PREVENT"))
    ledger.admit(make_audited_disruption(first + 11, **amended | {"version": 9}))
    support = {"type": "SUPPORT", "benefits": "btp", "recorded_by": "nca", "disruption_id": f"S-{first}"}
    ledger.admit(make_audited_disruption(first + 12, threat_id=name, **support))
    ledger.append_garbage()


@dataclass
class SealedLedger:
    """The two partitions, sealed at the positions that are asked for."""

    partitions: list[Ledger] = field(default_factory=lambda: [Ledger(partition=0), Ledger(partition=1)])
    figures: list[PublishedFigure] = field(default_factory=list)
    parted: tuple[int, int] | None = None  # partition and number of an output that is in two parts
    seals_figures: bool = True  # an older version's log does not

    def read_partition(self, number: int) -> Iterator[BundledOutput]:
        """The outputs of a partition, in the order of positions."""
        ledger = self.partitions[number]
        found = [make_output(ledger, ENTRIES, one) for one in ledger.entries]
        found += [make_output(ledger, REJECTED, one) for one in ledger.rejected]
        found.sort(key=lambda one: one.content.source.offset)
        if self.parted and self.parted[0] == number:
            found[self.parted[1]] = split_output(found[self.parted[1]])
        return iter(found)

    def seal_at(
        self, *cuts: tuple[int, int], key: SigningKey = LOG_KEY, announced: int | None = None
    ) -> list[BundledCheckpoint]:
        """A checkpoint at each of these positions; the last one is cosigned. One may announce the stranger's key.

        The first is an older version's, which seals no figures; the others seal some of them, the last one all.
        """
        edge, places, notes = TreeEdge(), [0, 0], []
        for number, cut in enumerate(cuts):
            for partition, end in enumerate(cut):
                outputs = [one for one in self.read_partition(partition) if one.content.source.offset < end]
                list(edge.append_leaves([one.hash_leaf() for one in outputs[places[partition] :]]))
                places[partition] = len(outputs)
            sealed = self.count_figures(number, len(cuts))
            before = (number and self.count_figures(number - 1, len(cuts))) or 0
            figures = [make_record(place, one).hash_leaf() for place, one in enumerate(self.figures)]
            list(edge.append_leaves(figures[before : sealed or 0]))
            checkpoint = Checkpoint(ORIGIN, edge.size, edge.compute_root(), cut, figures=sealed)
            if number == announced:
                checkpoint = checkpoint._replace(next_key=str(STRANGER_KEY.make_verifier()))
            note = SignedNote(checkpoint.write_text(), (sign_note(checkpoint.write_text(), key),))
            if number == announced:
                key = STRANGER_KEY
                note = note.add_signature(sign_note(note.text, key))
            if number == len(cuts) - 1:
                note = note.add_signature(sign_note(note.text, WITNESS_KEY, 1_700_000_000))
            notes.append(BundledCheckpoint(number, NOON, checkpoint, str(note)))
        return notes

    def count_figures(self, number: int, cuts: int) -> int | None:
        """How many figures a checkpoint of so many seals."""
        sealed = len(self.figures) * number // max(1, cuts - 1)
        return sealed if self.seals_figures and number else None

    def make_source(self, checkpoints: list[BundledCheckpoint], key: SigningKey = LOG_KEY) -> BundleSource:
        """What a bundle of it is made of."""
        return BundleSource(
            ids=pin_ids(),
            log_keys=[key.make_verifier()],
            witness_keys=[WITNESS_KEY.make_verifier()],
            checkpoints=checkpoints,
            read_partition=self.read_partition,
            figures=[make_record(number, figure) for number, figure in enumerate(self.figures)],
        )


def make_output(ledger: Ledger, topic: str, record: TopicRecord) -> BundledOutput:
    """An output as the bundle takes it."""
    of: dict[str, tuple[Callable[[bytes], StoredOutput], str]] = {
        ENTRIES: (ledger.codec.decode_entry, ENTRY),
        REJECTED: (ledger.codec.decode_rejection, REJECTION),
    }
    decode, name = of[topic]
    content: StoredOutput = decode(record.value)
    return BundledOutput(topic, write_by(name), (BundledRecord(record, (record.value or b"")[FRAME_BYTES:]),), content)


def split_output(output: BundledOutput) -> BundledOutput:
    """The same entry in two parts with a leg each, as the stream writes very large ones."""
    entry, ledger = output.content, Ledger()
    assert isinstance(entry, StoredEntry)
    assert len(entry.legs) == 2
    fact = ledger.codec.decode(entry.source.value, entry.source.headers)
    sources, threat_legs = (entry.source, strip_source(entry.source)), (entry.threat_legs, ())
    records = []
    for number in (0, 1):
        posted = SimpleNamespace(verdict=entry.verdict, legs=[entry.legs[number]], threat_legs=threat_legs[number])
        part = EntryPart(number, 2, number)
        value = ledger.codec.encode_entry(sources[number], fact, posted, entry.judged, part)
        records.append(BundledRecord(output.records[0].record._replace(value=value), value[FRAME_BYTES:]))
    return output._replace(records=tuple(records))


def write_by(name: str) -> WrittenBy:
    """The schema of a record."""
    return WrittenBy(read_definition(name), compute_fingerprint(read_definition(name)))


def make_record(offset: int, figure: PublishedFigure) -> BundledFigure:
    """A record of soc.figures."""
    value = encode_figure(figure, pin_ids())
    record = TopicRecord(offset, NOON, b"f", value, ())
    return BundledFigure(0, write_by(FIGURE), BundledRecord(record, value[FRAME_BYTES:]))


def make_figure(n: int, **said: Any) -> PublishedFigure:
    """A published figure of lead disruptions by organisation: Kent has n."""
    cells = FigureCell(("kent",), n), FigureCell(("metropolitan",), n)
    figure = make_published_figure(
        measure=MEASURE, first_day=JUNE_1_2022 - 1, as_at=INSTANTS.as_at, known_at=INSTANTS.known_at, cells=cells,
        positions=(1, 1), note="A report", published_by="kent", published_at=NOON, software="test",
    )  # fmt: skip
    figure = figure._replace(**said)
    return figure._replace(figure_id=compute_figure_id(figure))


def make_sealed() -> SealedLedger:
    """Two partitions with a story in each, of 8 outputs."""
    found = SealedLedger()
    for number, ledger in enumerate(found.partitions):
        write_story(ledger, 100 * (number + 1))
    return found


def write_bundle(out: Path, source: BundleSource, period: BundlePeriod | None = None) -> WrittenBundle:
    """The bundle of a source."""
    with BundleDirectory(out) as directory:
        return BundleWriter(directory, source, period, INSTANTS).write_bundle()


def rewrite_manifest(bundle: Path) -> None:
    """Compute every digest of the manifest again, as a forger would."""
    path = bundle / "manifest.json"
    said = json.loads(path.read_bytes())
    files = [one for one in bundle.rglob("*") if one.is_file() and one != path]
    said["files"] = {
        one.relative_to(bundle).as_posix(): {
            "sha256": sha256(one.read_bytes()).hexdigest(),
            "size": one.stat().st_size,
        }
        for one in files
    }
    path.write_text(json.dumps(said))


def read_keys(*keys: SigningKey) -> list[VerifierKey]:
    """The verifier keys."""
    return [key.make_verifier() for key in keys]


def pack_container(schema: Any, datums: list[bytes]) -> bytes:
    """A container of datums."""
    stream = BytesIO()
    writer = DatumWriter(stream, schema)
    for datum in datums:
        writer.add_datum(datum)
    writer.flush()
    return stream.getvalue()


def sign_line(line: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """Change a checkpoint's text, and sign it by the log's key."""
    text = (line["note"].partition("\n\n")[0] + "\n").replace(old, new)
    return line | {"note": str(SignedNote(text, (sign_note(text, LOG_KEY),)))}
