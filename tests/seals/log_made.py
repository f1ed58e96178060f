"""A log made by hand: outputs as intake writes them, a sealer without a broker, and what it published."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from infra.topics import ENTRIES, REJECTED
from ledger.entries import EntryPart, SourceRecord
from ledger.facts import DisruptionFact
from ledger.vocabulary import Verdict
from methodology.posting import Posted
from proofs.checkpoints import Checkpoint, FollowedHead
from proofs.keys import SigningKey
from proofs.notes import SignedNote, sign_note
from schemas.codec import Codec
from schemas.figures import encode_figure
from schemas.registry import pin_ids
from seals.chain import SealedOutput, SealingChain
from seals.directory import SealDirectory
from seals.figures import FigureHasher
from seals.history import CheckpointHistory
from seals.keys import SealKeys, make_secret, read_secret_key
from seals.leaves import FIGURE_LEAVES
from seals.outputs import AppendedRecord, NoOutput, OutputPart, PartReader
from seals.sealer import Sealer, begin_log
from tests.facts import make_disruption
from tests.figures import make_published_figure
from tests.sinks.records import make_leg

CODEC = Codec(pin_ids())
ORIGIN, NEXT = "ledger.example/soc", "ledger.example/next"
PARTS = PartReader(CODEC)
FIGURES = FigureHasher(pin_ids())


def make_fact(offset: int) -> DisruptionFact:
    """The event of a position."""
    return make_disruption(event_id=str(UUID(int=offset + 1)), disruption_id=f"D-{offset}", threat_id="T-1")


def make_entry(
    partition: int, offset: int, previous: int | None = None, part: EntryPart | None = None, legs: int = 1
) -> bytes:
    """The value of an entry, or of a part of one."""
    source = SourceRecord(partition, offset, offset - 1 if previous is None else previous, 0, b"T-1", b"original", ())
    posted = Posted(Verdict.ADMITTED, tuple(make_leg(1, 0, f"D-{n}") for n in range(legs)), ())
    return CODEC.encode_entry(source, make_fact(offset), posted, part=part or EntryPart(0, 1, 0))


def make_rejection(partition: int, offset: int, previous: int | None = None) -> bytes:
    """The value of a rejection."""
    source = SourceRecord(partition, offset, offset - 1 if previous is None else previous, 0, b"T-1", b"original", ())
    return CODEC.encode_rejection(source, "UNDECODABLE", "Send it again.", None)


def make_record(value: bytes, partition: int, at: int, topic: str = ENTRIES, appended_at: int = 0) -> AppendedRecord:
    """A record as the broker holds it."""
    return AppendedRecord(topic, partition, at, appended_at, value)


def read_part(value: bytes, partition: int, at: int, topic: str = ENTRIES, appended_at: int = 0) -> OutputPart:
    """What such a record holds."""
    found = PARTS.read_part(make_record(value, partition, at, topic, appended_at))
    assert not isinstance(found, NoOutput), found
    return found


class MadeLog:
    """A sealer in a directory, and the notes that it published, as a topic would keep them."""

    def __init__(
        self,
        path: Path,
        partitions: int = 3,
        published: Sequence[bytes] = (),
        outputs: Sequence[tuple[int, OutputPart]] = (),
        figures: Sequence[SealedOutput] = (),
        *,
        origin: str = ORIGIN,
    ) -> None:
        self.path, self.origin = path, origin
        self.published, self.outputs, self.figures = list(published), list(outputs), list(figures)
        self.partitions = partitions
        self.directory = SealDirectory(path / "seals")
        if not self.key_file.exists():
            make_secret(self.key_file, origin)
        self.keys = SealKeys(self.key_file, self.next_file, self.directory.path)
        self.sealer = self.resume()

    @property
    def key_file(self) -> Path:
        """Where the signing key is."""
        return self.path / "private" / "seal.key"

    @property
    def next_file(self) -> Path:
        """Where the one that is to follow is."""
        return self.path / "private" / "seal.key.next"

    def resume(self) -> Sealer:
        """A sealer as one that starts: at the last published checkpoint, given every output again."""
        newest = self.follow_history().newest
        last = newest.checkpoint if newest else begin_log(self.origin, self.partitions)
        self.sealer = Sealer(self.directory, self.keys, last, self.publish)
        for partition, part in self.outputs:
            self.sealer.add_part(partition, part)
        for one in self.figures:
            self.sealer.add_figure(one)
        return self.sealer

    def name_head(self) -> FollowedHead:
        """Its last checkpoint, as a log that follows it names it."""
        history = self.follow_history()
        assert history.newest is not None
        assert history.signing_key is not None
        return FollowedHead(history.signing_key, *history.newest.checkpoint[1:3])

    def begin_after(self, head: FollowedHead, *signers: SigningKey) -> None:
        """Begin by a checkpoint of no leaves, which says that it follows another log; these sign it too."""
        first = begin_log(self.origin, self.partitions)._replace(figures=0, follows=head)
        note = self.keys.sign_text(first.write_text(), None)
        for one in signers:
            note = note.add_signature(sign_note(note.text, one))
        self.publish(note)
        self.resume()

    def publish(self, note: SignedNote) -> None:
        """Keep a note."""
        self.published.append(str(note).encode())

    def write(self, partition: int, *values: bytes, topic: str = ENTRIES) -> None:
        """Let the ledger write outputs."""
        for value in values:
            found = read_part(value, partition, len(self.outputs), topic)
            self.outputs.append((partition, found))
            self.sealer.add_part(partition, found)

    def publish_figures(self, *notes: str) -> None:
        """Let somebody publish a figure with each of these notes; offsets are uneven: something else lies between."""
        for note in notes:
            leaf_hash = FIGURES.hash_figure(encode_figure(make_published_figure(note=note), pin_ids()))
            assert leaf_hash is not None
            self.figures.append(SealedOutput(2 * len(self.figures) + 1, leaf_hash))
            self.sealer.add_figure(self.figures[-1])

    def publish_unmarked(self) -> None:
        """Seal what is ready as an older version does: without the line of figures."""
        write = Checkpoint.write_text
        with patch.object(Checkpoint, "write_text", lambda one: write(one._replace(figures=None))):
            self.sealer.seal_ready()
        self.resume()

    def fill_positions(self, partition: int, first: int, end: int) -> None:
        """Let it write an entry for each of these positions; every fifth is refused."""
        for offset in range(first, end):
            refused = offset % 5 == 4
            value = make_rejection(partition, offset) if refused else make_entry(partition, offset)
            self.write(partition, value, topic=REJECTED if refused else ENTRIES)

    def follow_history(self, **options: Any) -> CheckpointHistory:
        """What a reader makes of what was published."""
        history = CheckpointHistory(options.get("keys") or self.keys.list_verifiers())
        history.follow_all(self.list_records())
        return history

    def list_records(self) -> list[AppendedRecord]:
        """What was published, as records."""
        return [AppendedRecord("soc.checkpoints", 0, at, 1_000 + at, note) for at, note in enumerate(self.published)]

    def list_checkpoints(self) -> list[Checkpoint]:
        """The checkpoints that count."""
        return [one.checkpoint for one in self.follow_history().checkpoints]

    def list_files(self) -> dict[str, bytes]:
        """Every file of the log that is served."""
        root = self.directory.path
        return {
            str(file.relative_to(root)): file.read_bytes()
            for file in sorted(root.rglob("*"))
            if file.is_file() and file.relative_to(root).parts[0] in ("tile", "checkpoint", "index")
        }


def join_outputs(made: MadeLog) -> list[tuple[int, SealedOutput]]:
    """The outputs as they are read from the topics again."""
    found = []
    for partition in range(made.partitions):
        chain = SealingChain()
        for number, part in made.outputs:
            if number == partition:
                chain.add_part(part)
                found += [(partition, one) for one in chain.follow_links()]
    return found + [(FIGURE_LEAVES, one) for one in made.figures]


def read_key(made: MadeLog) -> SigningKey:
    """Its secret key."""
    key = read_secret_key(made.key_file)
    assert key is not None
    return key


def make_next(old: MadeLog, path: Path, *, signed: bool = True, origin: str = NEXT, **named: Any) -> MadeLog:
    """A log that says that it follows the old one, and seals 12 outputs; ``named`` is what it says otherwise."""
    made = MadeLog(path, origin=origin)
    made.begin_after(old.name_head()._replace(**named), *([read_key(old)] if signed else []))
    made.fill_positions(1, 0, 12)
    made.sealer.seal_ready()
    return made
