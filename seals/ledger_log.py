"""The log as its readers find it: the checkpoints of the topic, followed; the outputs that they seal; the files.

``open_log`` reads every checkpoint; ``LedgerLog`` then answers which leaf a position is, and proves it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import Final, NamedTuple

from infra.settings import Settings
from ledger.errors import Misuse, Unavailable
from proofs.checkpoints import Checkpoint
from proofs.keys import VerifierKey
from schemas.codec import Codec
from schemas.registry import resolve_ids
from seals.chain import SealedOutput, SealingChain
from seals.directory import LogFiles, SealDirectory
from seals.figures import read_figure_leaves
from seals.history import CheckpointHistory, SealedCheckpoint
from seals.index import OutputPosition, SealIndex
from seals.keys import locate_seals, read_verifiers
from seals.leaves import FIGURE_LEAVES
from seals.outputs import RECORD_NAMES, AppendedRecord, NoOutput, PartReader
from seals.proving import InclusionProof, prove_leaf
from seals.topics import PATIENCE_SECONDS, TopicTail, find_checkpoint_end, read_checkpoint_records

NEWEST_RECORDS: Final = 1_000  # of the topic, transactions' markers among them


class SealedPosition(NamedTuple):
    """A proved position: the checkpoint that proves it, and the proof."""

    sealed: SealedCheckpoint
    proof: InclusionProof


@dataclass(frozen=True, slots=True)
class LedgerLog:
    """A ledger's log: its checkpoints, its files, and which leaf is which position."""

    history: CheckpointHistory
    files: LogFiles
    index: SealIndex

    def prove_figure(self, offset: int, leaf_hash: bytes) -> SealedPosition:
        """Prove that a record of ``soc.figures`` is sealed, by the newest checkpoint, as ``prove_position`` does."""
        newest, leaf = self.history.newest, self.index.find_leaf(OutputPosition(FIGURE_LEAVES, offset))
        if newest is None or leaf is None or leaf >= newest.checkpoint.size:
            raise Unavailable(
                "the published figure is not sealed yet: wait a moment, and see `disruptions audit seals`"
            )
        return SealedPosition(newest, prove_leaf(self.files, newest.checkpoint, leaf, leaf_hash))

    def prove_position(self, place: OutputPosition, leaf_hash: bytes) -> SealedPosition:
        """Prove that the output of a position is sealed, by the newest checkpoint.

        Args:
            place: of the published event.
            leaf_hash: of its output, as ``seals.leaves`` makes it from the output's bytes.

        Raises:
            Unavailable: it is not sealed yet, or the tiles cannot be read.
            NotValid: another output is sealed there, or none, or a tile is not what it was.
        """
        newest = self.history.newest
        if newest is None or not newest.checkpoint.has_position(*place):
            raise Unavailable(f"position {place.partition}:{place.offset} is not sealed yet: wait a moment")
        leaf = self.index.find_leaf(place)
        if leaf is None or leaf >= newest.checkpoint.size:
            raise Misuse(
                f"position {place.partition}:{place.offset} has no leaf in the index beside the tiles: it has no "
                "output of its own, or the index is another log's (the sealer makes it again when it starts)"
            )
        return SealedPosition(newest, prove_leaf(self.files, newest.checkpoint, leaf, leaf_hash))


def open_log(
    settings: Settings,
    keys: Sequence[VerifierKey] = (),
    files: LogFiles | None = None,
    *,
    newest_only: bool = False,
    patience: float = PATIENCE_SECONDS,
) -> LedgerLog:
    """Open the log of a ledger: every checkpoint in ``soc.checkpoints`` is read and followed.

    Args:
        settings: where the broker and the log's directory are.
        keys: the log's verifier keys that the reader trusts; those of the log's directory unless given.
        files: the log's tiles; those of its directory unless given.
        newest_only: read the last ones alone, which prove what is sealed as well as all do: quick after years, but
            nothing is said of the checkpoints before.
        patience: for so many seconds the broker may say nothing.

    Raises:
        Misuse: no verifier key is known.
        Unavailable: the broker did not answer.
    """
    seals = locate_seals(settings)
    trusted = keys or find_verifiers(seals)
    history = _follow_newest(settings, trusted, patience) if newest_only else None
    if history is None or history.newest is None:
        history = CheckpointHistory(trusted)
        history.follow_all(read_checkpoint_records(settings, patience=patience))
    return LedgerLog(history, files or SealDirectory(seals), SealIndex(seals))


def _follow_newest(settings: Settings, keys: Sequence[VerifierKey], patience: float) -> CheckpointHistory:
    """Follow the last records, by the newest key: what an older one signed there may be somebody else's by now."""
    history = CheckpointHistory(keys[-1:])
    first = max(0, find_checkpoint_end(settings, patience) - NEWEST_RECORDS)
    history.follow_all(read_checkpoint_records(settings, first, patience))
    return history


def find_verifiers(seals: Path) -> list[VerifierKey]:
    """Find the verifier keys of a log's directory. Raises Misuse where it has none."""
    found = read_verifiers(seals)
    if not found:
        raise Misuse(f"{seals} has no verifier keys: nothing is sealed here; name the log's key, or its directory")
    return found


def read_sealed(settings: Settings, checkpoint: Checkpoint) -> Iterator[tuple[int, SealedOutput]]:
    """Read what a checkpoint seals from the topics: outputs as ``read_outputs`` does, then the figures.

    Raises:
        NotValid: there are not so many figures as it seals.
        Unavailable: as ``read_outputs``.
    """
    yield from read_outputs(settings, checkpoint.positions)
    for one in read_figure_leaves(settings, resolve_ids(settings), checkpoint.sealed_figures):
        yield FIGURE_LEAVES, one


def read_outputs(settings: Settings, positions: Sequence[int]) -> Iterator[tuple[int, SealedOutput]]:
    """Read the outputs before these positions from the topics, partition after partition, each in order.

    Raises:
        Unavailable: the broker or the registry did not answer, or an output is missing that was sealed.
    """
    reader = PartReader(Codec(resolve_ids(settings)))
    tails = {topic: TopicTail(settings, {}) for topic in RECORD_NAMES}
    try:
        for partition, position in enumerate(positions):
            for one in _join_outputs(reader, _merge_topics(tails, partition), position):
                yield partition, one
    finally:
        for tail in tails.values():
            tail.close()


def _merge_topics(tails: Mapping[str, TopicTail], partition: int) -> Iterator[AppendedRecord]:
    """Read a partition of both topics, what was appended first before what was appended later."""
    for topic, tail in tails.items():
        tail.assign_places({(topic, partition): 0})
    return merge(*(tail.read_rest() for tail in tails.values()), key=lambda one: one.appended_at)


def _join_outputs(reader: PartReader, records: Iterator[AppendedRecord], position: int) -> Iterator[SealedOutput]:
    chain, partition = SealingChain(), -1
    for record in records:
        part, partition = reader.read_part(record), record.partition
        if not isinstance(part, NoOutput) and part.offset < position:
            chain.add_part(part)
            yield from chain.follow_links()
        if chain.position >= position:
            return
    if chain.position < position:
        raise Unavailable(
            f"partition {partition}: the output that follows position {chain.covered} was sealed, and is not in "
            "soc.entries or soc.rejected: records were deleted"
        )
